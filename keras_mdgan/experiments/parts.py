"""The networks and latents that the experiments' models are put together from."""

import functools
import math

import keras

import keras_mdgan as km
from keras_mdgan.experiments.toy import ToyData


class Parts:
    """Makes the networks of one run: the same for every method.

    Args:
        data: a `ToyData`.
        steps: the run's training steps.
        seed: an integer from which every network takes another seed.
        md_outputs: outputs of MD-GAN's discriminator.
        n_points: how many points of the data are trained on.
    """

    def __init__(
        self,
        data: ToyData,
        steps: int,
        seed: int,
        md_outputs: int = 9,
        n_points: int = 10_000,
    ):
        self.data, self.steps, self.seed = data, steps, seed
        self.md_outputs, self.n_points = md_outputs, n_points

    # What settings differ in.

    def kernels(self) -> dict:
        """Arguments for the networks' initializers; the authors' `N(0, 0.02)`."""
        return {}

    def seen_by_discriminator(self, index: int) -> list:
        """Layers that come first in the discriminator number `index`."""
        return []

    def finished(self, network):
        """A network that makes data, with what comes last in it."""
        return network

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
        return self.with_extras(km.latents.Uniform(self.continuous))

    continuous = 2  # latents

    def generator(self, index: int = 0):
        return self.finished(
            km.networks.mlp_generator(
                (self.written,),
                self.data.output_range,
                seed=self.seed + 300 * index,
                **self.kernels(),
            )
        )

    @property
    def written(self) -> int:
        """Numbers that a generator's last dense layer gives for a sample."""
        return self.data.dim

    def discriminator(self, outputs: int = 1, together: int = 1, index: int = 0):
        return km.networks.mlp_discriminator(
            (self.data.dim * together,), outputs, **self._judging(index, together)
        )

    def pair_discriminator(self):
        return km.networks.mlp_pair_discriminator(
            (self.data.dim,), self.latents.dim, **self._judging(0)
        )

    def autoencoder(self, code_dim: int = 32):
        network = km.networks.mlp_autoencoder(
            (self.data.dim,), code_dim, **self._judging(0)
        )
        if self.written == self.data.dim:
            return network
        decoder = km.networks.mlp_generator(
            (self.written,), seed=self.seed + 150, name="decoder", **self.kernels()
        )
        return km.networks.Autoencoder(
            network.encoder, self.finished(decoder), name=network.name
        )

    def encoder(self, outputs: int | None = None):
        return km.networks.mlp_encoder(
            (self.data.dim,),
            outputs or self.latents.dim,
            preprocessing=self.seen_by_encoder(),
            seed=self.seed + 50,
            **self.kernels(),
        )

    def _judging(self, index, together=1):
        first = self.seen_by_discriminator(index)
        if first and together > 1:  # each sample of a pack for itself
            apart = keras.layers.Reshape((together, self.data.dim))
            first = [apart, *first, keras.layers.Flatten()]
        return {
            "preprocessing": first,
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

    noise_knots = ((0.0, 2.0), (0.084, 0.65), (0.604, 0.28), (0.75, 0.02))

    def seen_by_discriminator(self, index):
        return [*self._scaled(), *self._noise(index), *self._features()]

    def _noise(self, index, features=None):
        if not self.noise:
            return []
        steps = max(self.steps, 20)  # two knots of a shorter run would be at one step
        knots = [(round(share * steps), stddev) for share, stddev in self.noise_knots]
        seed = self.seed + 200 + 300 * index
        return [km.layers.InstanceNoise(knots, seed, features)]

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


class PrincipalParts(OurParts):
    """The recipe for data of many dimensions that vary in a few.

    Both networks work in the data's principal components, measured from the run's
    training data (those with 95 % of the variance, 9 of the 1200-D data, and the
    residual; neither centres nor labels are used): noise meets the leading ones alone,
    and the generator's outputs are all of about 1. The first noise bridges modes, 4.5
    apart in these units. No Fourier features; four uniform latents instead of two.

    Args:
        *args: those of `Parts`.
        **kwargs: those of `OurParts`.
    """

    noise_knots = ((0.0, 4.5), (0.084, 1.5), (0.5, 0.63), (0.6, 0.1))
    continuous = 4

    @functools.cached_property
    def _training_data(self):
        return self.data.make().sample(self.n_points, self.seed // 1000)

    @functools.cached_property
    def components(self) -> int:
        return km.layers.PrincipalComponents.count(self._training_data, share=0.95)

    @functools.cached_property
    def _measured(self):
        layer = km.layers.PrincipalComponents(self.data.dim, self.components)
        layer.adapt(self._training_data)
        return layer.get_weights()

    def _principal(self, **kwargs):
        layer = km.layers.PrincipalComponents(self.data.dim, self.components, **kwargs)
        layer.set_weights(self._measured)
        return layer

    @property
    def written(self):
        return self.components + self.data.dim

    def finished(self, network):
        network.add(self._principal(inverse=True))
        return network

    def seen_by_discriminator(self, index):
        return [self._principal(rest=0.003), *self._noise(index, self.components)]

    def seen_by_encoder(self):
        return [self._principal(rest=0.003)]
