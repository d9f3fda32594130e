"""Keras callbacks: figures, measures and backups during training."""

from keras_mdgan.callbacks.backup import BackupAndRestore
from keras_mdgan.callbacks.clusters import EvaluateClusters
from keras_mdgan.callbacks.evaluate import EvaluateSamples
from keras_mdgan.callbacks.figures import (
    EmbeddingPanel,
    EmbeddingPlot,
    SampleGrid,
    ScatterPlot,
)
from keras_mdgan.callbacks.guard import NaNGuard
from keras_mdgan.callbacks.progress import ProgressLine
from keras_mdgan.callbacks.rates import LearningRates

__all__ = [
    "BackupAndRestore",
    "EmbeddingPanel",
    "EmbeddingPlot",
    "EvaluateClusters",
    "EvaluateSamples",
    "LearningRates",
    "NaNGuard",
    "ProgressLine",
    "SampleGrid",
    "ScatterPlot",
]
