"""GANs that do not collapse, for Keras 3."""

import keras_mdgan.callbacks as callbacks
import keras_mdgan.datasets as datasets
import keras_mdgan.latents as latents
import keras_mdgan.layers as layers
import keras_mdgan.losses as losses
import keras_mdgan.metrics as metrics
import keras_mdgan.networks as networks
import keras_mdgan.penalties as penalties
import keras_mdgan.plotting as plotting
import keras_mdgan.schedules as schedules
from keras_mdgan.mixtures import SimplexGaussianMixture
from keras_mdgan.models import MixtureDensityGAN, VanillaGAN, WassersteinGANGP
from keras_mdgan.saving import export, load_model, load_sampler
from keras_mdgan.training import GAN, AdversarialModel, Player

__version__ = "0.1.0"

__all__ = [
    "GAN",
    "AdversarialModel",
    "MixtureDensityGAN",
    "Player",
    "SimplexGaussianMixture",
    "VanillaGAN",
    "WassersteinGANGP",
    "callbacks",
    "datasets",
    "export",
    "latents",
    "layers",
    "load_model",
    "load_sampler",
    "losses",
    "metrics",
    "networks",
    "penalties",
    "plotting",
    "schedules",
]
