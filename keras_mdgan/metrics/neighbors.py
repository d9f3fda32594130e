"""Manifolds of balls to the nearest neighbours: who lies in whose."""

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
    """Density, from 0 on, and coverage, from 0 to 1; see `density_coverage`."""

    density: float
    coverage: float
    k: int


def precision_recall(real: Any, fake: Any, k: int = 3) -> PrecisionRecall:
    """The shares of each set of features that lie in the other's manifold.

    The manifold of a set is the union of balls around its points, each reaching as far
    as the point's `k`-th nearest neighbour among the others, which lies in the ball.
    Equal vectors are neighbours at distance 0: where more than `k` are equal the
    ball is a point, and covers its copies in the other set only.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(500, 2))
        >>> result = precision_recall(x, x[x[:, 0] > 0])  # half of the plane is missing
        >>> result.precision, round(result.recall, 1)
        (1.0, 0.5)

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same of generated images.
        k: which neighbour; each set needs more vectors.

    Returns:
        A `PrecisionRecall`, exact: as if each distance were computed in float64 from
        the difference of the vectors.

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
    """How many real points' balls hold generated features, and how many they hold.

    Density is the mean number of the balls that a generated vector lies in, over
    `k`: 1 is expected of the true data, more where samples crowd in the data's dense
    parts. Coverage is the share of the balls that hold any: it shows lost modes, and
    an outlier among the generated vectors does not raise it. The balls are those of
    `precision_recall`, around real points only, and closed.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(1000, 2))
        >>> result = density_coverage(x[:500], x[500:])
        >>> result.density, result.coverage
        (1.0, 0.9)

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same of generated images.
        k: which neighbour a ball reaches; there must be more real vectors.

    Returns:
        A `DensityCoverage`, exact as `precision_recall` is.

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
    """Both sets and their sources, if there are more of them than `k`."""
    x, y, of_real, of_fake = matrices_of(real, fake)
    for what, points in (("real", x), ("fake", y)):
        if what in balls_of and len(points) <= k:
            raise ValueError(
                f"`k` must be less than the number of vectors of `{what}`, "
                f"{len(points)}. Received: k={k}"
            )
    return Points(x), Points(y), of_real, of_fake
