"""Players, the training step, optimizers and what each backend needs for them."""

from keras_mdgan.training import checks
from keras_mdgan.training.batches import ShuffledBatches
from keras_mdgan.training.gan import GAN
from keras_mdgan.training.guard import NaNGuard
from keras_mdgan.training.model import AdversarialModel
from keras_mdgan.training.players import Player

__all__ = ["GAN", "AdversarialModel", "NaNGuard", "Player", "ShuffledBatches", "checks"]
