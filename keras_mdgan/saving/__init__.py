"""Models and generators on disk: `.keras` files and TensorFlow SavedModels."""

from keras_mdgan.saving.keras_file import load_model
from keras_mdgan.saving.presets import shipped_presets
from keras_mdgan.saving.saved_model import Sampler, export, load_sampler

__all__ = ["Sampler", "export", "load_model", "load_sampler", "shipped_presets"]
