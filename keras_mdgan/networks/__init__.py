"""The papers' generators and discriminators."""

from keras_mdgan.networks.dcgan import dcgan_discriminator, dcgan_generator
from keras_mdgan.networks.mlp import mlp_discriminator, mlp_generator

__all__ = [
    "dcgan_discriminator",
    "dcgan_generator",
    "mlp_discriminator",
    "mlp_generator",
]
