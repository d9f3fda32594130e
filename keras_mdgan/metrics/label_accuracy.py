"""How often generated samples have the class that was asked for."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_mdgan.metrics.labels import check_labels
from keras_mdgan.metrics.results import Result
from keras_mdgan.validation import check_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelAccuracy(Result):
    """Accuracy per class; see `label_accuracy`.

    Attributes:
        value: mean over the classes that were asked for.
        accuracies: accuracy of each class, from 0 to 1; `None` for a class that was not
            asked for.
        counts: number of samples of each class that were asked for.
        n_fake: number of samples.
    """

    value: float
    accuracies: tuple[float | None, ...]
    counts: tuple[int, ...]
    n_fake: int


def label_accuracy(labels: Any, found: Any, n_classes: int) -> LabelAccuracy:
    """The share of samples that have the class that was asked for, by class.

    Examples:
        >>> result = label_accuracy([0, 0, 1, 1], [0, 1, 1, 1], n_classes=2)
        >>> result.accuracies, result.value
        ((0.5, 1.0), 0.75)

    Args:
        labels: the classes that the generator was asked for, `(n,)`, integers from 0.
        found: a classifier's classes of its samples, `(n,)`.
        n_classes: number of classes, at least 1.

    Raises:
        ValueError: if labels are not as described.
    """
    n_classes = check_integer("n_classes", n_classes)
    labels = check_labels("labels", labels, n_classes=n_classes)
    found = check_labels("found", found, len(labels), n_classes)
    counts = np.bincount(labels, minlength=n_classes)
    hits = np.bincount(labels[found == labels], minlength=n_classes)
    shares = [hit / n if n else None for hit, n in zip(hits.tolist(), counts.tolist())]
    return LabelAccuracy(
        value=float(np.mean([share for share in shares if share is not None])),
        accuracies=tuple(shares),
        counts=tuple(counts.tolist()),
        n_fake=len(labels),
    )


def accuracy_of(
    gan: Any, classify: Callable[[np.ndarray], np.ndarray], n: int, seed: int = 0
) -> LabelAccuracy:
    """`label_accuracy` of a model's samples, as many of each class.

    Args:
        gan: a `ConditionalGAN`.
        classify: a function from samples `(k, *data_shape)` to their classes `(k,)`.
        n: about how many samples, at least one of each class.
        seed: the seed of the latents.
    """
    per_class = max(1, check_integer("n", n) // gan.n_classes)
    labels = np.repeat(np.arange(gan.n_classes), per_class)
    samples = gan.sample(len(labels), seed=seed, labels=labels)
    return label_accuracy(labels, classify(samples), gan.n_classes)
