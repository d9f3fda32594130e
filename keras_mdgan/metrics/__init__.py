"""Measures of samples, computed with NumPy on the host.

Measures of images compare features of the images: see `Features`.
"""

from keras_mdgan.metrics.class_recall import ClassRecall, class_recall
from keras_mdgan.metrics.clipped import (
    ClippedDensityCoverage,
    clipped_density_coverage,
)
from keras_mdgan.metrics.clustering import Clustering, clustering, clusters_of
from keras_mdgan.metrics.extractors import Extractor
from keras_mdgan.metrics.features import Features, Source
from keras_mdgan.metrics.frechet import FrechetDistance, frechet_distance
from keras_mdgan.metrics.generated import generated
from keras_mdgan.metrics.inversion import (
    InferenceViaOptimization,
    inference_via_optimization,
)
from keras_mdgan.metrics.kernel import KernelDistance, kernel_distance
from keras_mdgan.metrics.label_accuracy import LabelAccuracy, label_accuracy
from keras_mdgan.metrics.labels import LabelKL, label_kl
from keras_mdgan.metrics.missing import MissingModes, missing_modes
from keras_mdgan.metrics.modes import ModeCoverage, mode_coverage
from keras_mdgan.metrics.neighbors import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    precision_recall,
)
from keras_mdgan.metrics.reference import reference_statistics
from keras_mdgan.metrics.registry import extractor, register_extractor
from keras_mdgan.metrics.scores import (
    InceptionScore,
    ModeScore,
    inception_score,
    mode_score,
)
from keras_mdgan.metrics.sliced_wasserstein import (
    SlicedWasserstein,
    sliced_wasserstein,
)
from keras_mdgan.metrics.statistics import FrechetStatistics, frechet_statistics
from keras_mdgan.metrics.vendi import VendiScore, vendi_score

__all__ = [
    "ClassRecall",
    "ClippedDensityCoverage",
    "Clustering",
    "DensityCoverage",
    "Extractor",
    "Features",
    "FrechetDistance",
    "FrechetStatistics",
    "InceptionScore",
    "InferenceViaOptimization",
    "KernelDistance",
    "LabelAccuracy",
    "LabelKL",
    "MissingModes",
    "ModeCoverage",
    "ModeScore",
    "PrecisionRecall",
    "SlicedWasserstein",
    "Source",
    "VendiScore",
    "class_recall",
    "clipped_density_coverage",
    "clustering",
    "clusters_of",
    "density_coverage",
    "extractor",
    "frechet_distance",
    "frechet_statistics",
    "generated",
    "inception_score",
    "inference_via_optimization",
    "kernel_distance",
    "label_accuracy",
    "label_kl",
    "missing_modes",
    "mode_coverage",
    "mode_score",
    "precision_recall",
    "reference_statistics",
    "register_extractor",
    "sliced_wasserstein",
    "vendi_score",
]
