"""What a repeated experiment is, and the measures of the papers that have their own."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from keras import ops

import keras_mdgan as km
from keras_mdgan import metrics
from keras_mdgan.datasets import dataset, to_unit_range
from keras_mdgan.datasets.serving import serve
from keras_mdgan.experiments.measures import Measures
from keras_mdgan.metrics.image_bytes import to_bytes


@dataclasses.dataclass(frozen=True)
class Trial:
    """A row of an experiment's table: a model with options.

    Args:
        model: a key of `keras_mdgan.recipes.METHODS`.
        options: further arguments of the model, as in `Setting.build`.
        label: its name in the table; by default the model's.
        published: the published figures.
    """

    model: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    label: str = ""
    published: str = "-"


@dataclasses.dataclass(frozen=True)
class Experiment:
    """A published experiment.

    Args:
        title: the title of its section.
        text: what the paper did, and what differs here.
        trials: a function from the data set's number of classes to the rows.
        data: the names of its data sets; the first is the default.
        settings: the default setting for each kind of data.
        published: the title of the column of published figures.
        measures: a subclass of `Measures`; `None` for those of the data set.
    """

    title: str
    text: str
    trials: Callable[[int], tuple[Trial, ...]]
    data: tuple[str, ...]
    settings: Mapping[str, str]
    published: str = "published"
    measures: type[Measures] | None = None

    def trials_on(self, data: str) -> tuple[Trial, ...]:
        """The rows for a data set."""
        return self.trials(dataset(data).n_classes)


class OnceMeasures(Measures):
    """Base of measures that are made once, of the trained model."""

    during_training = False
    by_seed_title = published_title = ""

    def samples(self, gan, seed, last=True):
        """Generated images, float32 in [-1, 1]."""
        parts = metrics.generated(gan, self.n, seed=10_000 + seed)
        return np.concatenate(list(parts))

    def line(self, figures):
        return self.by_seed(figures)

    def by_seed(self, figures):
        shown = [f"{title} {figures[key]:.{n}f}" for key, title, n in self.columns]
        return ", ".join(shown)

    def kept(self, samples):
        return None

    def of_true_data(self):
        return []

    @functools.cached_property
    def test_images(self) -> np.ndarray:
        """The test images in random order, float32 in [-1, 1]."""
        images = self.data.test_images()
        order = np.random.default_rng(0).permutation(len(images))
        return to_unit_range(images[order])

    def train_images(self, n: int) -> np.ndarray:
        """The first training images, float32 in [-1, 1]."""
        return to_unit_range(serve(*self.data.load(), "numpy")[0][:n])


class ModeScores(OnceMeasures):
    """Scores of generated digits by a classifier of the data's own classes."""

    n = 2_000
    columns = (
        ("mode_score", "MODE score", 3),
        ("inception_score", "Inception score", 3),
        ("class_recall", "recall, mean of the classes", 3),
        ("lowest_class_recall", "lowest of the classes", 3),
    )

    @property
    def introduction(self):
        return (
            f"{self.n:,} generated images a run against as many test images, by the "
            "shipped classifier of digits; 10 is the highest score. Recall with 3 "
            "neighbours, for the test images of each class apart."
        )

    def prepare(self):
        self._real  # noqa: B018 - computed before the training

    @functools.cached_property
    def _real(self):
        """Features and labels of test images."""
        images, labels = serve(*self.data.load(split="test"), "numpy")
        order = np.random.default_rng(0).permutation(len(images))[: self.n]
        return self._features(images[order], "test"), labels[order]

    def _features(self, images, name):
        extractor = metrics.extractor(self.data.extractor)
        return extractor.features(to_bytes(images), name, batch_size=250)

    def figures(self, samples):
        real, labels = self._real
        fake = self._features(samples, "generated")
        recall = metrics.class_recall(real, fake, labels)
        return {
            "n_fake": len(fake),
            "n_real": len(real),
            "mode_score": float(
                metrics.mode_score(fake.probabilities, real.probabilities)
            ),
            "inception_score": float(metrics.inception_score(fake.probabilities)),
            "class_recall": recall.value,
            "lowest_class_recall": min(r for r in recall.recalls if r is not None),
        }

    def of_true_data(self):
        return [self.figures(self.train_images(self.n))]

    def figure(self, records, kept, path):
        """The histogram of the scores; a label is a model's name, a comma, the rest."""
        from keras_mdgan import plotting

        values = {}
        for label, found in records.items():
            scores = values.setdefault(label.split(",")[0], [])
            scores.extend(record["mode_score"] for record in found)
        plotting.histogram(values, label="MODE score", path=path)
        return True


class MissingModes(OnceMeasures):
    """Test images that a third-party discriminator does not find among samples."""

    n, epochs = 4_000, 2
    noises = (3.5, 4.0)  # of the paper's table 3
    columns = (
        ("missing_3.5", "missing, sigma 3.5", 0),
        ("missing_4.0", "missing, sigma 4.0", 0),
        ("score_3.5", "mean score, sigma 3.5", 3),
        ("score_4.0", "mean score, sigma 4.0", 3),
    )

    @property
    def introduction(self):
        return (
            f"A discriminator without normalisation learns for {self.epochs} passes to "
            f"tell {self.n:,} training images from as many generated ones, under "
            "Gaussian noise (images are in [-1, 1]). It then scores the test images "
            "without noise: 0.5 is expected of a perfect generator, and above 0.95 an "
            "image is on a missing mode. See `keras_mdgan.metrics.missing_modes`."
        )

    def prepare(self):
        self.test_images  # noqa: B018 - found before the training

    def figures(self, samples):
        images, found = self.train_images(self.n), {}
        found |= {"n_fake": len(samples), "n_real": len(images)}
        found["n_held_out"] = len(self.test_images)
        for noise in self.noises:
            missing = metrics.missing_modes(
                samples,
                images,
                self.test_images,
                network=km.networks.compact_discriminator(images.shape[1:], seed=1),
                noise_std=noise,
                epochs=self.epochs,
                batch_size=min(128, 2 * len(images)),
            )
            found[f"missing_{noise}"] = missing.value
            found[f"score_{noise}"] = float(missing.scores.mean())
        return found

    def of_true_data(self):
        return [self.figures(self.train_images(2 * self.n)[-self.n :])]


class Inference(OnceMeasures):
    """Real images, and the nearest that a generator can make and has made."""

    n, n_images, steps, starts, n_kept = 5_000, 50, 60, 3, 10
    columns = (("ivom", "IvOM", 5), ("nearest", "nearest sample", 5))

    @property
    def introduction(self):
        return (
            f"Mean squared error a pixel of images in [0, 1], over {self.n_images} "
            "test images. IvOM: of the images of the best latents that L-BFGS finds "
            f"({self.starts} starts, {self.steps} steps). Nearest sample: of the "
            f"nearest among {self.n:,} samples."
        )

    def prepare(self):
        self.test_images  # noqa: B018 - found before the training

    def samples(self, gan, seed, last=True):
        """The images found by search, and the nearest samples: `(2, n_images, ...)`."""
        real = self.test_images[: self.n_images]
        found = metrics.inference_via_optimization(
            gan, real, steps=self.steps, starts=self.starts, batch_size=64, seed=seed
        )
        made = ops.convert_to_numpy(gan(found.latents, training=False))
        samples = super().samples(gan, seed)
        return np.stack([np.asarray(made, "float32"), samples[_nearest(real, samples)]])

    def figures(self, samples):
        real = self.test_images[: self.n_images]
        # 4: from [-1, 1] to the unit [0, 1] of the published figures.
        errors = np.square(samples - real).reshape(2, len(real), -1).mean(axis=-1) / 4
        return {
            "n_real": len(real),
            "n_fake": self.n,
            "ivom": float(errors[0].mean()),
            "ivom_deviation": float(errors[0].std()),
            "nearest": float(errors[1].mean()),
        }

    def kept(self, samples):
        """The images of the first test images, uint8: `(2, n_kept, ...)`."""
        first = samples[:, : self.n_kept]
        parts = [to_bytes(part) for part in first]
        return np.stack(parts)

    def figure(self, records, kept, path):
        """A row of real images; below, each method's nearest samples, then IvOM's."""
        from keras_mdgan import plotting

        if not kept:
            return False
        rows = {"real images": to_bytes(self.test_images[: self.n_kept])}
        for place, what in ((1, "nearest sample"), (0, "IvOM")):
            rows |= {f"{name}, {what}": images[place] for name, images in kept.items()}
        images = np.concatenate(list(rows.values()))
        plotting.image_grid(images, len(rows), names=list(rows), path=path)
        return True


def _nearest(real, samples):
    """The index of the sample nearest to each real image, `(n_real,)`."""
    x, y = (a.reshape(len(a), -1).astype("float64") for a in (real, samples))
    return np.argmin(np.sum(y**2, axis=1) - 2 * x @ y.T, axis=1)
