"""25 GANs for Keras 3, measured for mode collapse."""

import importlib

import keras_mdgan.callbacks as callbacks
import keras_mdgan.datasets as datasets
import keras_mdgan.latents as latents
import keras_mdgan.layers as layers
import keras_mdgan.losses as losses
import keras_mdgan.metrics as metrics
import keras_mdgan.networks as networks
import keras_mdgan.optimizers as optimizers
import keras_mdgan.penalties as penalties
import keras_mdgan.plotting as plotting
import keras_mdgan.schedules as schedules
from keras_mdgan.mixtures import SimplexGaussianMixture
from keras_mdgan.models import *  # noqa: F403
from keras_mdgan.models import __all__ as _models
from keras_mdgan.saving import export, load_model, load_sampler
from keras_mdgan.training import GAN, AdversarialModel, ConditionalGAN, Player

__version__ = "0.1.0"

__all__ = [
    *_models,
    "GAN",
    "AdversarialModel",
    "ConditionalGAN",
    "Player",
    "SimplexGaussianMixture",
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
    "optimizers",
    "penalties",
    "plotting",
    "schedules",
]


def __getattr__(name):
    # Imported on first use: `tuning` needs KerasTuner, `recipes` the whole zoo.
    if name in ("recipes", "tuning"):
        return importlib.import_module(f"keras_mdgan.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
