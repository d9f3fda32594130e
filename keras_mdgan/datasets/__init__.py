"""Data sets: mixtures of Gaussians with known modes, and images."""

from keras_mdgan.datasets.images import load, to_unit_range
from keras_mdgan.datasets.toy import GaussianMixtureData, grid, ring, synthetic_1200d
from keras_mdgan.training.batches import ShuffledBatches

__all__ = [
    "GaussianMixtureData",
    "ShuffledBatches",
    "grid",
    "load",
    "ring",
    "synthetic_1200d",
    "to_unit_range",
]
