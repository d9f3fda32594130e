"""The Frechet distance between the Gaussians fitted to two sets of features."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.features import Features, check_comparable, matrix_of
from keras_mdgan.metrics.results import Comparison
from keras_mdgan.metrics.statistics import FrechetStatistics, statistics_of

_LARGE = 500  # the smaller side of a product from which on an SVD is slow


@dataclasses.dataclass(frozen=True, kw_only=True)
class FrechetDistance(Comparison):
    """The Frechet distance, as `value`; see `frechet_distance`."""

    value: float


def frechet_distance(real: Any, fake: Any) -> FrechetDistance:
    """The Frechet distance between Gaussians fitted to real and generated features.

    The distance is `norm(m1 - m2)^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2))`. It is computed
    with factors `C1 = A1' A1` and `C2 = A2' A2`. The eigenvalues of `C1 C2` are those
    of the symmetric `C1^(1/2) C2 C1^(1/2)`, and equal the squared singular values of
    `A1 A2'`. The trace of the root is the sum of these singular values. It is real and
    non-negative for covariances of any rank. The factor is the matrix of centred
    features if there are few of them, else a Cholesky factor. If the covariance does
    not have full rank, the factor is made of the eigenvectors whose eigenvalues exceed
    rounding.

    With features of the Inception network of 2015 this is the FID. Its value falls with
    the number of images, so compare only values for the same numbers of images.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(1000, 4))
        >>> float(frechet_distance(x, x + 3.0))           # 4 * 3^2
        36.0000

    Args:
        real: the features in any form that `frechet_statistics` accepts, or a
            `FrechetStatistics`.
        fake: the same for generated images.

    Returns:
        A `FrechetDistance`, never negative.

    Raises:
        ValueError: if the two have different dimensions, extractors or resizers.

    References:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
        Local Nash Equilibrium", NeurIPS 2017, eq. (6).
    """
    mean_1, factor_1, n_1, source_1 = _fitted(real, "real")
    mean_2, factor_2, n_2, source_2 = _fitted(fake, "fake")
    check_comparable(source_1, source_2, len(mean_1), len(mean_2))
    traces = np.vdot(factor_1, factor_1) + np.vdot(factor_2, factor_2)
    root = _sum_of_singular_values(factor_1 @ factor_2.T)
    # For equal covariances only rounding is left, and it may be negative.
    value = np.sum((mean_1 - mean_2) ** 2) + max(0.0, traces - 2.0 * root)
    return FrechetDistance(
        value=float(value), n_real=n_1, n_fake=n_2, real=source_1, fake=source_2
    )


def _fitted(features, what):
    """Mean, a factor `(rank, dim)` of the covariance, number and source."""
    if isinstance(features, Features) or hasattr(features, "shape"):
        x, source = matrix_of(features, what)
        if 2 <= len(x) <= x.shape[1]:
            mean = x.mean(axis=0, dtype="float64")
            return mean, (x - mean) / np.sqrt(len(x) - 1), len(x), source
    if not isinstance(features, FrechetStatistics):
        features = statistics_of(features, what)
    factor = _factor(features.covariance)
    return features.mean, factor, features.n, features.source


def _sum_of_singular_values(product):
    if min(product.shape) > _LARGE:
        # Eigenvalues of the square take a third of the time. Squaring loses the small
        # singular values: use it only if they do not change the sum.
        wide = product.shape[0] < product.shape[1]
        gram = product @ product.T if wide else product.T @ product
        values = np.linalg.eigvalsh(gram)
        rounding = np.finfo("float64").eps * values[-1]
        roots = np.sqrt(np.maximum(values, rounding))
        if np.sum(rounding / roots) <= 1e-8 * roots.sum():
            return np.sqrt(np.maximum(values, 0.0)).sum()
    return np.linalg.svd(product, compute_uv=False).sum()


def _factor(covariance):
    rounding = len(covariance) * np.finfo("float64").eps
    try:
        triangle = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        pass
    else:
        # A singular covariance can pass by rounding, with pivots that are only noise.
        pivots = np.diagonal(triangle) ** 2
        if pivots.min() > rounding * pivots.max():
            return triangle.T
    values, vectors = np.linalg.eigh(covariance)
    kept = values > rounding * values[-1]
    return np.sqrt(values[kept])[:, None] * vectors[:, kept].T
