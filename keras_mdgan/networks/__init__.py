"""The papers' generators, discriminators and encoders."""

from keras_mdgan.networks.autoencoder import Autoencoder, mlp_autoencoder
from keras_mdgan.networks.dcgan import dcgan_discriminator, dcgan_generator
from keras_mdgan.networks.ensemble import Ensemble, Selection
from keras_mdgan.networks.mlp import (
    mlp_discriminator,
    mlp_encoder,
    mlp_generator,
    mlp_pair_discriminator,
)

__all__ = [
    "Autoencoder",
    "Ensemble",
    "Selection",
    "dcgan_discriminator",
    "dcgan_generator",
    "mlp_autoencoder",
    "mlp_discriminator",
    "mlp_encoder",
    "mlp_generator",
    "mlp_pair_discriminator",
]
