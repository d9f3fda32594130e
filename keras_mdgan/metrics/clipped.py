"""Density and coverage that outliers do not change: clipped and calibrated."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.distances import blocks, squared_radii
from keras_mdgan.metrics.neighbors import points_of
from keras_mdgan.metrics.results import Comparison
from keras_mdgan.validation import check_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClippedDensityCoverage(Comparison):
    """Clipped density and coverage, from 0 to 1; see `clipped_density_coverage`."""

    density: float
    coverage: float
    k: int


def clipped_density_coverage(
    real: Any, fake: Any, k: int = 5
) -> ClippedDensityCoverage:
    """The shares of good samples among the generated ones: clipped density, coverage.

    Both count generated vectors in balls around real ones that reach their `k`-th
    nearest neighbour, as `density_coverage` does. There, one outlier among the real
    data has a ball with room for many bad samples, and a crowd of samples in one place
    makes up for bad ones. Here

    * density has no ball larger than the median one, and no sample counts more than
      1: `min(1, balls that contain it / k)`. The mean is divided by that of the real
      vectors themselves, each without its own ball.
    * coverage counts up to `k` samples in a ball, `min(1, samples / k)`. The mean `c`
      becomes `m / n_fake`, with `m` the number of true samples that would be expected
      to cover as much: the solution of `E[min(k, J)] / k = c`, where `J` is
      beta-binomial, with `m` trials and the parameters `k` and `n_real - k`.

    If a share of the samples is replaced by bad ones, both fall by this share.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(1500, 2))
        >>> fake = x[500:].copy()
        >>> fake[:300] += 50.0                                   # 30 % are bad
        >>> result = clipped_density_coverage(x[:500], fake)
        >>> round(result.density, 1), round(result.coverage, 1)
        (0.7, 0.7)

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same for generated images.
        k: a ball reaches the `k`-th nearest neighbour. There must be more than `k` real
            vectors.

    Returns:
        A `ClippedDensityCoverage`. Balls are closed, and distances exact, as in
        `precision_recall`.

    Raises:
        ValueError: if there are at most `k` real vectors, or the two have different
            dimensions, extractors or resizers.

    References:
        Salvy, Talbot and Thirion, "Enhanced Generative Model Evaluation with Clipped
        Density and Coverage", ICLR 2026, arXiv 2507.01761.
    """
    k = check_integer("k", k)
    x, y, of_real, of_fake = points_of(real, fake, k, balls_of="real")
    radii = squared_radii(x, k)
    clipped = np.minimum(radii, np.median(radii[x.index]))
    covered, around_fake = np.zeros(len(x.vectors)), np.zeros(len(y.vectors))
    for block in blocks(x.vectors, y.vectors):
        rows = block.rows
        inside = block.at_most(radii[rows, None])
        covered[rows] = inside @ y.counts.astype("float64")
        around_fake += x.counts[rows] @ block.at_most(clipped[rows, None])
    around_real = np.full(len(x.vectors), -1.0)  # not its own ball
    for block in blocks(x.vectors, x.vectors):
        inside = block.at_most(clipped[block.rows, None])
        around_real += x.counts[block.rows] @ inside
    best = np.minimum(around_real[x.index] / k, 1.0).mean()
    density = np.minimum(around_fake[y.index] / k, 1.0).mean()
    coverage = np.minimum(covered[x.index] / k, 1.0).mean()
    expected = expected_coverage(len(x.index), len(y.index), k)
    return ClippedDensityCoverage(
        density=float(min(density / best, 1.0)),
        coverage=float(
            np.interp(coverage, expected, np.linspace(0.0, 1.0, len(expected)))
        ),
        k=k,
        n_real=len(x.index),
        n_fake=len(y.index),
        real=of_real,
        fake=of_fake,
    )


def expected_coverage(n_real: int, n_fake: int, k: int) -> np.ndarray:
    """The expected mean of `min(1, samples in a ball / k)` of 0, 1, ... true samples.

    A ball that reaches the `k`-th of `n_real - 1` neighbours holds a share of the
    distribution that has a beta distribution, whatever the distribution of the data.

    Examples:
        >>> expected_coverage(n_real=4, n_fake=3, k=1)
        array([0.  , 0.25, 0.4 , 0.5 ])

    Args:
        n_real: number of real vectors, above `k`.
        n_fake: the largest number of samples.
        k: as in `clipped_density_coverage`.

    Returns:
        An increasing array `(n_fake + 1,)`.
    """
    log = np.log(np.arange(1, n_real + n_fake))
    log_factorial = np.concatenate([[0.0], np.cumsum(log)])

    def log_beta(a, b):
        return log_factorial[a - 1] + log_factorial[b - 1] - log_factorial[a + b - 1]

    m = np.arange(n_fake + 1)
    # min(k, J) is k without what is missing in the few cases of J < k.
    missing = np.zeros(n_fake + 1)
    for j in range(min(k, n_fake + 1)):
        some = m[j:]  # with fewer samples there are no j of them
        chosen = log_factorial[some] - log_factorial[j] - log_factorial[some - j]
        ratio = log_beta(k + j, n_real - k + some - j) - log_beta(k, n_real - k)
        missing[j:] += (k - j) * np.exp(chosen + ratio)
    return 1.0 - missing / k
