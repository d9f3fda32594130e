"""Layers: input features, noise, normalisation, augmentation, embeddings of labels.

The second derivative of the normalisation layers is correct on every backend.
"""

from keras_mdgan.layers.augmentation import RandomAffine
from keras_mdgan.layers.classes import ClassEmbedding
from keras_mdgan.layers.features import FourierFeatures, InstanceNoise
from keras_mdgan.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
)
from keras_mdgan.layers.principal import PrincipalComponents
from keras_mdgan.layers.spectral import SpectralNormalization, spectrally_normalized

__all__ = [
    "BatchNormalization",
    "ClassEmbedding",
    "FourierFeatures",
    "GroupNormalization",
    "InstanceNoise",
    "LayerNormalization",
    "PrincipalComponents",
    "RandomAffine",
    "SpectralNormalization",
    "spectrally_normalized",
]
