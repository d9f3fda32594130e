"""Measures of samples, computed with NumPy on the host."""

from keras_mdgan.metrics.modes import ModeCoverage, mode_coverage

__all__ = ["ModeCoverage", "mode_coverage"]
