"""Recall per class, which shows the classes that a generator has lost."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.distances import blocks, squared_radii
from keras_mdgan.metrics.labels import check_labels
from keras_mdgan.metrics.neighbors import points_of
from keras_mdgan.metrics.results import Comparison
from keras_mdgan.validation import check_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassRecall(Comparison):
    """Recall per class; see `class_recall`.

    Attributes:
        value: mean over the classes with real images.
        recalls: recall of each class, from 0 to 1; `None` for a class without real
            images.
        counts: number of real images of each class.
        k: which neighbour.
    """

    value: float
    recalls: tuple[float | None, ...]
    counts: tuple[int, ...]
    k: int


def class_recall(real: Any, fake: Any, real_labels: Any, k: int = 3) -> ClassRecall:
    """The recall of `precision_recall`, separately for the real images of each class.

    The manifold is that of all generated features, so these need no labels. Recall is
    the share of a class that the generator could have made. A lost class has recall
    near 0, which the mean over all images may hide.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> labels = np.arange(400) % 2
        >>> x[:, 0] += 100 * labels
        >>> class_recall(x, x[labels == 0], labels).recalls
        (1.0, 0.0)

    Args:
        real: features `(n_real, dim)`: an array, a `Features` or a stream of them.
        fake: the same for generated images.
        real_labels: the real images' classes, `(n_real,)`, integers from 0.
        k: a ball reaches the `k`-th nearest neighbour. There must be more than `k`
            generated vectors.

    Returns:
        A `ClassRecall`, exact like `precision_recall`.

    Raises:
        ValueError: if there are at most `k` generated vectors, labels are not as
            described, or the two have different dimensions, extractors or resizers.

    References:
        Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing
        Generative Models", NeurIPS 2019, eq. (2), for the real images of one class.
    """
    k = check_integer("k", k)
    x, y, of_real, of_fake = points_of(real, fake, k, balls_of="fake")
    labels = check_labels("real_labels", real_labels, n=len(x.index))
    radii = squared_radii(y, k)
    recalled = np.concatenate(
        [b.at_most(radii).any(axis=1) for b in blocks(x.vectors, y.vectors)]
    )[x.index]
    counts = np.bincount(labels)
    hits = np.bincount(labels, weights=recalled)
    recalls = [hit / n if n else None for hit, n in zip(hits.tolist(), counts.tolist())]
    return ClassRecall(
        value=float(np.mean([r for r in recalls if r is not None])),
        recalls=tuple(recalls),
        counts=tuple(counts.tolist()),
        k=k,
        n_real=len(labels),
        n_fake=len(y.index),
        real=of_real,
        fake=of_fake,
    )
