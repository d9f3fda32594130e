"""Image data sets in the experiments, and what is measured of generated images."""

import dataclasses
import functools
import os
from collections.abc import Callable

import numpy as np

from keras_mdgan import datasets, metrics

# Given by the command line: another network for the features than the data set's own.
EXTRACTOR_VARIABLE = "KERAS_MDGAN_EXTRACTOR"


@dataclasses.dataclass(frozen=True)
class ImageData:
    """A data set of images and what experiments on it need to know.

    Args:
        name: of `keras_mdgan.datasets.load`; what real images are compared.
        shape: of an image, `(height, width, channels)`.
        measures_of: makes its measures from the data.
        extractor: name of the network that computes the features.
        changes: by a setting's name, what it has for this data set instead.
    """

    name: str
    shape: tuple[int, int, int]
    measures_of: Callable
    extractor: str = "inception"
    changes: dict = dataclasses.field(default_factory=dict)

    default_setting = "papers"
    kind = "images"

    def has(self, setting) -> bool:
        """Whether a setting is one for this kind of data."""
        return setting.kind == self.kind

    @property
    def measures(self):
        """What is measured of samples."""
        return self.measures_of(self)

    def make(self) -> "ImageData":
        return self

    def as_dataset(self, n: int, batch_size: int, seed: int = 0):
        """The first `n` training images for `fit`, in an order that `seed` decides."""
        images, _ = datasets.load(self.name)
        return datasets.ShuffledBatches(
            images[:n],
            batch_size=batch_size,
            seed=seed,
            transform=datasets.to_unit_range,
        )


@dataclasses.dataclass(frozen=True)
class StackedData(ImageData):
    """Stacked MNIST: the seed also draws the digits of as many images as asked for."""

    default_setting = "stacked_half"
    kind = "stacked"

    def as_dataset(self, n: int, batch_size: int, seed: int = 0):
        return datasets.stacked_mnist(n, seed).as_dataset(batch_size, seed)


class ImageMeasures:
    """Distances between 10,000 generated images and the test images.

    While a run trains, 2,000 images are measured.

    Args:
        data: an `ImageData`.
    """

    n, n_between = 10_000, 2_000
    columns = (
        ("frechet_distance", "Frechet distance", 2),
        ("kernel_distance", "kernel distance x 1000", 2),
        ("precision", "precision", 3),
        ("recall", "recall", 3),
        ("density", "density", 3),
        ("coverage", "coverage", 3),
    )
    published_title = "FID (Inception)"
    by_seed_title = "Frechet distance / precision / recall"

    def __init__(self, data: ImageData):
        self.data = data

    @property
    def introduction(self) -> str:
        return (
            f"{self.n:,} generated images a run against as many test images of "
            f"{self.data.name}; features of `{self.extractor.label}`"
            + (
                ""
                if self.extractor.name == "inception"
                else ", not of Inception: these are no FIDs, and compare with each "
                "other alone"
            )
            + ". Precision and recall with 3 neighbours, density and coverage with 5. "
            "See `keras_mdgan.metrics`.\n"
        )

    @property
    def extractor(self):
        return metrics.extractor(
            os.environ.get(EXTRACTOR_VARIABLE) or self.data.extractor
        )

    def prepare(self) -> None:
        """Get ready what is compared with, before hours of training.

        Raises:
            FileNotFoundError: if the network's weights or the data are nowhere.
        """
        _real_features(self.data.name, self.extractor)

    def samples(self, gan, seed: int, last: bool = True) -> np.ndarray:
        """The generated images that are measured, uint8 as image files have them."""
        n = self.n if last else self.n_between
        parts = metrics.generated(gan, n, seed=10_000 + seed)
        return np.concatenate([to_bytes(part) for part in parts])

    def figures(self, samples) -> dict:
        """What a record says of the samples."""
        real = _real_features(self.data.name, self.extractor)
        fake = self.extractor.features(samples, "generated", batch_size=250)
        few = len(samples) < self.n
        found = {
            "n_fake": len(fake),
            "extractor": self.extractor.label,
            "frechet_distance": float(metrics.frechet_distance(real, fake)),
        }
        if not few:
            found["n_real"] = len(real)
            size = min(1000, len(real), len(fake))
            kernel = metrics.kernel_distance(real, fake, subset_size=size)
            neighbours = metrics.precision_recall(real, fake)
            manifold = metrics.density_coverage(real, fake)
            found |= {
                "kernel_distance": 1000 * kernel.value,
                "precision": neighbours.precision,
                "recall": neighbours.recall,
                "density": manifold.density,
                "coverage": manifold.coverage,
            }
        return found | self._of_labels(real, fake)

    def _of_labels(self, real, fake) -> dict:
        return {}

    def line(self, figures: dict) -> str:
        """Figures for a line of the progress report."""
        return f"Frechet distance {figures['frechet_distance']:.2f}"

    def by_seed(self, figures: dict) -> str:
        """The figures that the list of seeds shows."""
        return (
            f"{figures['frechet_distance']:.2f} / {figures['precision']:.3f} / "
            f"{figures['recall']:.3f}"
        )

    def kept(self, samples) -> np.ndarray:
        """What is kept of samples for a figure: 100 images."""
        return samples[:100]

    def of_true_data(self) -> list[dict]:
        """Figures of training images, in the place of generated ones."""
        images, _ = datasets.load(self.data.name)
        order = np.random.default_rng(0).permutation(len(images))
        return [self.figures(images[np.sort(order[: self.n])])]

    def draw(self, kept: dict[str, np.ndarray], path) -> None:
        """Write a panel of images, real ones first."""
        from keras_mdgan import plotting

        real = datasets.load(self.data.name, split="test")[0][:100]
        plotting.image_panel({"real images": real, **kept}, path=path)


class DigitMeasures(ImageMeasures):
    """The same for MNIST, whose classifier also tells the digits' shares."""

    columns = (
        *ImageMeasures.columns,
        ("mode_score", "MODE score", 3),
        ("label_kl", "KL of the digits", 4),
    )

    def _of_labels(self, real, fake):
        if not self.extractor.name.startswith("mnist"):
            return {}
        shares = np.bincount(datasets.load(self.data.name, split="test")[1])
        labels = fake.probabilities.argmax(axis=1)
        kl = metrics.label_kl(labels, len(shares), reference=shares)
        score = metrics.mode_score(fake.probabilities, real.probabilities)
        return {"mode_score": float(score), "label_kl": kl.value, "counts": kl.counts}


class StackedMeasures(ImageMeasures):
    """Modes of Stacked MNIST among 25,000 images, by the MNIST classifier.

    Args:
        data: a `StackedData`.
    """

    n, n_between = 25_000, 2_500
    columns = (("modes", "modes of 1000", 1), ("kl", "KL", 3))
    published_title = "modes / KL"
    by_seed_title = "modes / KL"
    introduction = (
        "25,000 generated images a run, each channel labelled by the MNIST classifier: "
        "the number of the 1,000 combinations found, and the divergence of their "
        "shares from equal ones in nats. Of 25,000 images that have exactly equal "
        "shares it is .020 in the mean, and MNIST's own digits, which are not equally "
        "frequent, add .004: the row of true data shows what can be reached.\n"
    )

    def prepare(self):
        self.extractor  # noqa: B018 - made, it has its weights

    def figures(self, samples):
        found = self.extractor.features(samples, "generated", batch_size=250)
        labels = metrics.label_kl(found.probabilities.argmax(axis=1), 1000)
        return {
            "n_fake": len(found),
            "extractor": self.extractor.label,
            "modes": labels.modes,
            "kl": labels.value,
        }

    def line(self, figures):
        return f"modes {figures['modes']}  KL {figures['kl']:.3f}"

    def by_seed(self, figures):
        return f"{figures['modes']} / {figures['kl']:.3f}"

    def of_true_data(self):
        draws = (datasets.stacked_mnist(self.n, seed, split="test") for seed in (0, 1))
        return [self.figures(draw[:]) for draw in draws]

    def draw(self, kept, path):
        from keras_mdgan import plotting

        real = datasets.stacked_mnist(100, split="test")[:]
        plotting.image_panel({"real images": real, **kept}, path=path)


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Images in [-1, 1] as uint8, rounded to the nearest level."""
    return np.clip(np.rint(127.5 * (images + 1.0)), 0, 255).astype("uint8")


@functools.cache
def _real_features(name, extractor):
    """Features of the test images: one set in memory for all runs of a process."""
    images, _ = datasets.load(name, split="test")
    order = np.random.default_rng(0).permutation(len(images))[: ImageMeasures.n]
    return extractor.features(images[np.sort(order)], f"{name}/test", batch_size=250)
