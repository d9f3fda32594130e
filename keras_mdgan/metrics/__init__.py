"""Measures of samples, computed with NumPy on the host."""

from keras_mdgan.metrics.extractors import Extractor
from keras_mdgan.metrics.features import Features, Source
from keras_mdgan.metrics.generated import generated
from keras_mdgan.metrics.modes import ModeCoverage, mode_coverage
from keras_mdgan.metrics.reference import reference_statistics
from keras_mdgan.metrics.registry import extractor, register_extractor

__all__ = [
    "Extractor",
    "Features",
    "ModeCoverage",
    "Source",
    "extractor",
    "generated",
    "mode_coverage",
    "reference_statistics",
    "register_extractor",
]
