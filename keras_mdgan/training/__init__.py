"""The base classes of adversarial models: players, the training step, checks.

Read `model.py` first. `backends/` holds the code of each backend. `data/` turns the
arguments of `fit` into batches.
"""

from keras_mdgan.training import checks
from keras_mdgan.training.backends import engine, replicas, scope
from keras_mdgan.training.conditional import ConditionalGAN
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.training.gan import GAN
from keras_mdgan.training.model import AdversarialModel
from keras_mdgan.training.players import Player

__all__ = [
    "GAN",
    "AdversarialModel",
    "ConditionalGAN",
    "Player",
    "ShuffledBatches",
    "checks",
    "engine",
    "replicas",
    "scope",
]
