"""The networks and latents that the experiments' models are put together from."""

import dataclasses
import functools
import math
from collections.abc import Callable

import keras

import keras_mdgan as km


@dataclasses.dataclass(frozen=True)
class ToyData:
    """A toy data set and the numbers that fit networks to it.

    Args:
        make: returns the data set.
        output_range: the generator's bound, in the data's units.
        scale: what the discriminator multiplies data by, so that all data sets have
            about the grid's width, to which noise and frequencies refer.
        dim: the data's dimension.
    """

    make: Callable
    output_range: float
    scale: float = 1.0
    dim: int = 2


class Parts:
    """Makes the networks of one run: the same for every method.

    Args:
        data: a `ToyData`.
        steps: the run's training steps.
        seed: an integer from which every network takes another seed.
        md_outputs: outputs of MD-GAN's discriminator.
    """

    def __init__(self, data: ToyData, steps: int, seed: int, md_outputs: int = 9):
        self.data, self.steps, self.seed = data, steps, seed
        self.md_outputs = md_outputs

    # What settings differ in.

    def kernels(self) -> dict:
        """Arguments for the networks' initializers; the authors' `N(0, 0.02)`."""
        return {}

    def seen_by_discriminator(self, index: int) -> list:
        """Layers that come first in the discriminator number `index`."""
        return []

    def seen_by_encoder(self) -> list:
        """Layers that come first in an encoder."""
        return []

    def with_extras(self, latents):
        """The setting's latents, with these in the place of its continuous ones."""
        return latents

    # What recipes ask for.

    @functools.cached_property
    def latents(self):
        """The setting's prior, two uniform latents in it."""
        return self.with_extras(km.latents.Uniform(2))

    def generator(self, index: int = 0):
        return km.networks.mlp_generator(
            (self.data.dim,),
            self.data.output_range,
            seed=self.seed + 300 * index,
            **self.kernels(),
        )

    def discriminator(self, outputs: int = 1, together: int = 1, index: int = 0):
        return km.networks.mlp_discriminator(
            (self.data.dim * together,), outputs, **self._judging(index)
        )

    def pair_discriminator(self):
        return km.networks.mlp_pair_discriminator(
            (self.data.dim,), self.latents.dim, **self._judging(0)
        )

    def autoencoder(self, code_dim: int = 32):
        return km.networks.mlp_autoencoder(
            (self.data.dim,), code_dim, **self._judging(0)
        )

    def encoder(self, outputs: int | None = None):
        return km.networks.mlp_encoder(
            (self.data.dim,),
            outputs or self.latents.dim,
            preprocessing=self.seen_by_encoder(),
            seed=self.seed + 50,
            **self.kernels(),
        )

    def _judging(self, index):
        return {
            "preprocessing": self.seen_by_discriminator(index),
            "seed": self.seed + 100 + 300 * index,
            **self.kernels(),
        }


class OurParts(Parts):
    """The recipe's networks: what each piece is for stands in its docstring.

    The noise is 2 at first, in units in which data sets are about 10 wide, falls fast
    to .65, slowly to .28 and fast to .02, and is gone after three quarters of the
    steps. Kernels are drawn from He's normal distribution, the last from Glorot's
    `N(0, 1 / fan_in)`.

    Args:
        *args: those of `Parts`.
        signs: the number of sign latents.
        fourier: whether discriminators and encoders see Fourier features.
        noise: whether discriminators see instance noise.
    """

    def __init__(self, *args, signs: int = 10, fourier=True, noise=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.signs, self.fourier, self.noise = signs, fourier, noise

    def kernels(self):
        def normal(gain):
            initializer = keras.initializers.VarianceScaling
            return initializer(gain, "fan_in", "untruncated_normal")

        return {"initializer": normal(2.0), "output_initializer": normal(1.0)}

    def seen_by_discriminator(self, index):
        layers = self._scaled()
        if self.noise:
            knots = [(0.0, 2.0), (0.084, 0.65), (0.604, 0.28), (0.75, 0.02)]
            knots = [(round(share * self.steps), stddev) for share, stddev in knots]
            layers.append(
                km.layers.InstanceNoise(knots, seed=self.seed + 200 + 300 * index)
            )
        return layers + self._features()

    def seen_by_encoder(self):
        return self._scaled() + self._features()

    def with_extras(self, latents):
        if not self.signs:
            return latents
        return km.latents.Joint([km.latents.Signs(self.signs), latents])

    def _scaled(self):
        scale = self.data.scale
        return [] if scale == 1.0 else [keras.layers.Rescaling(scale)]

    def _features(self):
        octaves = [math.pi / 6 * 2**k for k in range(4)]
        return [km.layers.FourierFeatures(octaves)] if self.fourier else []
