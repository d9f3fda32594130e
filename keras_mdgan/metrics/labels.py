"""The distribution of generated images' labels over the classes."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.modes import kl_from_uniform
from keras_mdgan.metrics.results import Result
from keras_mdgan.validation import check_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelKL(Result):
    """The distribution of labels over the classes; see `label_kl`.

    Attributes:
        value: divergence of the labels' distribution from the reference, in nats.
        modes: classes with at least one label.
        n_classes: number of classes.
        counts: labels of each class.
        n_fake: number of labels.
    """

    value: float
    modes: int
    n_classes: int
    counts: tuple[int, ...]
    n_fake: int


def label_kl(labels: Any, n_classes: int, reference: Any = None) -> LabelKL:
    """Counts the generated classes, and compares their shares with those of the data.

    Stacked MNIST has 1,000 classes, and the usual number of samples is 25,000. The
    counts of so many uniform labels have a divergence of about
    `(n_classes - 1) / (2 n)` = 0.020 from the uniform distribution. A perfect
    generator therefore has about 0.020, not 0.

    Examples:
        >>> result = label_kl([0, 0, 1, 1], n_classes=4)
        >>> result.modes, result.value                     # log 2
        (2, 0.693147)
        >>> float(label_kl([0, 0, 1], 2, reference=[200, 100]))
        0.0

    Args:
        labels: a classifier's classes of generated images, `(n,)`, integers from 0.
        n_classes: number of classes, at least 1.
        reference: the data's distribution, `(n_classes,)`, in any unit, such as
            counts of real labels; `None` for uniform.

    Raises:
        ValueError: if labels or reference are not as described, or the reference is 0
            for a generated class (the divergence would be infinite).

    References:
        Srivastava et al., "VEEGAN", NeurIPS 2017, section 4.2.
        Metz et al., "Unrolled Generative Adversarial Networks", ICLR 2017, section
        3.3.1.
    """
    n_classes = check_integer("n_classes", n_classes)
    labels = check_labels("labels", labels, n_classes=n_classes)
    counts = np.bincount(labels, minlength=n_classes)
    return LabelKL(
        value=kl_from_uniform(counts) if reference is None else _kl(counts, reference),
        modes=int(np.count_nonzero(counts)),
        n_classes=n_classes,
        counts=tuple(counts.tolist()),
        n_fake=len(labels),
    )


def check_labels(
    argument: str, labels: Any, n: int | None = None, n_classes: int | None = None
) -> np.ndarray:
    """Labels as an array `(n,)` of integers from 0, below `n_classes`.

    Raises:
        ValueError: if they are not.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not labels.size or (n is not None and len(labels) != n):
        raise ValueError(
            f"`{argument}` must have shape ({'n' if n is None else n},), one label an "
            f"image. Received: shape {labels.shape}"
        )
    whole = labels.dtype.kind in "iu"
    if not whole or labels.min() < 0 or labels.max() >= (n_classes or np.inf):
        below = "" if n_classes is None else f" below {n_classes}"
        received = str(labels.dtype)
        if labels.dtype.kind in "iuf":  # strings and objects have no least one
            received += f" from {labels.min()} to {labels.max()}"
        raise ValueError(
            f"`{argument}` must be integers from 0{below}. Received: {received}"
        )
    return labels


def _kl(counts, reference):
    reference = np.asarray(reference, "float64")
    lacks = 0
    if reference.shape == counts.shape and np.isfinite(reference).all():
        lacks = int(np.sum((reference == 0) & (counts > 0)))
        if (reference >= 0).all() and reference.sum() > 0 and not lacks:
            found = counts > 0
            p, q = counts / counts.sum(), reference / reference.sum()
            return max(0.0, float(np.sum(p[found] * np.log(p[found] / q[found]))))
    raise ValueError(
        f"`reference` must be {len(counts)} numbers >= 0, above 0 where there are "
        f"labels. Received: shape {reference.shape}, {lacks} classes with labels at 0"
    )
