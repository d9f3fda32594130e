"""Toy data in the experiments: what fits networks to it, and what is measured."""

import dataclasses
from collections.abc import Callable

import numpy as np

from keras_mdgan.metrics import mode_coverage
from keras_mdgan.metrics.modes import nearest_centers


@dataclasses.dataclass(frozen=True)
class ToyData:
    """A toy data set and the numbers that fit networks to it.

    Args:
        make: returns the data set.
        output_range: the generator's bound, in the data's units.
        scale: what the discriminator multiplies data by, so that all data sets have
            about the grid's width, to which noise and frequencies refer.
        dim: the data's dimension.
        changes: by a setting's name, what it has for this data set instead.
    """

    make: Callable
    output_range: float | None = None
    scale: float = 1.0
    dim: int = 2
    changes: dict = dataclasses.field(default_factory=dict)

    default_setting = "ours"

    def has(self, setting) -> bool:
        """Whether a setting is one for this kind of data."""
        return setting.kind == "toy"

    @property
    def measures(self):
        """What is measured of samples."""
        return ToyMeasures(self)


class ToyMeasures:
    """Modes, quality and width of 2,500 samples a run.

    Args:
        data: a `ToyData`.
    """

    columns = (
        ("modes", "modes", 1),
        ("modes_strict", "modes >= 20", 1),
        ("high_quality", "high quality %", 2),
        ("kl", "KL", 3),
        ("spread", "spread", 3),
    )
    published_title = "modes / %"
    introduction = (
        "2,500 samples a run; a sample is of high quality within 3 standard deviations "
        "of the nearest mode, a mode is found by one such sample, or, stricter, by 20. "
        "KL: divergence of their histogram over the modes from the uniform one. "
        "Spread: their root mean square radius in units of the true one. "
        "See `keras_mdgan.metrics.mode_coverage`.\n"
    )

    def __init__(self, data: ToyData):
        self.data, self.truth = data, data.make()

    def prepare(self) -> None:
        """Get ready what is compared with, before hours of training."""

    def samples(self, gan, seed: int, last: bool = True) -> np.ndarray:
        """The samples `(2500, dim)` in which a run's modes are counted."""
        return gan.sample(2500, seed=10_000 + seed)

    def figures(self, samples) -> dict:
        """What a record says of the samples."""
        coverage = mode_coverage(samples, self.truth)
        names = ("modes", "modes_strict", "n_modes", "high_quality", "kl", "spread")
        return {name: round(float(getattr(coverage, name)), 4) for name in names} | {
            "counts": list(coverage.counts)
        }

    def line(self, figures: dict) -> str:
        """Figures for a line of the progress report."""
        return (
            f"modes {figures['modes']:.0f} (>=20: {figures['modes_strict']:.0f})  "
            f"high quality {figures['high_quality']:.1f} %  KL {figures['kl']:.3f}  "
            f"spread {figures['spread']:.2f}"
        )

    def by_seed(self, figures: dict) -> str:
        """The figures that the list of seeds shows."""
        return (
            f"{figures['modes_strict']:.0f} / {figures['high_quality']:.2f} / "
            f"{figures['kl']:.3f} / {figures['spread']:.2f}"
        )

    by_seed_title = "modes >= 20 / high quality % / KL / spread"

    def kept(self, samples) -> np.ndarray:
        """What is kept of samples for a figure, `(n, 2)`.

        Samples of two dimensions themselves; of others, which would fill the disk, the
        index of the nearest mode and the distance from its centre.
        """
        if samples.shape[1] == 2:
            return samples.astype("float16")
        kept = np.column_stack(nearest_centers(samples, self.truth.centers))
        return kept.astype("float16")

    def of_true_data(self) -> list[dict]:
        """Figures of true data, for 20 draws."""
        draws = (self.truth.sample(2500, seed=seed) for seed in range(20))
        return [self.figures(samples) for samples in draws]

    def draw(self, kept: dict[str, np.ndarray], path) -> None:
        """Write a panel of samples, the true ones first."""
        from keras_mdgan import plotting

        kept = {name: values.astype("float32") for name, values in kept.items()}
        true = self.kept(self.truth.sample(2500, seed=0)).astype("float32")
        draw = plotting.panel if self.data.dim == 2 else plotting.distance_panel
        draw({"true data": true, **kept}, self.truth, columns=6, path=path)
