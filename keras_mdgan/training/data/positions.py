"""Batches for Keras' trainers, from a given training step on."""

import sys

import keras
from keras.src.trainers.data_adapters.data_adapter import DataAdapter


class PositionedBatches(DataAdapter):
    """Feeds `ShuffledBatches` to Keras' trainers from a given training step on.

    Keras asks for one iterator per epoch, and each starts at `position`. The train
    functions take several batches at once from it, stacked by one indexing operation.

    Args:
        source: the batches.
        steps_per_epoch: training steps per epoch; `None` for one pass over the source.
        strategy_shares: the number of replicas of a TensorFlow strategy, if there is
            one. The strategy needs a data set to divide. It gets one that only counts
            steps.
        own: see `ShuffledBatches.at`.
    """

    def __init__(self, source, steps_per_epoch=None, strategy_shares=None, own=None):
        self.source, self.own = source, own
        self.strategy_shares = strategy_shares
        self.position = 0
        self.steps_per_epoch = steps_per_epoch
        self.left = None
        self._begin()

    def start_epoch(self, position: int, whole: bool = True):
        """Continue from `position`; with `whole=False` only to its epoch's end."""
        self.position = position
        self._begin()
        if not whole:
            steps = self.steps_per_epoch or len(self.source)
            self.left = steps - position % steps

    @property
    def at_epoch_end(self) -> bool:
        """Whether the epoch's last batch has been taken."""
        if self.left is None:
            return self.position % self.steps_per_epoch == 0
        return self.left == 0

    def _begin(self):
        self.left = None if self.steps_per_epoch else len(self.source)

    def __iter__(self):
        return self

    def __next__(self):
        if self.left == 0:
            raise StopIteration
        batch = self.source.at(self.position, self.own)
        self._advance(1)
        return batch

    def _advance(self, count):
        self.position += count
        if self.left is not None:
            self.left -= count

    def take(self, count: int):
        """`(stacked, data)`: up to `count` batches stacked, or one batch."""
        if self.left is not None:
            count = min(count, self.left)
        if count < 1:
            raise StopIteration
        # Full batches only: a shorter last batch cannot be stacked.
        epoch_left = len(self.source.x) // self.source.batch_size - self.position % len(
            self.source
        )
        if min(count, epoch_left) < 2:
            return False, next(self)
        data = self.source.take(self.position, count, self.own)
        self._advance(len(data[0]))
        return True, data

    def get_numpy_iterator(self):
        return self

    get_jax_iterator = get_torch_dataloader = get_numpy_iterator

    def get_tf_dataset(self):
        if self.strategy_shares is None:
            return self
        # Keras' distributed trainer only counts its elements; the train function reads
        # the batches from the source.
        import tensorflow as tf

        return tf.data.Dataset.range(1).repeat().batch(self.strategy_shares)

    @property
    def num_batches(self):
        # Endless: Keras then takes `steps_per_epoch`. With `None` it would take
        # the rest of a restored epoch for the length of all later ones.
        return sys.maxsize if self.steps_per_epoch else len(self.source)

    @property
    def batch_size(self):
        return self.source.batch_size

    @property
    def has_partial_batch(self):
        return not self.source.drop_remainder and bool(self.partial_batch_size)

    @property
    def partial_batch_size(self):
        return len(self.source.x) % self.source.batch_size


class EpochPosition(keras.callbacks.Callback):
    """Starts each epoch's data at the model's number of training steps.

    Args:
        batches: the `PositionedBatches` that `fit` reads.
        steps_before: the model's training steps when `fit` was called.
    """

    def __init__(self, batches: PositionedBatches, steps_before: int):
        super().__init__()
        self.batches, self.expected = batches, steps_before

    def on_epoch_begin(self, epoch, logs=None):
        position = int(self.model.optimizer.iterations.numpy())
        # They differ after a backup from the middle of an epoch was restored. The rest
        # of that epoch comes first.
        self.batches.start_epoch(position, whole=position == self.expected)

    def on_epoch_end(self, epoch, logs=None):
        self.expected = int(self.model.optimizer.iterations.numpy())
