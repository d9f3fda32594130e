"""The measures of a run's samples: the base class, and the measures of points."""

import warnings

import numpy as np

from keras_mdgan.metrics import clustering, clusters_of, mode_coverage
from keras_mdgan.metrics.clustering import CLUSTER_FIGURES, require_clustering
from keras_mdgan.metrics.label_accuracy import accuracy_of
from keras_mdgan.metrics.modes import (
    MODE_FIGURES,
    high_quality_radius,
    nearest_centers,
)
from keras_mdgan.training import ConditionalGAN

# Samples for the accuracy of labels, during training and at the end.
_N_LABELLED = {False: 500, True: 2_000}
# Srivastava et al. (2017), section 4.1, for the data of 1,200 dimensions.
PAPERS_RADIUS = 10.0


def of(data, experiment: str = "") -> "Measures":
    """The measures for an entry of `keras_mdgan.datasets.DATASETS`.

    Args:
        data: the entry.
        experiment: a key of `repeats.EXPERIMENTS`, which may have its own.
    """
    from keras_mdgan.experiments import repeats
    from keras_mdgan.experiments.image_measures import ImageMeasures, StackedMeasures

    own = repeats.EXPERIMENTS[experiment].measures if experiment else None
    if own is not None:
        return own(data)
    kinds = {
        "points": PointMeasures,
        "images": ImageMeasures,
        "stacked": StackedMeasures,
    }
    return kinds[data.kind](data)


class Measures:
    """The measures of samples of one data set, and their form in tables.

    Attributes:
        columns: the key in records, the title and the digits of each column.
        by_papers: such columns for figures by the papers' own count. Tables have them
            beside the published figures.
        introduction: the text above the tables.
        published_title: the title of the column of published figures.
        by_seed_title: the title of the list of seeds.
        during_training: whether samples are also measured while a model trains.

    Args:
        data: an entry of `keras_mdgan.datasets.DATASETS`.
    """

    columns: tuple[tuple[str, str, int], ...]
    by_papers: tuple[tuple[str, str, int], ...] = ()
    introduction: str
    published_title: str
    by_seed_title: str
    during_training = True

    def __init__(self, data):
        self.data = data

    def prepare(self) -> None:
        """Load or compute the data to compare with, before hours of training."""

    def samples(self, gan, seed: int, last: bool = True) -> np.ndarray:
        """The samples to measure; `last=False` during training."""
        raise NotImplementedError

    def figures(self, samples) -> dict:
        """The figures of the samples for a record."""
        raise NotImplementedError

    def of_model(self, gan, last: bool = True) -> dict:
        """Figures of the model itself for a record; by default none.

        Args:
            gan: the model.
            last: `False` during training.
        """
        return {}

    def of_labels(self, gan, classify, last: bool = True) -> dict:
        """The accuracy of a conditional model's labels; of another model none.

        Args:
            gan: the model.
            classify: a function from samples to their classes.
            last: `False` during training.
        """
        if not isinstance(gan, ConditionalGAN):
            return {}
        found = accuracy_of(gan, classify, _N_LABELLED[last])
        each = [None if a is None else round(a, 4) for a in found.accuracies]
        return {"label_accuracy": round(found.value, 4), "label_accuracies": each}

    def of_clusters(self, gan, images, labels) -> dict:
        """How well the clusters of a model's corners agree with the images' classes.

        Args:
            gan: the model.
            images: `(n, height, width, channels)`, as the networks take them.
            labels: integers `(n,)`.

        Returns:
            The figures; without the packages of `metrics.clustering`, none and a
            warning.
        """
        try:
            require_clustering()
        except ImportError as error:
            warnings.warn(f"Clusters are not measured. {error}", stacklevel=2)
            return {}
        found = clustering(labels, clusters_of(gan, images))
        figures = {k: getattr(found, name) for k, name in CLUSTER_FIGURES.items()}
        return {**figures, "clusters": found.n_clusters}

    def line(self, figures: dict) -> str:
        """A line of the progress report with the figures."""
        raise NotImplementedError

    def by_seed(self, figures: dict) -> str:
        """The figures in the form of the list of seeds."""
        raise NotImplementedError

    def kept(self, samples) -> np.ndarray | None:
        """The part of the samples that is kept for drawing, or `None`."""
        raise NotImplementedError

    def of_true_data(self) -> list[dict]:
        """The figures of true data, for each of several draws."""
        raise NotImplementedError

    def draw(self, kept: dict[str, np.ndarray], path) -> None:
        """Draw the kept samples of each method, after the true data, to a file."""
        raise NotImplementedError

    def notes(self, kept: dict[str, np.ndarray], published: dict) -> list[str]:
        """Lines to stand below the table of a setting; by default none.

        Args:
            kept: the kept samples of seed 0 of each method.
            published: the published figures of each method.
        """
        return []

    def figure(self, records, kept, path) -> bool:
        """Draw a figure of the records and kept samples of each label; whether it did.

        Args:
            records: the records of each label.
            kept: the kept samples of seed 0, of the labels that have some.
            path: the file of the figure.
        """
        return False


class PointMeasures(Measures):
    """Modes, quality and width of 2,500 samples per run."""

    columns = (
        ("modes_strict", "modes", 1),
        ("high_quality", "high quality %", 2),
        ("kl", "KL", 3),
        ("spread", "spread", 3),
    )
    by_papers = (("modes", "modes by one sample", 1),)
    published_title = "modes by one sample / %"
    by_seed_title = "modes / high quality % / KL / spread"
    introduction = (
        "2,500 samples a run; a sample is of high quality within 3 standard deviations "
        "of the nearest mode, a mode is found by 20 such samples. The papers count a "
        "mode by one; their figures stand beside ours by that count. "
        "KL: divergence of their histogram over the modes from the uniform one. "
        "Spread: their root mean square radius in units of the true one. "
        "See `keras_mdgan.metrics.mode_coverage`.\n"
    )

    def __init__(self, data):
        super().__init__(data)
        self.truth = data.make()

    def samples(self, gan, seed, last=True):
        """The samples `(2500, dim)` of which the modes are counted."""
        return gan.sample(2500, seed=10_000 + seed)

    def figures(self, samples):
        coverage = mode_coverage(samples, self.truth)
        names = ("n_modes", *MODE_FIGURES)
        return {name: round(float(getattr(coverage, name)), 4) for name in names} | {
            "counts": list(coverage.counts)
        }

    def of_model(self, gan, last=True):
        """The accuracy of labels, which are modes."""
        centers = self.truth.centers
        return self.of_labels(gan, lambda x: nearest_centers(x, centers)[0], last)

    def line(self, figures):
        return (
            f"modes {figures['modes_strict']:.0f} (by one sample: "
            f"{figures['modes']:.0f})  high quality {figures['high_quality']:.1f} %  "
            f"KL {figures['kl']:.3f}  spread {figures['spread']:.2f}"
        )

    def by_seed(self, figures):
        return (
            f"{figures['modes_strict']:.0f} / {figures['high_quality']:.2f} / "
            f"{figures['kl']:.3f} / {figures['spread']:.2f}"
        )

    def kept(self, samples):
        """Two-dimensional samples unchanged, `(n, 2)`.

        Samples of more dimensions would fill the disk. For these it is the index of the
        nearest mode and the distance from its centre.
        """
        if samples.shape[1] == 2:
            return samples.astype("float16")
        kept = np.column_stack(nearest_centers(samples, self.truth.centers))
        return kept.astype("float16")

    def of_true_data(self):
        draws = (self.truth.sample(2500, seed=seed) for seed in range(20))
        return [self.figures(samples) for samples in draws]

    def draw(self, kept, path):
        from keras_mdgan import plotting

        kept = {name: values.astype("float32") for name, values in kept.items()}
        true = self.kept(self.truth.sample(2500, seed=0)).astype("float32")
        draw = plotting.panel if self.data.dim == 2 else plotting.distance_panel
        draw({"true data": true, **kept}, self.truth, columns=4, path=path)

    def notes(self, kept, published):
        """Both rules of counting, for data of more than two dimensions."""
        from keras_mdgan.experiments.tables import table

        if self.data.dim == 2:
            return []
        ours = high_quality_radius(3.0, self.truth.intrinsic_dim)
        true = self.kept(self.truth.sample(2500, seed=0))
        rows = [
            [name, *[self._within(near, r) for r in (ours, PAPERS_RADIUS)], theirs]
            for name, near, theirs in [
                ("true data", true, "-"),
                *[(model, near, published[model]) for model, near in kept.items()],
            ]
        ]
        low, high = np.quantile(true[:, 1] / self.truth.std, (0.001, 0.999))
        return [
            "\nVEEGAN's paper counts samples of these data within "
            f"{PAPERS_RADIUS:g} standard deviations of a centre. A Gaussian of "
            f"{self.truth.intrinsic_dim} dimensions lies between {low:.0f} and "
            f"{high:.0f} of them, so true data score 0 % by that rule: it counts "
            "samples that are nearer to the centres than any data. The table above "
            f"counts within {ours:.1f}, the ball with the share that 3 have in two "
            "dimensions. By both rules, seed 0, modes with at least one sample / "
            "percent of samples:\n",
            *table(
                [
                    "model",
                    f"within {ours:.1f}",
                    f"within {PAPERS_RADIUS:g}",
                    "published",
                ],
                rows,
            ),
        ]

    def _within(self, near, radius):
        nearest, distances = near.astype("float64").T
        good = distances <= radius * self.truth.std
        return f"{len(np.unique(nearest[good]))} / {100 * good.mean():.1f}"
