"""The papers' generators, discriminators and encoders."""

from keras_mdgan.networks.autoencoder import Autoencoder, mlp_autoencoder
from keras_mdgan.networks.compact import (
    compact_autoencoder,
    compact_discriminator,
    compact_encoder,
    compact_generator,
    compact_pair_discriminator,
)
from keras_mdgan.networks.conditional import (
    ConditionalGenerator,
    ProjectionDiscriminator,
    projection_discriminator,
)
from keras_mdgan.networks.dcgan import (
    dcgan_autoencoder,
    dcgan_discriminator,
    dcgan_encoder,
    dcgan_generator,
    dcgan_pair_discriminator,
)
from keras_mdgan.networks.ensemble import Ensemble, Selection
from keras_mdgan.networks.mlp import (
    mlp_discriminator,
    mlp_encoder,
    mlp_generator,
    mlp_pair_discriminator,
)
from keras_mdgan.networks.stacked_mnist import (
    stacked_mnist_discriminator,
    stacked_mnist_generator,
)

__all__ = [
    "Autoencoder",
    "ConditionalGenerator",
    "Ensemble",
    "ProjectionDiscriminator",
    "Selection",
    "compact_autoencoder",
    "compact_discriminator",
    "compact_encoder",
    "compact_generator",
    "compact_pair_discriminator",
    "dcgan_autoencoder",
    "dcgan_discriminator",
    "dcgan_encoder",
    "dcgan_generator",
    "dcgan_pair_discriminator",
    "mlp_autoencoder",
    "mlp_discriminator",
    "mlp_encoder",
    "mlp_generator",
    "mlp_pair_discriminator",
    "projection_discriminator",
    "stacked_mnist_discriminator",
    "stacked_mnist_generator",
]
