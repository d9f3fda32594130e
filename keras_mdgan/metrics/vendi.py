"""The Vendi score: how many different samples there are, in effect."""

import dataclasses
import math
from typing import Any

import numpy as np

from keras_mdgan.metrics.features import UNKNOWN, Source, matrix_of
from keras_mdgan.metrics.results import Result
from keras_mdgan.validation import check_number


@dataclasses.dataclass(frozen=True, kw_only=True)
class VendiScore(Result):
    """The Vendi score; see `vendi_score`.

    Attributes:
        value: from 1 (all samples are alike) to the number of samples (no two are).
        order: the order of the entropy.
        n: number of samples.
        source: the source of their features.
    """

    value: float
    order: float
    n: int
    source: Source = UNKNOWN


def vendi_score(features: Any, order: float = 1.0) -> VendiScore:
    """`exp(-sum_i l_i log l_i)`, with `l` the eigenvalues of the similarities over `n`.

    The similarity of two samples is the cosine of their features. The score is the
    effective number of different samples. It compares with nothing: a generator of
    diverse noise has a high score. Compare it with that of as many real samples.

    Of another order `q` it is `(sum_i l_i^q)^(1 / (1 - q))`. Rare kinds of samples
    count more in a smaller order; of infinite order it is `1 / max_i l_i`.

    Examples:
        >>> every, one = np.eye(4)[[0, 1, 2, 3] * 5], np.eye(4)[[0] * 20]
        >>> float(vendi_score(every)), float(vendi_score(one))
        (4.0000, 1.0000)
        >>> float(vendi_score(np.eye(2)[[0, 0, 0, 1]], order=float("inf")))
        1.3333

    Args:
        features: `(n, dim)`: an array, a `Features` or a stream of them. It is not
            centred.
        order: the order of the entropy, above 0 and possibly infinite.

    Returns:
        A `VendiScore`, computed in float64 from singular values, in
        `O(n dim min(n, dim))`.

    Raises:
        ValueError: if `order` is not above 0, or a feature vector is 0, which has no
            direction.

    References:
        Friedman and Dieng, "The Vendi Score", TMLR 2023, definition 3.1; orders:
        Pasarkar and Dieng, "Cousins of the Vendi Score", AISTATS 2024.
    """
    if order != math.inf:
        order = check_number("order", order, above=0)
    x, source = matrix_of(features, "features")
    x = x.astype("float64")
    # Scaled first: squares of very large or small entries leave float64.
    largest = np.abs(x).max(axis=1, keepdims=True)
    zero = np.flatnonzero(largest == 0)
    if zero.size:
        raise ValueError(
            "`features` must have no zero vector, which has no direction. "
            f"Received: {zero.size} of {len(x)}, the first at index {zero[0]}"
        )
    x = x / largest
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    shares = np.linalg.svd(x, compute_uv=False) ** 2 / len(x)
    shares = shares[shares > 0]
    return VendiScore(
        value=_effective_number(shares / shares.sum(), order),
        order=float(order),
        n=len(x),
        source=source,
    )


def _effective_number(shares, order):
    """The Hill number of an order: the exponential of Renyi's entropy."""
    if order == math.inf:
        return float(1.0 / shares.max())
    if order == 1:
        return float(np.exp(-np.sum(shares * np.log(shares))))
    return float(np.sum(shares**order) ** (1.0 / (1.0 - order)))
