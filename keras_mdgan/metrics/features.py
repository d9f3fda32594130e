"""Features of images, which measures compare, and the sources of features."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from keras_mdgan.display import shortened


@dataclasses.dataclass(frozen=True)
class Source:
    """How features were computed. Features computed differently cannot be compared.

    Attributes:
        data: the name of the images, such as `"mnist/test"` or `"generated"`.
        extractor: name and version of the network that computed the features.
        resizer: how images were resized to the network's size.
    """

    data: str | None = None
    extractor: str | None = None
    resizer: str | None = None


UNKNOWN = Source()


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
        source: how they were computed.
    """

    values: np.ndarray
    probabilities: np.ndarray | None = None
    source: Source = UNKNOWN

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self):
        parts = [shortened(self.values)]
        if self.probabilities is not None:
            parts.append(f"probabilities={shortened(self.probabilities)}")
        return f"Features({', '.join(parts)}, source={self.source})"


def parts_of(
    features: Any, what: str, of: str = "values"
) -> Iterator[tuple[np.ndarray, Source]]:
    """Features part by part, as arrays `(k, dim)` with their source.

    Args:
        features: an array `(n, dim)`, a `Features`, or an iterable of either.
        what: the argument's name, for errors.
        of: `"values"` or `"probabilities"` of a `Features`.

    Raises:
        ValueError: if there are no parts, if a part is not a matrix of finite numbers,
            or if parts differ in their dimension or source.
    """
    whole = isinstance(features, Features | np.ndarray) or hasattr(features, "shape")
    first = None
    for part in [features] if whole else _iterated(features, what):
        values = _checked(getattr(part, of) if isinstance(part, Features) else part)
        if isinstance(values, str):
            raise ValueError(f"`{what}` must {values}")
        source = part.source if isinstance(part, Features) else UNKNOWN
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


def blocks_of(
    features: Any, what: str, rows: int
) -> Iterator[tuple[np.ndarray, Source]]:
    """Features in blocks of `rows` rows; the last block may be smaller.

    The blocks do not depend on the sizes of the parts. A sum over blocks is therefore
    the same, bit for bit, for any batch size of the stream.
    """
    waiting, count = [], 0
    for values, source in parts_of(features, what):
        while len(values):
            piece, values = values[: rows - count], values[rows - count :]
            waiting.append(piece)
            count += len(piece)
            if count == rows:
                yield _joined(waiting), source
                waiting, count = [], 0
    if waiting:
        yield _joined(waiting), source


def matrix_of(
    features: Any, what: str, of: str = "values"
) -> tuple[np.ndarray, Source]:
    """Features as one array `(n, dim)`, and their source."""
    parts = list(parts_of(features, what, of))
    return _joined([values for values, _ in parts]), parts[0][1]


def matrices_of(
    real: Any, fake: Any, of: str = "values"
) -> tuple[np.ndarray, np.ndarray, Source, Source]:
    """Real and generated features as comparable arrays, and their sources."""
    x, of_real = matrix_of(real, "real", of)
    y, of_fake = matrix_of(fake, "fake", of)
    check_comparable(of_real, of_fake, x.shape[1], y.shape[1])
    return x, y, of_real, of_fake


def check_comparable(real: Source, fake: Source, dim_real: int, dim_fake: int) -> None:
    """Raises an error if features were computed differently.

    Features without a source, such as arrays, are only checked for their dimension.

    Examples:
        >>> check_comparable(Source(extractor="a"), Source(extractor="b"), 2, 2)
        Traceback (most recent call last):
        ValueError: `real` and `fake` must come from one extractor and one resizer. ...

    Raises:
        ValueError: if extractor, resizer or dimension differ.
    """
    if dim_real != dim_fake:
        raise ValueError(
            "`real` and `fake` must have the same dimension. "
            f"Received: {dim_real} and {dim_fake}"
        )
    stated = UNKNOWN not in (real, fake)
    if stated and (real.extractor, real.resizer) != (fake.extractor, fake.resizer):
        raise ValueError(
            "`real` and `fake` must come from one extractor and one resizer. "
            f"Received: {real} and {fake}"
        )


def _joined(parts):
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _checked(part) -> np.ndarray | str:
    """A part as an array, or the rest of an error message about it."""
    if part is None:
        return "have probabilities. Received: Features with probabilities=None"
    values = np.asarray(part)
    if values.ndim != 2 or not values.size:
        return f"have shape (n, dim) with n >= 1. Received: shape {values.shape}"
    if values.dtype.kind not in "fiub":
        return f"hold real numbers. Received: an array of {values.dtype}"
    if not np.isfinite(values).all():
        return "be finite. Received: NaN or infinity"
    return values


def _iterated(features, what) -> Iterable:
    if isinstance(features, str | bytes) or not isinstance(features, Iterable):
        raise ValueError(
            f"`{what}` must be an array (n, dim), a Features, or an iterable of "
            f"either. Received: {features!r}"
        )
    return features
