"""Networks and latents for points: the authors' networks and those of our recipe."""

import functools
import math

import keras

import keras_mdgan as km


class PointNetworks:
    """Makes the authors' networks for one run, the same for every method.

    Args:
        data: a data set of points; an entry of
            `keras_mdgan.datasets.DATASETS` or a `PointArray`.
        steps: the run's training steps, for the schedule of the noise.
        seed: an integer from which every network derives its own seed.
        n_points: the number of training points.
        embedding_dim: the number of outputs of MD-GAN's discriminator.
    """

    n_continuous = 2  # latents

    def __init__(self, data, steps: int, seed: int, n_points: int, embedding_dim=9):
        self.data, self.steps, self.seed = data, steps, seed
        self.n_points, self.embedding_dim = n_points, embedding_dim

    # For settings to override.

    def initializers(self) -> dict:
        """Arguments for the networks' initializers; the default is `N(0, 0.02)`."""
        return {}

    def discriminator_preprocessing(self, index: int) -> list:
        """The first layers of the discriminator number `index`."""
        return []

    def encoder_preprocessing(self) -> list:
        """The first layers of an encoder."""
        return []

    def with_output_layers(self, network):
        """A generator or decoder with the setting's last layers added."""
        return network

    def with_continuous(self, latents):
        """The setting's latents with `latents` as the continuous part."""
        return latents

    @property
    def generator_outputs(self) -> int:
        """The number of outputs of the generator's last dense layer."""
        return self.data.dim

    # For methods.

    @functools.cached_property
    def latents(self):
        """The setting's prior."""
        return self.with_continuous(km.latents.Uniform(self.n_continuous))

    def generator(self, index: int = 0):
        return self.with_output_layers(
            km.networks.mlp_generator(
                (self.generator_outputs,),
                self.data.output_range,
                seed=self.seed + 300 * index,
                **self.initializers(),
            )
        )

    def discriminator(self, outputs: int = 1, together: int = 1, index: int = 0):
        return km.networks.mlp_discriminator(
            (self.data.dim * together,),
            outputs,
            **self._discriminator_arguments(index, together),
        )

    def pair_discriminator(self, latent_dim: int | None = None):
        return km.networks.mlp_pair_discriminator(
            (self.data.dim,),
            latent_dim or self.latents.dim,
            **self._discriminator_arguments(0),
        )

    def autoencoder(self, code_dim: int = 32):
        network = km.networks.mlp_autoencoder(
            (self.data.dim,), code_dim, **self._discriminator_arguments(0)
        )
        if self.generator_outputs == self.data.dim:
            return network
        decoder = km.networks.mlp_generator(
            (self.generator_outputs,),
            seed=self.seed + 150,
            name="decoder",
            **self.initializers(),
        )
        return km.networks.Autoencoder(
            network.encoder, self.with_output_layers(decoder), name=network.name
        )

    def encoder(self, outputs: int | None = None):
        return km.networks.mlp_encoder(
            (self.data.dim,),
            outputs or self.latents.dim,
            preprocessing=self.encoder_preprocessing(),
            seed=self.seed + 50,
            **self.initializers(),
        )

    def _discriminator_arguments(self, index, together=1):
        first = self.discriminator_preprocessing(index)
        if first and together > 1:  # the first layers take single samples, not packs
            apart = keras.layers.Reshape((together, self.data.dim))
            first = [apart, *first, keras.layers.Flatten()]
        return {
            "preprocessing": first,
            "seed": self.seed + 100 + 300 * index,
            **self.initializers(),
        }


class OurPointNetworks(PointNetworks):
    """The networks of our recipe. The docstring of each piece explains its purpose.

    The noise starts at 2, in units in which data sets are about 10 wide. It falls fast
    to .65, slowly to .28 and fast to .02. It is zero after three quarters of the steps.
    Kernels have He's normal initialization, the last kernel `N(0, 1/fan_in)`.

    Args:
        *args: those of `PointNetworks`.
        signs: the number of sign latents.
        fourier: whether discriminators and encoders see Fourier features.
        noise: whether discriminators see instance noise.
        **kwargs: those of `PointNetworks`.
    """

    noise_knots = ((0.0, 2.0), (0.084, 0.65), (0.604, 0.28), (0.75, 0.02))

    def __init__(self, *args, signs: int = 10, fourier=True, noise=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.signs, self.fourier, self.noise = signs, fourier, noise

    def initializers(self):
        def normal(gain):
            initializer = keras.initializers.VarianceScaling
            return initializer(gain, "fan_in", "untruncated_normal")

        return {"initializer": normal(2.0), "output_initializer": normal(1.0)}

    def discriminator_preprocessing(self, index):
        return [*self._centred(), *self._noise(index), *self._features()]

    def encoder_preprocessing(self):
        return self._centred() + self._features()

    def with_output_layers(self, network):
        offset = self._offset
        if offset is not None:
            network.add(keras.layers.Rescaling(1.0, offset=offset))
        return network

    def with_continuous(self, latents):
        if not self.signs:
            return latents
        return km.latents.Joint([km.latents.Signs(self.signs), latents])

    @property
    def _offset(self):
        """The centre of the data, or `None` if that is the origin."""
        return getattr(self.data, "offset", None)

    def _noise(self, index, features=None):
        if not self.noise:
            return []
        steps = max(self.steps, 20)  # in a shorter run, two knots would be at one step
        knots = [(round(share * steps), stddev) for share, stddev in self.noise_knots]
        seed = self.seed + 200 + 300 * index
        return [km.layers.InstanceNoise(knots, seed, features)]

    def _centred(self):
        """A layer that moves data to the origin and scales them to a width of about 10.

        Noise and frequencies refer to such data.
        """
        scale, offset = self.data.scale, self._offset
        if offset is None:
            return [] if scale == 1.0 else [keras.layers.Rescaling(scale)]
        return [keras.layers.Rescaling(scale, [-scale * value for value in offset])]

    def _features(self):
        octaves = [math.pi / 6 * 2**k for k in range(4)]
        return [km.layers.FourierFeatures(octaves)] if self.fourier else []


class PrincipalPointNetworks(OurPointNetworks):
    """Our recipe for data with many dimensions but few directions of large variance.

    Both networks work in the data's principal components and the residual. The
    components are computed from the run's training data, without centres or labels.
    They have 95 % of the variance (9 components for the 1200-D data). Only the leading
    components get noise, and all outputs of the generator are of about 1. The first
    noise covers modes 4.5 apart in these units. There are no Fourier features, and four
    uniform latents instead of two.

    The residual has a small factor in the discriminator. With a larger factor, the
    discriminator recognises samples by their residual before they are near a mode, and
    wins.

    Args:
        *args: those of `PointNetworks`.
        **kwargs: those of `OurPointNetworks`.
    """

    noise_knots = ((0.0, 4.5), (0.084, 1.5), (0.5, 0.63), (0.6, 0.1))
    n_continuous = 4
    residual_factor = 0.003

    @functools.cached_property
    def _training_data(self):
        # `Setting.build` multiplies the run's seed by 1000: these are its own points.
        return self.data.as_dataset(self.n_points, 1, self.seed // 1000).x

    @functools.cached_property
    def n_components(self) -> int:
        return km.layers.PrincipalComponents.count(self._training_data, share=0.95)

    @functools.cached_property
    def _measured(self):
        layer = km.layers.PrincipalComponents(self.data.dim, self.n_components)
        layer.adapt(self._training_data)
        return layer.get_weights()

    def _principal(self, **kwargs):
        layer = km.layers.PrincipalComponents(
            self.data.dim, self.n_components, **kwargs
        )
        layer.set_weights(self._measured)
        return layer

    @property
    def generator_outputs(self):
        return self.n_components + self.data.dim

    def with_output_layers(self, network):
        network.add(self._principal(inverse=True))
        return network

    def discriminator_preprocessing(self, index):
        first = self._principal(rest=self.residual_factor)
        return [first, *self._noise(index, self.n_components)]

    def encoder_preprocessing(self):
        return [self._principal(rest=self.residual_factor)]
