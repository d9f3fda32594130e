"""Samples that are computed only when a batch needs them."""

import numpy as np


class Gathered:
    """A lazy array: it is indexed like an array and computes samples on demand.

    A subclass sets `shape`, `(n, ...)`, and `dtype`, and defines `gather(indices)`.
    `ShuffledBatches` accepts it as `x`, and gathers the samples of one batch at a time.

    Examples:
        >>> class Squares(Gathered):
        ...     shape, dtype = (5,), np.dtype("int64")
        ...     def gather(self, indices):
        ...         return indices**2
        >>> squares = Squares()
        >>> squares[3], squares[1:4], squares[[4, -1]]
        (np.int64(9), array([1, 4, 9]), array([16, 16]))
        >>> np.asarray(squares)
        array([ 0,  1,  4,  9, 16])
    """

    shape: tuple[int, ...]
    dtype: np.dtype

    def gather(self, indices: np.ndarray) -> np.ndarray:
        """The samples `(k, ...)` at `indices`, an array of k integers >= 0."""
        raise NotImplementedError

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index) -> np.ndarray:
        # NumPy resolves slices, lists and negative indices to integers >= 0.
        indices = np.arange(len(self))[index]
        if np.ndim(indices) == 0:
            return self.gather(indices[None])[0]
        return self.gather(indices)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        samples = self.gather(np.arange(len(self)))
        return samples if dtype is None else samples.astype(dtype)
