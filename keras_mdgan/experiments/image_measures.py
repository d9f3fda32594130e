"""The measures of generated images, one row per measure."""

import dataclasses
import functools
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_mdgan import datasets, metrics
from keras_mdgan.datasets.serving import serve
from keras_mdgan.experiments.measures import Measures
from keras_mdgan.metrics.image_bytes import to_bytes

# Set by the command line: a network for the features instead of the data set's own.
EXTRACTOR_VARIABLE = "KERAS_MDGAN_EXTRACTOR"


class Compared:
    """Features of real and generated images, and results that several measures share.

    Args:
        real: features of the test images.
        fake: features of the generated images.
        data: the entry of `keras_mdgan.datasets.DATASETS`.
    """

    def __init__(self, real, fake, data):
        self.real, self.fake, self.data = real, fake, data

    @functools.cached_property
    def neighbours(self):
        return metrics.precision_recall(self.real, self.fake)

    @functools.cached_property
    def manifold(self):
        return metrics.density_coverage(self.real, self.fake)

    @functools.cached_property
    def clipped(self):
        return metrics.clipped_density_coverage(self.real, self.fake)

    @functools.cached_property
    def labels(self):
        """Labels of the generated images against the training data's shares."""
        shares = np.bincount(datasets.load(self.data.name, split="test")[1])
        found = self.fake.probabilities.argmax(axis=1)
        return metrics.label_kl(found, len(shares), reference=shares)

    def kernel(self):
        size = min(1000, len(self.real), len(self.fake))
        found = metrics.kernel_distance(self.real, self.fake, subset_size=size)
        return 1000 * found.value


@dataclasses.dataclass(frozen=True)
class Measure:
    """A column of the tables.

    Args:
        key: its name in records.
        title: its name in tables. Those without one are in records alone: the published
            records do not have them.
        digits: decimals in tables.
        compute: its value from a `Compared`.
        quick: whether it is also computed during training.
        classified: whether it needs a classifier of the data's own classes.
        further: the name of one more entry of the record, and a function for its value.
    """

    key: str
    title: str
    digits: int
    compute: Callable[[Compared], Any]
    quick: bool = False
    classified: bool = False
    further: tuple[str, Callable[[Compared], Any]] | None = None


MEASURES = (
    Measure(
        "frechet_distance",
        "Frechet distance",
        2,
        lambda c: float(metrics.frechet_distance(c.real, c.fake)),
        quick=True,
    ),
    Measure("kernel_distance", "kernel distance x 1000", 2, Compared.kernel),
    Measure("precision", "precision", 3, lambda c: c.neighbours.precision),
    Measure("recall", "recall", 3, lambda c: c.neighbours.recall),
    Measure("density", "density", 3, lambda c: c.manifold.density),
    Measure("coverage", "coverage", 3, lambda c: c.manifold.coverage),
    Measure(
        "clipped_density",
        "",
        3,
        lambda c: c.clipped.density,
        further=("clipped_coverage", lambda c: c.clipped.coverage),
    ),
    Measure(
        "sliced_wasserstein",
        "",
        4,
        lambda c: float(metrics.sliced_wasserstein(c.real, c.fake)),
    ),
    Measure(
        "mode_score",
        "MODE score",
        3,
        lambda c: float(metrics.mode_score(c.fake.probabilities, c.real.probabilities)),
        quick=True,
        classified=True,
    ),
    Measure(
        "label_kl",
        "KL of the classes",
        4,
        lambda c: c.labels.value,
        quick=True,
        classified=True,
        further=("counts", lambda c: c.labels.counts),
    ),
)


class ImageMeasures(Measures):
    """Distances between 10,000 generated images and the test images.

    During training, only the quick measures are computed, on 2,000 images.
    """

    n, n_between = 10_000, 2_000
    published_title = "FID (Inception)"
    by_seed_title = "Frechet distance / precision / recall"

    @property
    def measures(self) -> list[Measure]:
        """The rows of `MEASURES` for this data set."""
        return [m for m in MEASURES if self.data.classified or not m.classified]

    @property
    def columns(self):
        return tuple((m.key, m.title, m.digits) for m in self.measures if m.title)

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
        chosen = os.environ.get(EXTRACTOR_VARIABLE) or self.data.extractor
        return metrics.extractor(chosen)

    def prepare(self) -> None:
        """Compute the real images' features, before hours of training.

        Raises:
            FileNotFoundError: if the network's weights or the data are not found.
        """
        _real_features(self.data, self.extractor)

    def samples(self, gan, seed, last=True):
        """The generated images to measure, uint8 as in image files."""
        n = self.n if last else self.n_between
        parts = metrics.generated(gan, n, seed=10_000 + seed)
        return np.concatenate([to_bytes(part) for part in parts])

    def figures(self, samples):
        real = _real_features(self.data, self.extractor)
        fake = self.extractor.features(samples, "generated", batch_size=250)
        compared = Compared(real, fake, self.data)
        whole = len(samples) >= self.n
        found = {"n_fake": len(fake), "extractor": self.extractor.label}
        if whole:
            found["n_real"] = len(real)
        # Another network's probabilities are not those of the data's classes.
        own = self.extractor is metrics.extractor(self.data.extractor)
        for measure in self.measures:
            if (whole or measure.quick) and (own or not measure.classified):
                found[measure.key] = measure.compute(compared)
                if measure.further:
                    name, compute = measure.further
                    found[name] = compute(compared)
        return found

    def of_model(self, gan, last=True):
        """How well clusters of test images, and labels asked for, agree with classes.

        Clusters for models that have some and data with classes, if the packages of
        `metrics.clustering` are installed; labels for a `ConditionalGAN` of data that
        the data set's own network classifies.
        """
        found = {}
        own = self.extractor is metrics.extractor(self.data.extractor)
        if self.data.classified and own:
            found = self.of_labels(gan, self._classes_of, last)
        return found | self._of_clusters(gan, last)

    def _classes_of(self, samples):
        found = self.extractor.features(to_bytes(samples), "generated", batch_size=250)
        return found.probabilities.argmax(axis=1)

    def _of_clusters(self, gan, last):
        if not hasattr(gan, "cluster") or self.data.n_classes is None:
            return {}
        images, labels = serve(*self.data.load(split="test"), "numpy")
        n = len(images) if last else self.n_between
        return self.of_clusters(gan, images[:n], labels[:n])

    def line(self, figures):
        return f"Frechet distance {figures['frechet_distance']:.2f}"

    def by_seed(self, figures):
        return (
            f"{figures['frechet_distance']:.2f} / {figures['precision']:.3f} / "
            f"{figures['recall']:.3f}"
        )

    def kept(self, samples):
        """The first 100 images."""
        return samples[:100]

    def of_true_data(self):
        """The figures of training images in the role of generated ones."""
        images, _ = datasets.load(self.data.name)
        order = np.random.default_rng(0).permutation(len(images))
        return [self.figures(images[np.sort(order[: self.n])])]

    def draw(self, kept, path):
        from keras_mdgan import plotting

        real = self.data.test_images()[:100]
        plotting.image_panel({"real images": real, **kept}, path=path)


class StackedMeasures(ImageMeasures):
    """Modes of Stacked MNIST among 25,000 images, by the MNIST classifier."""

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

    def _of_clusters(self, gan, last):
        return {}  # a corner for each of 1,000 combinations is not what it is for

    def line(self, figures):
        return f"modes {figures['modes']}  KL {figures['kl']:.3f}"

    def by_seed(self, figures):
        return f"{figures['modes']} / {figures['kl']:.3f}"

    def of_true_data(self):
        draws = (datasets.stacked_mnist(self.n, seed, split="test") for seed in (0, 1))
        return [self.figures(draw[:]) for draw in draws]


@functools.cache
def _real_features(data, extractor):
    """Features of the test images, kept in memory for all runs of a process."""
    images = data.test_images()
    order = np.random.default_rng(0).permutation(len(images))[: ImageMeasures.n]
    images = images[np.sort(order)]
    return extractor.features(images, f"{data.name}/test", batch_size=250)
