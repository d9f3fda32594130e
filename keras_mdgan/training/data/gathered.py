"""Samples made when a batch asks for them."""

import numpy as np


class Gathered:
    """Something that is indexed as an array is, and holds less than its samples.

    A subclass sets `shape`, `(n, ...)`, and `dtype`, and defines `gather(indices)`. A
    `ShuffledBatches` takes it for `x`, and gathers a batch when the batch is cut.

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
        """The samples at `indices`, an array of k integers from 0 on: `(k, ...)`."""
        raise NotImplementedError

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index) -> np.ndarray:
        indices = np.arange(len(self))[index]
        if np.ndim(indices) == 0:
            return self.gather(indices[None])[0]
        return self.gather(indices)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        samples = self.gather(np.arange(len(self)))
        return samples if dtype is None else samples.astype(dtype)
