"""The command `keras-mdgan`: train, sample, measure, and the papers' experiments."""

from keras_mdgan.commands.parser import main

__all__ = ["main"]
