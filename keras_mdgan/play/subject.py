"""A trained generator to play with: a GAN, or the sampler of a SavedModel."""

from typing import NamedTuple

import numpy as np
from keras import ops

import keras_mdgan as km
from keras_mdgan.latents import Categorical, GaussianMixture, Joint, Normal, Signs
from keras_mdgan.training.draws import as_source
from keras_mdgan.validation import check_integer


class Slider(NamedTuple):
    """The range of one latent: from `low` to `high`, in steps of `step`."""

    low: float
    high: float
    step: float


class Subject:
    """One set of methods for GANs and for samplers of SavedModels.

    Examples:
        >>> subject = Subject(km.GAN.from_preset("ring"), "ring")
        >>> subject.generate(subject.latents(3, seed=0)).shape
        (3, 2)

    Args:
        model: a `GAN`, or a `Sampler` of `load_sampler`. A SavedModel does not say what
            its prior is; its latents are taken as uniform on [-1, 1].
        name: the model's name on the page.

    Raises:
        ValueError: if samples are neither points in the plane nor images with 1 or 3
            channels.
    """

    def __init__(self, model, name: str):
        self.model, self.name = model, name
        self.data_shape = tuple(model.data_shape)
        drawable = len(self.data_shape) == 3 and self.data_shape[-1] in (1, 3)
        if self.data_shape != (2,) and not drawable:
            raise ValueError(
                "The page draws points in the plane, and images with 1 or 3 channels. "
                f"Received: {name}, with samples of shape {self.data_shape}"
            )
        self.is_images = drawable
        self.knows_prior = isinstance(model, km.GAN)
        if self.knows_prior:
            self.prior = model.latents
            self.takes_labels = isinstance(model, km.ConditionalGAN)
        else:
            self.prior = km.latents.Uniform(model.latent_shape[0])
            self.takes_labels = model.takes_labels
        has_corners = isinstance(model, km.MixtureDensityGAN)
        self.corners = model.components if has_corners else 0

    def sample(self, n: int, seed: int = 0, label: int | None = None) -> np.ndarray:
        """`n` samples `(n, *data_shape)`; of a class, if the model has classes."""
        n, seed = check_integer("n", n), check_integer("seed", seed, at_least=0)
        given = {"labels": label} if self.takes_labels and label is not None else {}
        return np.asarray(self.model.sample(n, seed=seed, **given))

    def latents(self, n: int, seed: int = 0) -> np.ndarray:
        """`n` latents of the prior, float32 `(n, dim)`."""
        seed = check_integer("seed", seed, at_least=0)
        drawn = self.prior.sample(check_integer("n", n), as_source(seed))
        return np.array(ops.convert_to_numpy(drawn), "float32")

    def generate(self, latents: np.ndarray, label: int | None = None) -> np.ndarray:
        """Samples `(n, *data_shape)` of given latents `(n, dim)`.

        Args:
            latents: float32 `(n, dim)`.
            label: the class, 0 by default, of a model that has classes.
        """
        latents = np.asarray(latents, "float32")
        labels = np.full(len(latents), label or 0, "int32")
        if not self.knows_prior:
            given = [latents, labels] if self.takes_labels else [latents]
            return self.model.generate(*given)
        inputs = [latents, labels] if self.takes_labels else latents
        return np.asarray(self.model.predict_on_batch(inputs), "float32")

    def between(self, first: int, last: int, n: int) -> np.ndarray:
        """Latents `(n, dim)` on the way from one seed's to another's.

        The way is straight. For normal latents it is an arc (spherical linear
        interpolation): the middle of a straight way would be nearer to 0 than latents
        of the prior ever are.

        Args:
            first: the seed of the first latent.
            last: the seed of the last.
            n: how many, at least 2.

        Reference:
            White, Sampling Generative Networks, 2016, section 2.1.
        """
        n = check_integer("n", n, at_least=2)
        a, b = self.latents(1, first)[0], self.latents(1, last)[0]
        share = np.linspace(0.0, 1.0, n, dtype="float32")[:, None]
        straight = (1 - share) * a + share * b
        lengths = np.linalg.norm(a), np.linalg.norm(b)
        if not isinstance(self.prior, Normal) or not min(lengths):
            return straight
        cosine = np.clip(a @ b / (lengths[0] * lengths[1]), -1.0, 1.0)
        angle = np.arccos(cosine)
        if np.sin(angle) < 1e-4:
            return straight
        ways = np.sin((1 - share) * angle), np.sin(share * angle)
        return ((ways[0] * a + ways[1] * b) / np.sin(angle)).astype("float32")

    def sliders(self, most: int = 12) -> list[Slider]:
        """The ranges of the first latents, at most `most`."""
        parts = self.prior.priors if isinstance(self.prior, Joint) else [self.prior]
        return [slider for part in parts for slider in _sliders(part)][:most]

    def clusters(self, samples: np.ndarray) -> np.ndarray:
        """The corner of each sample, integers `(n,)`, of a model with corners."""
        return km.metrics.clusters_of(self.model, samples)


def _sliders(prior):
    if isinstance(prior, Joint):
        return [slider for part in prior.priors for slider in _sliders(part)]
    if isinstance(prior, Signs):
        each = Slider(-1.0, 1.0, 2.0)
    elif isinstance(prior, Categorical):
        each = Slider(0.0, 1.0, 1.0)
    elif isinstance(prior, Normal):
        each = Slider(-3 * prior.stddev, 3 * prior.stddev, 0.01)
    elif isinstance(prior, GaussianMixture):
        reach = prior.spread + 3 * prior.stddev
        each = Slider(-reach, reach, 0.01)
    else:
        each = Slider(getattr(prior, "low", -1.0), getattr(prior, "high", 1.0), 0.01)
    return [each] * prior.shape[0]
