"""What a model is written with: players, the step's base classes, checks.

Read `model.py` first. `backends/` has what differs by backend, `data/` the way from
what `fit` is given to a batch.
"""

from keras_mdgan.training import checks
from keras_mdgan.training.backends import engine, replicas, scope
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.training.gan import GAN
from keras_mdgan.training.model import AdversarialModel
from keras_mdgan.training.players import Player

__all__ = [
    "GAN",
    "AdversarialModel",
    "Player",
    "ShuffledBatches",
    "checks",
    "engine",
    "replicas",
    "scope",
]
