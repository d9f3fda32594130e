"""Priors made of others: mixtures of Gaussians, and several priors side by side."""

import keras
import numpy as np
from keras import ops

from keras_mdgan.latents.simple import Prior
from keras_mdgan.validation import check_integer, check_number

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class GaussianMixture(Prior):
    """A mixture of spherical Gaussians with equal weights.

    The component means are drawn once from `U[-spread, spread]^dim`. All components
    start with the standard deviation `stddev`. With `trainable=True` the generator's
    player owns the means and standard deviations (the dynamic GM-GAN of Ben-Yosef and
    Weinshall, 2018, section 3.2).

    Examples:
        >>> tuple(GaussianMixture(100, components=10).sample(5, seed=0).shape)
        (5, 100)

    Args:
        dim: latent dimensions.
        components: the number of Gaussians.
        stddev: their standard deviation (the initial one, if trainable), above 0.
        spread: half the width of the cube that contains the means, above 0.
        trainable: whether means and standard deviations are trained.
        seed: an integer >= 0 for drawing the means.

    Raises:
        ValueError: if a number is out of its range.
    """

    def __init__(
        self,
        dim: int,
        components: int = 10,
        stddev: float = 1.0,
        spread: float = 1.0,
        trainable: bool = False,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(dim, trainable=trainable, **kwargs)
        components = check_integer("components", components)
        seed = check_integer("seed", seed, at_least=0)
        spread = check_number("spread", spread, above=0)
        self.components, self.spread, self.seed = components, spread, seed
        self.stddev = check_number("stddev", stddev, above=0)
        # NumPy draws them, so that a seed gives the same means on every backend.
        means = np.random.default_rng(seed).uniform(
            -spread, spread, (components, self.dim)
        )
        self.means = self.add_weight(
            shape=means.shape,
            initializer=lambda shape, dtype: ops.convert_to_tensor(means, dtype),
            name="means",
        )
        # Logarithms: training cannot make a standard deviation negative.
        self.log_stddevs = self.add_weight(
            shape=(components, dim),
            initializer=keras.initializers.Constant(float(np.log(stddev))),
            name="log_stddevs",
        )

    def draw(self, n, source):
        return self.draw_with_components(n, source)[0]

    def draw_with_components(self, n, source):
        """Latents `(n, dim)`, and the component of each, integers `(n,)`."""
        index = ops.convert_to_tensor(source.integers((n,), self.components))
        means = ops.take(self.means, index, axis=0)
        stddevs = ops.exp(ops.take(self.log_stddevs, index, axis=0))
        noise = ops.convert_to_tensor(source.normal((n, self.dim)))
        return means + stddevs * noise, index

    def get_config(self):
        return {
            **super().get_config(),
            "components": self.components,
            "stddev": self.stddev,
            "spread": self.spread,
            "trainable": self.trainable,
            "seed": self.seed,
        }


@_register
class Joint(Prior):
    """Several priors side by side.

    Examples:
        >>> from keras_mdgan.latents import Signs, Uniform
        >>> Joint([Signs(8), Uniform(2)]).sample(5, seed=0).shape
        (5, 10)

    Args:
        priors: the priors. Their latents are joined along the last axis.

    Raises:
        ValueError: if `priors` is empty or holds anything but priors.
    """

    def __init__(self, priors, **kwargs):
        priors = list(priors)
        if not priors or not all(isinstance(prior, Prior) for prior in priors):
            raise ValueError(
                "`priors` must be a list of at least one prior. "
                f"Received: priors={priors}"
            )
        super().__init__(sum(prior.dim for prior in priors), **kwargs)
        self.priors = priors

    def split(self, latents) -> list:
        """Latents `(n, dim)` cut into one part per prior, in the order of `priors`.

        Examples:
            >>> from keras_mdgan.latents import Signs, Uniform
            >>> joint = Joint([Signs(8), Uniform(2)])
            >>> [part.shape for part in joint.split(joint.sample(5, seed=0))]
            [(5, 8), (5, 2)]
        """
        ends = np.cumsum([prior.dim for prior in self.priors])
        return [
            latents[:, end - prior.dim : end] for prior, end in zip(self.priors, ends)
        ]

    def draw(self, n, source):
        parts = [prior.draw(n, source) for prior in self.priors]
        if all(isinstance(part, np.ndarray) for part in parts):
            return np.concatenate(parts, axis=-1)
        return ops.concatenate(parts, axis=-1)

    def get_config(self):
        priors = [keras.saving.serialize_keras_object(prior) for prior in self.priors]
        return {"name": self.name, "priors": priors}

    @classmethod
    def from_config(cls, config):
        priors = [keras.saving.deserialize_keras_object(p) for p in config["priors"]]
        return cls(priors, name=config["name"])


def find_mixture(prior, model) -> GaussianMixture:
    """The only Gaussian mixture of a prior: itself, or one part of a `Joint`.

    Args:
        prior: a prior.
        model: the name of the model that needs the mixture, for the error.

    Raises:
        ValueError: if there is none, or more than one.
    """
    parts = prior.priors if isinstance(prior, Joint) else [prior]
    mixtures = [part for part in parts if isinstance(part, GaussianMixture)]
    if len(mixtures) != 1:
        raise ValueError(
            f"{model} needs `latents` that are a keras_mdgan.latents.GaussianMixture, "
            "or a Joint with exactly one. "
            f"Received: latents={prior!r} with {len(mixtures)}"
        )
    return mixtures[0]
