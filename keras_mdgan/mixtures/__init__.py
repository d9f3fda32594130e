"""Simplex vertices, the simplex Gaussian mixture and its numerics."""

from keras_mdgan.mixtures.balanced import balanced_assignment
from keras_mdgan.mixtures.gaussian import SimplexGaussianMixture
from keras_mdgan.mixtures.numerics import log1mexp
from keras_mdgan.mixtures.simplex import simplex_vertices

__all__ = [
    "SimplexGaussianMixture",
    "balanced_assignment",
    "log1mexp",
    "simplex_vertices",
]
