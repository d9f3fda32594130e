"""Compiled models that work, for given data, in one call.

`points` and `images` are for your own data, `papers` is for a published setting. The
experiments, the examples and the searches build their models with the same functions.
"""

from keras_mdgan.recipes.methods import METHODS, Method, methods_for
from keras_mdgan.recipes.recipe import Recipe, images, papers, points
from keras_mdgan.recipes.searched import SEARCHED
from keras_mdgan.recipes.setting import Setting
from keras_mdgan.recipes.settings import (
    DEFAULT_SETTINGS,
    SETTINGS,
    setting_for,
    settings_of,
    trained_as,
)

__all__ = [
    "DEFAULT_SETTINGS",
    "METHODS",
    "SEARCHED",
    "SETTINGS",
    "Method",
    "Recipe",
    "Setting",
    "images",
    "methods_for",
    "papers",
    "points",
    "setting_for",
    "settings_of",
    "trained_as",
]
