"""The sliced Wasserstein distance of features."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.features import matrices_of
from keras_mdgan.metrics.results import Comparison
from keras_mdgan.validation import check_integer

_ELEMENTS = 1 << 22  # of a temporary array, to bound memory


@dataclasses.dataclass(frozen=True, kw_only=True)
class SlicedWasserstein(Comparison):
    """The sliced Wasserstein distance; see `sliced_wasserstein`.

    Attributes:
        value: the mean of the squared distances along the directions.
        std: their standard deviation, with the divisor `directions`.
        directions: number of directions.
    """

    value: float
    std: float
    directions: int


def sliced_wasserstein(
    real: Any, fake: Any, *, directions: int = 1000, seed: int = 0
) -> SlicedWasserstein:
    """The mean over directions of `W_2^2`, the squared 1-D Wasserstein distance.

    `W_2^2` of two sets of numbers is the mean squared difference of their quantiles.
    The directions are uniform on the unit sphere. Unlike the Frechet distance, this
    sees more than means and covariances, and it needs no covariance of thousands of
    dimensions, so that a few thousand images are enough. MIND proposes it, on features
    of the Inception network, in place of the FID; its unit may be another than here.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(500, 4))
        >>> round(float(sliced_wasserstein(x, x + [2.0, 0, 0, 0])), 1)  # 2^2 / 4
        1.0

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same for generated images, possibly of another number.
        directions: number of directions. The error of the mean over directions is
            `std / sqrt(directions)`.
        seed: the seed of the directions. Distances of equal seeds compare best.

    Returns:
        A `SlicedWasserstein` in the squared unit of the features, computed in float64.

    Raises:
        ValueError: if the two have different dimensions, extractors or resizers.

    References:
        Bonneel et al., "Sliced and Radon Wasserstein Barycenters of Measures", JMIV
        2015; Berthet et al., "MIND: Monge Inception Distance for Generative
        Models Evaluation", arXiv 2605.06797, 2026.
    """
    directions = check_integer("directions", directions)
    seed = check_integer("seed", seed, at_least=0)
    x, y, of_real, of_fake = matrices_of(real, fake)
    x, y = x.astype("float64"), y.astype("float64")
    axes = np.random.default_rng(seed).standard_normal((directions, x.shape[1]))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    step = max(1, _ELEMENTS // max(len(x), len(y)))
    values = np.concatenate(
        [
            _squared_distances(x @ part.T, y @ part.T)
            for part in np.split(axes, range(step, directions, step))
        ]
    )
    return SlicedWasserstein(
        value=float(values.mean()),
        std=float(values.std()),
        directions=directions,
        n_real=len(x),
        n_fake=len(y),
        real=of_real,
        fake=of_fake,
    )


def _squared_distances(x, y):
    """`W_2^2` of each column of `(n, k)` and `(m, k)`, `(k,)`."""
    x, y = np.sort(x, axis=0), np.sort(y, axis=0)
    n, m = len(x), len(y)
    if n == m:
        return np.mean((x - y) ** 2, axis=0)
    # Both quantile functions are constant between these levels, in units of 1 / (n m).
    levels = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    weights = np.diff(levels, prepend=0) / (n * m)
    difference = x[(levels - 1) // m] - y[(levels - 1) // n]
    return weights @ difference**2
