"""Data in memory, in an order that depends only on seed and epoch."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_mdgan.training.data.gathered import Gathered
from keras_mdgan.training.data.values import check_finite
from keras_mdgan.validation import check_integer, is_integer


class ShuffledBatches(keras.utils.PyDataset):
    """Batches of arrays, each sample once per epoch, in a reproducible order.

    The order of epoch `e` is a permutation drawn only from `(seed, e)`. Runs with the
    same seed therefore see the same batches. A resumed run sees the same batches as an
    uninterrupted one, after a call of `set_epoch` with the present epoch.

    `epoch` increases when Keras reports the end of an epoch and every batch of it was
    served. Keras reports too many ends: one before the first epoch (after reading one
    batch to build the model) and one in `evaluate`. To make the order exact in all
    cases, call `set_epoch(epoch)` in the `on_epoch_begin` of a callback.

    Pass `shuffle=False` to `fit`. Its default shuffles the order of an epoch's batches,
    with Python's global random state. Leave `steps_per_epoch` unset: with it, Keras
    spreads one pass over several epochs.

    Examples:
        >>> import numpy as np
        >>> batches = ShuffledBatches(np.arange(6.0), batch_size=2, seed=1)
        >>> len(batches)
        3
        >>> np.sort(np.concatenate(list(batches)))
        array([0., 1., 2., 3., 4., 5.])
        >>> first = batches[0]
        >>> batches.set_epoch(7); later = batches[0]
        >>> batches.set_epoch(0); bool(np.all(batches[0] == first))
        True

        Images stay bytes until their batch is made:

        >>> from keras_mdgan.datasets import to_unit_range
        >>> bytes_ = np.array([[0], [255]], "uint8")
        >>> ShuffledBatches(
        ...     bytes_, batch_size=2, shuffle=False, transform=to_unit_range
        ... )[0]
        array([[-1.], [ 1.]], dtype=float32)

    Args:
        x: samples, an array of shape `(n, ...)`, possibly memory-mapped, or a
            `Gathered`. A `Gathered` is not searched for NaN.
        y: optional labels, an array of shape `(n, ...)`; batches are then `(x, y)`.
        batch_size: samples in a batch, from 1 to `n`.
        seed: integer of at least 0.
        shuffle: `False` keeps the samples in their order in every epoch.
        drop_remainder: leave out the last batch if it is not full. Each epoch leaves
            out different samples.
        transform: a function from `(k, ...)` to `(k, ...)`, applied to the samples of
            a batch when it is made, such as `keras_mdgan.datasets.to_unit_range`. `k`
            is the batch size or that of the remainder.

    Raises:
        ValueError: if `batch_size` does not fit `n`, the lengths of `x` and `y`
            differ, `x` holds NaN or infinity, or `seed` is negative.
    """

    def __init__(
        self,
        x: np.ndarray | Gathered,
        y: np.ndarray | None = None,
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_remainder: bool = True,
        transform: Callable[[np.ndarray], np.ndarray] | None = None,
    ):
        super().__init__()
        # A `Gathered` would have to compute all samples for a search for NaN.
        self.x = check_finite(x if isinstance(x, Gathered) else np.asarray(x))
        self.y = None if y is None else np.asarray(y)
        if self.y is not None and len(self.y) != len(self.x):
            raise ValueError(
                "`x` and `y` must have the same length. "
                f"Received: {len(self.x)} and {len(self.y)}"
            )
        if not is_integer(batch_size) or batch_size > len(self.x):
            raise ValueError(
                f"`batch_size` must be from 1 to the number of samples, {len(self.x)}. "
                f"Received: batch_size={batch_size!r}"
            )
        self.batch_size = int(batch_size)
        self.seed = check_integer("seed", seed, at_least=0)
        self.shuffle = shuffle
        self.drop_remainder = drop_remainder
        self.transform = transform
        self.epoch = 0
        self._order = (-1, np.arange(len(self.x)))
        self._served: set[int] = set()

    def __len__(self) -> int:
        if self.drop_remainder:
            return len(self.x) // self.batch_size
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        """Batch `index` of the present epoch: `x`, or `(x, y)` if there are labels."""
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of {len(self)}")
        self._served.add(index)
        batch = self._gather(self.epoch, index)
        return batch[0] if self.y is None else batch

    def at(self, position: int, own=None) -> tuple:
        """The batch of training step `position`, counted from 0 over all epochs.

        Args:
            position: the step.
            own: a function that picks this process's part of an array of indices, or
                `None` for the whole batch.
        """
        return self._gather(*divmod(position, len(self)), own)

    def take(self, position: int, count: int, own=None) -> tuple:
        """Up to `count` batches from step `position` on, stacked: `(k, batch, ...)`.

        It stops at the end of the epoch, and before a last batch that is not full.
        """
        epoch, index = divmod(position, len(self))
        size = self.batch_size
        count = min(count, len(self.x) // size - index)
        chosen = self._permutation(epoch)[index * size : (index + count) * size]
        if own is not None:
            chosen = np.concatenate([own(c) for c in chosen.reshape(count, size)])
            size = len(chosen) // count
        if self.transform is None:
            return tuple(
                a.reshape(count, size, *a.shape[1:]) for a in self._samples(chosen)
            )
        # One batch at a time, since a transformed batch fits the processor's cache.
        first = self._samples(chosen[:size])
        stacked = tuple(np.empty((count, *a.shape), a.dtype) for a in first)
        for i in range(count):
            batch = self._samples(chosen[i * size : (i + 1) * size]) if i else first
            for a, part in zip(stacked, batch):
                a[i] = part
        return stacked

    def _gather(self, epoch: int, index: int, own=None) -> tuple:
        start = index * self.batch_size
        chosen = self._permutation(epoch)[start : start + self.batch_size]
        return self._samples(chosen if own is None else own(chosen))

    def _samples(self, chosen: np.ndarray) -> tuple:
        x = self.x[chosen]
        if self.transform is not None:
            x = self.transform(x)
        return (x,) if self.y is None else (x, self.y[chosen])

    def set_epoch(self, epoch: int) -> None:
        """Serve the batches of `epoch` from now on, counted from 0."""
        self.epoch = check_integer("epoch", epoch, at_least=0)
        self._served = set()

    def on_epoch_begin(self) -> None:
        """Called by Keras; see the class."""
        self._served = set()

    def on_epoch_end(self) -> None:
        """Called by Keras; goes to the next epoch if every batch was served."""
        if len(self._served) == len(self):
            self.epoch += 1
        self._served = set()

    def _permutation(self, wanted: int) -> np.ndarray:
        # Read in one statement: on TensorFlow, Keras' reader thread may still be in the
        # previous epoch and replace the pair.
        epoch, order = self._order
        if epoch != wanted:
            epoch, order = wanted, np.arange(len(self.x))
            if self.shuffle:
                np.random.default_rng([self.seed, epoch]).shuffle(order)
            self._order = (epoch, order)
        return order
