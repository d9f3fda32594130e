"""Precision, recall, density and coverage, from balls to the nearest neighbours."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.distances import Points, blocks, squared_radii
from keras_mdgan.metrics.features import Source, matrices_of
from keras_mdgan.metrics.results import Comparison
from keras_mdgan.validation import check_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class PrecisionRecall(Comparison):
    """Precision and recall, from 0 to 1; see `precision_recall`."""

    precision: float
    recall: float
    k: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class DensityCoverage(Comparison):
    """Density, at least 0, and coverage, from 0 to 1; see `density_coverage`."""

    density: float
    coverage: float
    k: int


def precision_recall(real: Any, fake: Any, k: int = 3) -> PrecisionRecall:
    """The shares of each set of features that lie in the other's manifold.

    The manifold of a set is the union of closed balls around its points. Each ball
    reaches the point's `k`-th nearest neighbour among the others. Equal vectors are
    neighbours at distance 0. If more than `k` vectors are equal, their ball is a point
    and contains only equal vectors of the other set.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(500, 2))
        >>> result = precision_recall(x, x[x[:, 0] > 0])  # half of the plane is missing
        >>> result.precision, round(result.recall, 1)
        (1.0, 0.5)

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same for generated images.
        k: which neighbour; each set needs more than `k` vectors.

    Returns:
        A `PrecisionRecall`. It is exact: the same as with distances computed in float64
        from the differences of the vectors.

    Raises:
        ValueError: if a set has at most `k` vectors, or the two have different
            dimensions, extractors or resizers.

    References:
        Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing
        Generative Models", NeurIPS 2019, eq. (1) and (2).
    """
    k = check_integer("k", k)
    x, y, of_real, of_fake = points_of(real, fake, k)
    around_real = squared_radii(x, k)[:, None]
    around_fake = squared_radii(y, k)
    precise = np.zeros(len(y.vectors), "bool")
    recalled = np.zeros(len(x.vectors), "bool")
    for block in blocks(x.vectors, y.vectors):
        precise |= block.at_most(around_real[block.rows]).any(axis=0)
        recalled[block.rows] = block.at_most(around_fake).any(axis=1)
    return PrecisionRecall(
        precision=float(precise[y.index].mean()),
        recall=float(recalled[x.index].mean()),
        k=k,
        n_real=len(x.index),
        n_fake=len(y.index),
        real=of_real,
        fake=of_fake,
    )


def density_coverage(real: Any, fake: Any, k: int = 5) -> DensityCoverage:
    """The generated features in balls around real features: density and coverage.

    Density is the mean number of balls that contain a generated vector, divided by `k`.
    Its expectation is 1 for the true data. It is larger if samples concentrate in dense
    parts of the data. Coverage is the share of balls with at least one generated
    vector. It shows lost modes, and outliers among the generated vectors do not raise
    it. The balls are the closed balls of `precision_recall`, around real points only.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(1000, 2))
        >>> result = density_coverage(x[:500], x[500:])
        >>> result.density, result.coverage
        (1.0, 0.9)

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same for generated images.
        k: a ball reaches the `k`-th nearest neighbour. There must be more than `k` real
            vectors.

    Returns:
        A `DensityCoverage`, exact like `precision_recall`.

    Raises:
        ValueError: if there are at most `k` real vectors, or the two have different
            dimensions, extractors or resizers.

    References:
        Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models",
        ICML 2020, eq. (5) and (6).
    """
    k = check_integer("k", k)
    x, y, of_real, of_fake = points_of(real, fake, k, balls_of="real")
    radii = squared_radii(x, k)[:, None]
    held = np.zeros(len(x.vectors))
    for block in blocks(x.vectors, y.vectors):
        held[block.rows] = block.at_most(radii[block.rows]) @ y.counts.astype("float64")
    held = held[x.index]
    return DensityCoverage(
        density=float(held.sum() / (k * len(y.index))),
        coverage=float((held > 0).mean()),
        k=k,
        n_real=len(x.index),
        n_fake=len(y.index),
        real=of_real,
        fake=of_fake,
    )


def points_of(
    real: Any, fake: Any, k: int, balls_of: str = "real fake"
) -> tuple[Points, Points, Source, Source]:
    """Both sets and their sources; checks that sets with balls are larger than `k`."""
    x, y, of_real, of_fake = matrices_of(real, fake)
    for what, points in (("real", x), ("fake", y)):
        if what in balls_of and len(points) <= k:
            raise ValueError(
                f"`k` must be less than the number of vectors of `{what}`, "
                f"{len(points)}. Received: k={k}"
            )
    return Points(x), Points(y), of_real, of_fake
