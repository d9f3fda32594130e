"""Data in memory, in an order that a resumed run finds again."""

import math

import keras
import numpy as np
from keras.src.trainers.data_adapters.data_adapter import DataAdapter


class ShuffledBatches(keras.utils.PyDataset):
    """Batches of arrays in an order derived from `(seed, epoch)`.

    Every sample comes once an epoch, each epoch in another order, and the order of
    any epoch can be computed without the ones before it. `fit` of the library's
    models asks for batches by the number of training steps done so far, so that a
    run that was saved and loaded goes on with the batches it had not seen.

    Examples:
        >>> import numpy as np
        >>> data = ShuffledBatches(np.arange(6.0), batch_size=2, seed=0)
        >>> len(data)
        3
        >>> sorted(np.concatenate([data[i] for i in range(3)]).tolist())
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]

    Args:
        x: array `(n, ...)`.
        y: optional array `(n, ...)` of labels.
        batch_size: samples per batch.
        seed: an integer >= 0.
        shuffle: `False` keeps the order of the arrays.
        drop_remainder: leave out the last batch of an epoch if it is smaller.

    Raises:
        ValueError: if an array is empty, holds NaN or infinite values, `x` and `y`
            differ in length, or there are fewer samples than `batch_size`.
    """

    def __init__(
        self, x, y=None, batch_size=32, seed=0, shuffle=True, drop_remainder=True
    ):
        super().__init__()
        self.arrays = tuple(np.asarray(a) for a in ((x,) if y is None else (x, y)))
        self.batch_size, self.seed = batch_size, seed
        self.shuffle, self.drop_remainder = shuffle, drop_remainder
        self.epoch = 0
        self._order = (None, None)
        self._check()
        whole = self.n_samples / batch_size
        self._batches = math.floor(whole) if drop_remainder else math.ceil(whole)

    def _check(self):
        if not isinstance(self.batch_size, (int, np.integer)) or self.batch_size < 1:
            raise ValueError(
                "`batch_size` must be an integer >= 1. "
                f"Received: batch_size={self.batch_size!r}"
            )
        if not isinstance(self.seed, (int, np.integer)) or self.seed < 0:
            raise ValueError(
                f"`seed` must be an integer >= 0. Received: seed={self.seed!r}"
            )
        lengths = [len(a) if a.ndim else 0 for a in self.arrays]
        if len(set(lengths)) > 1:
            raise ValueError(
                "`x` and `y` must have the same number of samples. "
                f"Received: {lengths[0]} and {lengths[1]}"
            )
        if (lengths[0] < self.batch_size and self.drop_remainder) or not lengths[0]:
            raise ValueError(
                "There must be at least `batch_size` samples. Received: "
                f"{lengths[0]} samples and batch_size={self.batch_size}"
            )
        for a in self.arrays:
            finite = np.isfinite(a) if a.dtype.kind in "fc" else np.True_
            if not finite.all():
                bad = np.argwhere(~finite)
                raise ValueError(
                    "The data must be finite. Received: NaN or infinity in "
                    f"{len(bad)} places, the first at index {tuple(bad[0].tolist())}"
                )

    @property
    def n_samples(self) -> int:
        return len(self.arrays[0])

    def __len__(self):
        return self._batches

    def __getitem__(self, index):
        batch = self._gather(self.epoch, index)
        return batch if len(batch) > 1 else batch[0]

    def on_epoch_end(self):
        self.epoch += 1

    def at(self, position: int) -> tuple:
        """The batch of the `position`-th training step, counted from 0."""
        return self._gather(*divmod(position, self._batches))

    def take(self, position: int, count: int) -> tuple:
        """Up to `count` equal batches from `position`, stacked: `(k, batch, ...)`.

        Stops at the end of the epoch and before a smaller last batch.
        """
        epoch, index = divmod(position, self._batches)
        full = self.n_samples // self.batch_size
        count = min(count, full - index)
        order = self._epoch_order(epoch)
        size = self.batch_size
        rows = order[index * size : (index + count) * size]
        return tuple(a[rows].reshape(count, size, *a.shape[1:]) for a in self.arrays)

    def _gather(self, epoch, index):
        rows = self._epoch_order(epoch)[
            index * self.batch_size : (index + 1) * self.batch_size
        ]
        return tuple(a[rows] for a in self.arrays)

    def _epoch_order(self, epoch):
        known, order = self._order  # one tuple: readers in other threads see a pair
        if known != epoch:
            order = np.arange(self.n_samples)
            if self.shuffle:
                np.random.default_rng([self.seed, epoch]).shuffle(order)
            self._order = (epoch, order)
        return order


class PositionedBatches(DataAdapter):
    """Feeds `ShuffledBatches` to Keras' trainers from a given training step on.

    Keras asks for one iterator an epoch; each goes on where `position` stands. The
    train functions take several batches at once from it, stacked by one index.
    """

    def __init__(self, source: ShuffledBatches, steps_per_epoch=None):
        self.source = source
        self.position = 0
        self.steps_per_epoch = steps_per_epoch
        self.left = None
        self._begin()

    def start_epoch(self, position: int, whole: bool = True):
        """Continue from `position`; `whole=False`: to the end of its epoch only."""
        self.position = position
        self._begin()
        if not whole and self.left is not None:
            self.left -= position % len(self.source)

    def _begin(self):
        self.left = None if self.steps_per_epoch else len(self.source)

    def __iter__(self):
        return self

    def __next__(self):
        if self.left == 0:
            raise StopIteration
        batch = self.source.at(self.position)
        self._advance(1)
        return batch

    def _advance(self, count):
        self.position += count
        if self.left is not None:
            self.left -= count

    def take(self, count: int):
        """`(stacked, data)`: up to `count` batches at once, or one as it is."""
        if self.left is not None:
            count = min(count, self.left)
        if count < 1:
            raise StopIteration
        epoch_left = (
            self.source.n_samples // self.source.batch_size
            - self.position % len(self.source)
        )
        if min(count, epoch_left) < 2:
            return False, next(self)
        data = self.source.take(self.position, count)
        self._advance(len(data[0]))
        return True, data

    def get_numpy_iterator(self):
        return self

    get_tf_dataset = get_jax_iterator = get_torch_dataloader = get_numpy_iterator

    @property
    def num_batches(self):
        return len(self.source)

    @property
    def batch_size(self):
        return self.source.batch_size

    @property
    def has_partial_batch(self):
        return not self.source.drop_remainder and bool(self.partial_batch_size)

    @property
    def partial_batch_size(self):
        return self.source.n_samples % self.source.batch_size
