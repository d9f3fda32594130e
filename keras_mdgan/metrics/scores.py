"""Scores of a classifier's predictions: the Inception score and the MODE score."""

import dataclasses
import math
from typing import Any

import numpy as np

from keras_mdgan.metrics.features import UNKNOWN, Source, matrices_of, matrix_of
from keras_mdgan.metrics.results import Comparison, Result
from keras_mdgan.validation import check_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class InceptionScore(Result):
    """The Inception score; see `inception_score`.

    Attributes:
        value: mean over the splits, from 1 to the number of classes.
        std: standard deviation over the splits, with the divisor `splits`.
        splits: number of splits.
        n_fake: number of generated images.
        fake: the source of their probabilities.
    """

    value: float
    std: float
    splits: int
    n_fake: int
    fake: Source = UNKNOWN


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModeScore(Comparison):
    """The MODE score, as `value`; see `mode_score`."""

    value: float


def inception_score(probabilities: Any, splits: int = 10) -> InceptionScore:
    """`exp(E_x KL(p(y|x) || p(y)))` with `p(y)` the mean of `p(y|x)`, over splits.

    The splits are consecutive, so images sorted by class must be shuffled first.

    Examples:
        >>> sure = np.eye(4)[[0, 1, 2, 3] * 10]
        >>> float(inception_score(sure))            # sure of each, and all classes
        4.0000
        >>> float(inception_score(sure[:, :1] * [[0.5, 0.5]] + (1 - sure[:, :1]) / 2))
        1.0000

    Args:
        probabilities: `(n, n_classes)` of generated images, rows summing to 1: an
            array, a `Features` with probabilities, or a stream of them.
        splits: number of parts, of equal size up to one image.

    Raises:
        ValueError: if a row is not a distribution, or there are fewer rows than splits.

    References:
        Salimans et al., "Improved Techniques for Training GANs", NeurIPS 2016,
        section 4.
    """
    splits = check_integer("splits", splits)
    p, source = matrix_of(probabilities, "probabilities", of="probabilities")
    p = _distributions(p, "probabilities")
    if len(p) < splits:
        raise ValueError(
            f"`splits` must be at most the number of rows, {len(p)}. "
            f"Received: splits={splits}"
        )
    scores = [
        math.exp(np.mean(_kl(part, part.mean(axis=0))))
        for part in np.array_split(p, splits)
    ]
    return InceptionScore(
        value=float(np.mean(scores)),
        std=float(np.std(scores)),
        splits=splits,
        n_fake=len(p),
        fake=source,
    )


def mode_score(fake_probabilities: Any, real_probabilities: Any) -> ModeScore:
    """`exp(E_x KL(p(y|x) || p*(y)) - KL(p*(y) || p(y)))`.

    `x` are generated images, `p*(y)` is the distribution of their labels (the mean of
    `p(y|x)`), and `p(y)` is that of the data's labels. The score is the Inception score
    with a penalty: classes should have the same proportions as in the data.

    This is the paper's formula. Surveys print the data's distribution in both
    divergences, `exp(E_x KL(p(y|x) || p(y)) - KL(p*(y) || p(y)))`. In that form the
    data's distribution cancels, and for any data the result is the Inception score over
    one split.

    Examples:
        >>> every, one = np.eye(4)[[0, 1, 2, 3]], np.eye(4)[[0, 0, 0, 0]]
        >>> float(mode_score(every, every)), float(mode_score(one, every))
        (4.0000, 0.2500)

    Args:
        fake_probabilities: `(n, n_classes)` of generated images: an array, a
            `Features` with probabilities, or a stream of them.
        real_probabilities: `(n, n_classes)` of the data, in the same form. One-hot rows
            of the true labels are allowed, and also one row with their distribution.

    Returns:
        A `ModeScore` from 0 to the number of classes. It is 0 if there are generated
        images of a class that the data do not have.

    Raises:
        ValueError: if a row is not a distribution, or the two have different
            classifiers or numbers of classes.

    References:
        Che et al., "Mode Regularized Generative Adversarial Networks", ICLR 2017,
        section 4.1.1.
    """
    q, p, of_real, of_fake = matrices_of(
        real_probabilities, fake_probabilities, of="probabilities"
    )
    p = _distributions(p, "fake_probabilities")
    of_data = _distributions(q, "real_probabilities").mean(axis=0)
    labels = p.mean(axis=0)
    penalty = _kl(labels[None], of_data)[0]
    return ModeScore(
        value=math.exp(np.mean(_kl(p, labels)) - penalty),
        n_real=len(q),
        n_fake=len(p),
        real=of_real,
        fake=of_fake,
    )


def _kl(p, q):
    """`KL(p_i || q)` of each row in nats; infinite where `q` is 0 and `p_i` is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)
    return terms.sum(axis=1)


def _distributions(p, what):
    p = p.astype("float64")
    sums = p.sum(axis=1)
    bad = np.flatnonzero((np.abs(sums - 1.0) > 1e-3) | (p < 0).any(axis=1))
    if bad.size:
        raise ValueError(
            f"`{what}` must have rows of numbers >= 0 that sum to 1. Received: "
            f"{bad.size} of {len(p)} that do not, the first, row {bad[0]}, with sum "
            f"{sums[bad[0]]:.6g}"
        )
    # The sums of predictions in half precision differ visibly from 1 in float64.
    return p / sums[:, None]
