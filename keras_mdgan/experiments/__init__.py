"""The papers' experiments as recipes, and the command that runs them.

python -m keras_mdgan.experiments grid --models mixture_density,vanilla --seeds 5
"""

from keras_mdgan.experiments.record import Run
from keras_mdgan.experiments.runner import run
from keras_mdgan.experiments.settings import (
    DATA,
    MODELS,
    SETTINGS,
    Setting,
    setting_for,
)

__all__ = ["DATA", "MODELS", "SETTINGS", "Run", "Setting", "run", "setting_for"]
