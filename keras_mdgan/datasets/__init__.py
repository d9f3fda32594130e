"""Data sets: mixtures of Gaussians with known modes, and images."""

from keras_mdgan.datasets.base import ImageSet, PointSet
from keras_mdgan.datasets.celeba_names import ATTRIBUTES as CELEBA_ATTRIBUTES
from keras_mdgan.datasets.checksums import Checksum, checksum
from keras_mdgan.datasets.folder import image_folder
from keras_mdgan.datasets.loading import load
from keras_mdgan.datasets.npz import load_npz
from keras_mdgan.datasets.registry import DATASETS, dataset
from keras_mdgan.datasets.scaling import to_unit_range
from keras_mdgan.datasets.stacked import StackedDigits, stacked_mnist
from keras_mdgan.datasets.toy import GaussianMixtureData, grid, ring, synthetic_1200d
from keras_mdgan.training.data.batches import ShuffledBatches

__all__ = [
    "CELEBA_ATTRIBUTES",
    "DATASETS",
    "Checksum",
    "GaussianMixtureData",
    "ImageSet",
    "PointSet",
    "ShuffledBatches",
    "StackedDigits",
    "checksum",
    "dataset",
    "grid",
    "image_folder",
    "load",
    "load_npz",
    "ring",
    "stacked_mnist",
    "synthetic_1200d",
    "to_unit_range",
]
