"""The kernel distance (KID): an unbiased squared maximum mean discrepancy."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.features import matrices_of
from keras_mdgan.metrics.results import Comparison
from keras_mdgan.validation import check_integer, check_number


@dataclasses.dataclass(frozen=True, kw_only=True)
class KernelDistance(Comparison):
    """The kernel distance; see `kernel_distance`.

    Attributes:
        value: mean over the subsets. It is unbiased, so it may be below 0.
        std: standard deviation over the subsets, with the divisor `subsets`.
        subsets: number of pairs of subsets.
        subset_size: vectors in each.
    """

    value: float
    std: float
    subsets: int
    subset_size: int


def kernel_distance(
    real: Any,
    fake: Any,
    *,
    subsets: int = 100,
    subset_size: int = 1000,
    degree: int = 3,
    gamma: float | None = None,
    coef: float = 1.0,
    seed: int = 0,
) -> KernelDistance:
    """Mean of unbiased squared maximum mean discrepancies over random subsets.

    The kernel is the polynomial `(gamma x.y + coef)^degree`. Unlike the Frechet
    distance, its expectation does not depend on the number of images.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(2000, 4))
        >>> distance = kernel_distance(x[:1000], x[1000:] + 0.5, subset_size=500)
        >>> round(float(distance), 1)
        1.5

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same for generated images.
        subsets: the number of pairs of subsets, each drawn without replacement.
        subset_size: vectors in a subset, at least 2.
        degree: the polynomial's degree.
        gamma: factor of the scalar product; `None` for `1 / dim`.
        coef: the polynomial's constant term.
        seed: the seed of the subsets.

    Returns:
        A `KernelDistance`, computed in float64.

    Raises:
        ValueError: if there are fewer vectors than `subset_size`, or the two have
            different dimensions, extractors or resizers.

    References:
        Binkowski et al., "Demystifying MMD GANs", ICLR 2018, section 4 and eq. (4).
    """
    subsets = check_integer("subsets", subsets)
    subset_size = check_integer("subset_size", subset_size, at_least=2)
    degree = check_integer("degree", degree)
    seed = check_integer("seed", seed, at_least=0)
    check_number("coef", coef)
    if gamma is not None:
        check_number("gamma", gamma, above=0)
    x, y, of_real, of_fake = matrices_of(real, fake)
    if subset_size > min(len(x), len(y)):
        raise ValueError(
            "`subset_size` must be at most the number of vectors, "
            f"{len(x)} real and {len(y)} generated. "
            f"Received: subset_size={subset_size}"
        )
    gamma = 1.0 / x.shape[1] if gamma is None else gamma
    generator = np.random.default_rng(seed)
    values = np.empty(subsets)
    for index in range(subsets):
        a, b = (
            z[generator.choice(len(z), subset_size, replace=False)].astype("float64")
            for z in (x, y)
        )
        within = sum(
            _off_diagonal_mean(_kernel(z, z, degree, gamma, coef)) for z in (a, b)
        )
        values[index] = within - 2.0 * _kernel(a, b, degree, gamma, coef).mean()
    return KernelDistance(
        value=float(values.mean()),
        std=float(values.std()),
        subsets=subsets,
        subset_size=subset_size,
        n_real=len(x),
        n_fake=len(y),
        real=of_real,
        fake=of_fake,
    )


def _kernel(x, y, degree, gamma, coef):
    base = gamma * (x @ y.T) + coef
    power = base.copy()
    for _ in range(degree - 1):  # ten times as fast as `**` on arrays
        power *= base
    return power


def _off_diagonal_mean(matrix):
    n = len(matrix)
    return (matrix.sum() - np.trace(matrix)) / (n * (n - 1))
