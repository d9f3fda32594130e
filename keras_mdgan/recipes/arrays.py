"""A user's arrays as data sets for recipes."""

import numpy as np

from keras_mdgan.datasets import ShuffledBatches, to_unit_range
from keras_mdgan.metrics.labels import check_labels


class _Samples:
    """What `fit` gets of an array: subclasses set `x`, and `transform` if bytes."""

    transform = None
    y, n_classes = None, None

    def with_labels(self, y):
        """The same data with a label a sample; returns itself.

        Args:
            y: integers from 0, `(n,)` or `(n, 1)`; the largest is the last class.

        Raises:
            ValueError: if they are not.
        """
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        self.y = check_labels("labels", y, n=len(self.x))
        self.n_classes = int(self.y.max()) + 1
        return self

    def as_dataset(
        self, n: int, batch_size: int, seed: int = 0, labels: bool = False
    ) -> ShuffledBatches:
        """Batches for `fit` of `n` of the samples; images are float32 in [-1, 1].

        Raises:
            ValueError: if `labels` are asked for, and there are none.
        """
        if labels and self.y is None:
            raise ValueError(
                "`model` needs labels, and an array has none. Give `data` as (x, y), "
                "or the name of a data set"
            )
        return ShuffledBatches(
            some(self.x, n, seed),
            some(self.y, n, seed) if labels else None,
            batch_size=batch_size,
            seed=seed,
            transform=self.transform,
        )


class PointArray(_Samples):
    """Points in memory, with the offset and scale that networks need for them.

    Networks see the points centred and scaled to about the width of the grid. The
    recipe's noise and frequencies refer to this width.

    Examples:
        >>> data = PointArray(np.array([[0.0, 1.0], [4.0, 1.0]]))
        >>> data.dim, data.offset, data.output_range
        (2, [2.0, 1.0], 3.0)

    Args:
        x: finite numbers `(n, dim)`.
        name: the data's name in records and figures.

    Raises:
        ValueError: if `x` has another shape, holds NaN, or all points are equal.
    """

    kind = "points"

    def __init__(self, x, name: str = "array"):
        x = _numbers(x)
        if x.ndim != 2 or not x.size:
            raise ValueError(
                f"`data` must have shape (n, dim). Received: an array of {x.shape}"
            )
        if not np.isfinite(x).all():
            raise ValueError("`data` must be finite. Received: NaN or infinity")
        low, high = x.min(axis=0), x.max(axis=0)
        reach = float((high - low).max() / 2)
        if reach == 0:
            raise ValueError("`data` must vary. Received: the same point n times")
        largest = float(np.abs(x).max())
        # Networks compute in float32, which has seven digits.
        if not 1e-30 < reach < 1e30 or largest > 1e4 * reach:
            raise ValueError(
                "`data` must be centred and scaled to a common size, such as -1 to 1. "
                f"Received: values up to {largest:.3g} that vary by {2 * reach:.3g}"
            )
        self.x, self.name = x.astype("float32"), name
        self.n_points, self.dim = x.shape
        self.shape = (self.dim,)
        self.offset = [float(value) for value in (low + high) / 2]
        # As for the grid: its samples reach 4.2, its generator is bounded at 1.5 times
        # the data's reach.
        self.scale, self.output_range = 4.2 / reach, 1.5 * reach


class DrawnPoints(PointArray):
    """A mixture of Gaussians that is not registered; its points give its scale."""

    def __init__(self, data):
        super().__init__(data.sample(10_000, seed=0), data.name)
        self.drawn_from, self.n_classes = data, data.n_modes

    def as_dataset(self, n, batch_size, seed=0, labels=False):
        return self.drawn_from.as_dataset(n, batch_size, seed=seed, labels=labels)


class ImageArray(_Samples):
    """Images in memory, as a data set for recipes.

    Examples:
        >>> data = ImageArray(np.zeros((5, 28, 28), "uint8"))
        >>> data.shape, data.as_dataset(5, batch_size=2)[0].dtype
        ((28, 28, 1), dtype('float32'))

    Args:
        x: images `(n, height, width)` or `(n, height, width, channels)`, uint8, or
            floats in [-1, 1].
        name: the data's name in records and figures.

    Raises:
        ValueError: if `x` has another shape, type or range.
    """

    kind = "images"

    def __init__(self, x, name: str = "array"):
        x = np.asarray(x)
        if x.ndim == 3:
            x = x[..., None]
        if x.ndim != 4 or not x.size:
            raise ValueError(
                "`data` must have shape (n, height, width[, channels]). "
                f"Received: an array of {x.shape}"
            )
        if x.dtype != np.uint8 and not (
            np.issubdtype(x.dtype, np.floating) and np.abs(x).max() <= 1.0
        ):
            found = f"{x.dtype} from {x.min()} to {x.max()}"
            raise ValueError(
                f"`data` must be uint8, or floats in [-1, 1]. Received: {found}"
            )
        self.x, self.name = x, name
        self.transform = to_unit_range if x.dtype == np.uint8 else None
        self.n_points, *shape = x.shape
        self.shape = tuple(shape)


def samples_of(cls, data):
    """An instance of `cls` from an array, or from the tuple `(x, y)`.

    Raises:
        ValueError: if a tuple has other than two elements; see also `cls`.
    """
    if not isinstance(data, tuple):
        return cls(data)
    if len(data) != 2:
        raise ValueError(
            "`data` must be an array or (x, y), samples and labels. "
            f"Received: a tuple of {len(data)} elements"
        )
    return cls(data[0]).with_labels(data[1])


def _numbers(x) -> np.ndarray:
    try:
        x = np.asarray(x)
    except ValueError as error:  # lists of several lengths
        raise ValueError(f"`data` must be an array of numbers: {error}") from error
    if x.dtype.kind not in "iuf":
        raise ValueError(
            f"`data` must be an array of numbers. Received: {type(x).__name__} of "
            f"dtype {x.dtype}"
        )
    return x.astype("float64")


def some(x: np.ndarray, n: int, seed: int) -> np.ndarray:
    """All samples, or `n` of them: at random, since arrays may be sorted."""
    if n >= len(x):
        return x
    chosen = np.random.default_rng(seed).permutation(len(x))[:n]
    return x[np.sort(chosen)]
