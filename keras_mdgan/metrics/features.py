"""Features of images, and where they come from: what the measures compare."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Source:
    """What features were computed from, and how. Values that differ do not compare.

    Attributes:
        data: which images, such as `"mnist/test"` or `"generated"`.
        extractor: name and version of the network that computed the features.
        resizer: how images were brought to the network's size.
    """

    data: str | None = None
    extractor: str | None = None
    resizer: str | None = None


@dataclasses.dataclass(frozen=True)
class Features:
    """Feature vectors of images.

    Examples:

    >>> features = Features(np.zeros((3, 2)), source=Source(data="mnist/test"))
    >>> len(features), features.source.data
    (3, 'mnist/test')

    Attributes:
        values: `(n, dim)`.
        probabilities: `(n, n_classes)`, rows summing to 1, if the extractor is also a
            classifier; else `None`.
        source: where they come from.
    """

    values: np.ndarray
    probabilities: np.ndarray | None = None
    source: Source = Source()

    def __len__(self) -> int:
        return len(self.values)


def parts_of(features: Any, what: str) -> Iterator[tuple[np.ndarray, Source]]:
    """Features part by part: arrays `(k, dim)`, each with its source.

    Args:
        features: an array `(n, dim)`, a `Features`, or an iterable of either.
        what: the argument's name, for errors.

    Raises:
        ValueError: if a part is not a matrix of finite numbers, or parts differ in
            their dimension or their source, or there are none.
    """
    whole = isinstance(features, Features | np.ndarray) or hasattr(features, "shape")
    first = None
    for part in [features] if whole else _iterated(features, what):
        values = np.asarray(part.values if isinstance(part, Features) else part)
        if values.ndim != 2 or not len(values):
            raise ValueError(
                f"`{what}` must have shape (n, dim) with n >= 1. "
                f"Received: shape {values.shape}"
            )
        if not np.isfinite(values).all():
            raise ValueError(f"`{what}` must be finite. Received: NaN or infinity")
        source = part.source if isinstance(part, Features) else Source()
        if first is None:
            first = values.shape[1], source
        if (values.shape[1], source) != first:
            raise ValueError(
                f"`{what}` must have one dimension and one source throughout. "
                f"Received: {first} and {(values.shape[1], source)}"
            )
        yield values, source
    if first is None:
        raise ValueError(f"`{what}` is empty.")


def matrix_of(features: Any, what: str) -> tuple[np.ndarray, Source]:
    """The same as one array `(n, dim)`, and its source."""
    parts = list(parts_of(features, what))
    values = [values for values, _ in parts]
    return values[0] if len(values) == 1 else np.concatenate(values), parts[0][1]


def _iterated(features, what) -> Iterable:
    if isinstance(features, str | bytes) or not isinstance(features, Iterable):
        raise ValueError(
            f"`{what}` must be an array (n, dim), a Features, or an iterable of "
            f"either. Received: {features!r}"
        )
    return features
