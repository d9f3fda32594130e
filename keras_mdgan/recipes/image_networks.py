"""Networks and latents for images, the same for every method."""

import functools

import keras_mdgan as km

# Data sets whose images still show the same when they are mirrored.
MIRRORED = ("fashion_mnist", "cifar10", "celeba")


class ImageNetworks:
    """The DCGAN of Lucic et al. (2018), with 64 uniform latents.

    Three things differ from that study. The discriminator has no batch normalisation,
    which is one of its hyperparameters: a gradient penalty forbids it, and networks
    should be the same for all methods. The generator has ReLU, where the study's code
    has leaky ReLU(0.2). And images are in [-1, 1] with tanh at the end, where they are
    in [0, 1] there, with a sigmoid.

    Args:
        data: a data set of images; its `shape` is used.
        steps: the run's training steps.
        seed: an integer from which every network derives its own seed.
        n_points: the number of training images.
        embedding_dim: the number of outputs of MD-GAN's discriminator.
    """

    n_continuous = 64  # latents

    def __init__(self, data, steps, seed, n_points=60_000, embedding_dim=9):
        self.data, self.steps, self.seed = data, steps, seed
        self.n_points, self.embedding_dim = n_points, embedding_dim

    @functools.cached_property
    def latents(self):
        return km.latents.Uniform(self.n_continuous)

    def with_continuous(self, latents):
        """The setting's latents with `latents` as the continuous part."""
        return latents

    def generator(self, index: int = 0):
        return km.networks.dcgan_generator(
            self.data.shape, seed=self.seed + 300 * index
        )

    def discriminator(self, outputs: int = 1, together: int = 1, index: int = 0):
        *size, channels = self.data.shape
        return km.networks.dcgan_discriminator(
            (*size, channels * together), outputs, seed=self.seed + 100 + 300 * index
        )

    def pair_discriminator(self, latent_dim: int | None = None):
        return km.networks.dcgan_pair_discriminator(
            self.data.shape, latent_dim or self.latents.dim, seed=self.seed + 100
        )

    def autoencoder(self, code_dim: int = 64):
        return km.networks.dcgan_autoencoder(
            self.data.shape, code_dim, seed=self.seed + 100
        )

    def encoder(self, outputs: int | None = None):
        return km.networks.dcgan_encoder(
            self.data.shape, outputs or self.latents.dim, seed=self.seed + 50
        )

    def augmentation(self):
        """For the option `augmentation=True` of Mixture Density GAN."""
        return km.layers.RandomAffine(
            flip=self.data.name in MIRRORED, seed=self.seed + 400
        )


class StackedMNISTNetworks(ImageNetworks):
    """The networks of the Stacked MNIST experiments, in one of three sizes.

    Those experiments do not describe encoders and discriminators of pairs. These are
    the same as in the other image experiments.

    Args:
        *args: those of `ImageNetworks`.
        size: `"big"`, `"half"` or `"quarter"`.
    """

    def __init__(self, *args, size: str = "half", **kwargs):
        super().__init__(*args, **kwargs)
        self.size = size

    @property
    def n_continuous(self):
        return 100 if self.size == "big" else 256

    @functools.cached_property
    def latents(self):
        prior = km.latents.Uniform if self.size == "big" else km.latents.Normal
        return prior(self.n_continuous)

    def generator(self, index: int = 0):
        return km.networks.stacked_mnist_generator(
            self.size, seed=self.seed + 300 * index
        )

    def discriminator(self, outputs: int = 1, together: int = 1, index: int = 0):
        return km.networks.stacked_mnist_discriminator(
            self.size, outputs, together, seed=self.seed + 100 + 300 * index
        )


class CompactNetworks(ImageNetworks):
    """Small networks; none in the discriminator is normalised. Latents are normal."""

    @functools.cached_property
    def latents(self):
        return km.latents.Normal(self.n_continuous)

    def generator(self, index: int = 0):
        return km.networks.compact_generator(
            self.data.shape, seed=self.seed + 300 * index
        )

    def discriminator(self, outputs: int = 1, together: int = 1, index: int = 0):
        *size, channels = self.data.shape
        # A quarter for embeddings, whose likelihood is several times as steep. It was
        # found on Stacked MNIST: at 1 the discriminator of MD-GAN is unsteady.
        return km.networks.compact_discriminator(
            (*size, channels * together),
            outputs,
            output_scale=0.25 if outputs == self.embedding_dim > 1 else 1.0,
            seed=self.seed + 100 + 300 * index,
        )

    def pair_discriminator(self, latent_dim: int | None = None):
        return km.networks.compact_pair_discriminator(
            self.data.shape, latent_dim or self.latents.dim, seed=self.seed + 100
        )

    def autoencoder(self, code_dim: int = 64):
        return km.networks.compact_autoencoder(
            self.data.shape, code_dim, seed=self.seed + 100
        )

    def encoder(self, outputs: int | None = None):
        return km.networks.compact_encoder(
            self.data.shape, outputs or self.latents.dim, seed=self.seed + 50
        )
