"""The command `keras-mdgan`: train, sample, measure, play, and experiments."""

from keras_mdgan.commands.parser import main

__all__ = ["main"]
