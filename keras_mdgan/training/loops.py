"""Keras' loops over data, for adversarial models."""

import dataclasses
import warnings
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mdgan.training import checks, engine, replicas
from keras_mdgan.training.batches import ShuffledBatches
from keras_mdgan.training.guard import NaNGuard
from keras_mdgan.training.interrupt import Interruptible
from keras_mdgan.training.parts import padded
from keras_mdgan.training.positions import PositionedBatches, present


@dataclasses.dataclass(frozen=True)
class Chunk:
    """Batches for one call of the compiled step: several stacked, or one as it is."""

    stacked: bool
    data: Any


class Loops:
    """`fit` and `evaluate`, and what a compiled step is fed with."""

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        *,
        shuffle=True,
        steps_per_epoch=None,
        **kwargs,
    ):
        """Train, as `keras.Model.fit` does.

        NumPy arrays are shuffled by `(seed, epoch)` instead of a global generator,
        so that a run repeats exactly and a loaded model goes on with the batches it
        has not seen; for the same with labels, `tf.data` and others, see
        `ShuffledBatches`. The last batch of an epoch is left out where players'
        steps do not divide it. A `NaNGuard` is added unless `callbacks` has one.

        Args:
            x: array `(n, *data_shape)`, or a `tf.data.Dataset`, `PyDataset`,
                PyTorch `DataLoader` or generator of `x` or `(x, y)` batches.
            y: labels, for models that use them.
            batch_size: samples per batch of arrays. Defaults to 32.
            epochs: epochs to train.
            verbose: 0, 1, 2 or "auto".
            callbacks: Keras callbacks.
            shuffle: shuffle arrays.
            steps_per_epoch: training steps an epoch; a multiple of
                `steps_per_execution`.
            **kwargs: the other arguments of `keras.Model.fit`.

        Returns:
            Keras' `History`: means over each epoch of everything logged.

        Raises:
            ValueError: for data the model cannot be trained on: NaN or infinite
                values, another shape than the generator's, a batch size that the
                players' steps do not divide.
        """
        self._assert_compile_called("fit")
        if steps_per_epoch and steps_per_epoch % self.steps_per_execution:
            raise ValueError(
                "`steps_per_epoch` must be a multiple of `steps_per_execution` "
                f"({self.steps_per_execution}). Received: "
                f"steps_per_epoch={steps_per_epoch}"
            )
        if self.shares > 1:
            if engine.has_replicas:
                checks.refuse_unshared_layers(self)
            self.begin_together()
            self.seed = self.agreed(self.seed)
        if ops.is_tensor(x):
            x = ops.convert_to_numpy(x)
        if not isinstance(x, (np.ndarray, keras.utils.PyDataset)):
            shuffle = False  # Keras warns of it for data that comes in an order
        if isinstance(x, np.ndarray) and not kwargs.get("validation_split"):
            x, y = self._in_memory(x, y, batch_size or 32, shuffle), None
            batch_size = None
        callbacks = list(callbacks or [])
        if not any(isinstance(callback, NaNGuard) for callback in callbacks):
            callbacks.append(NaNGuard())
        self._source = None
        if isinstance(x, ShuffledBatches):
            self._check_source(x)
            if self.shares > 1:
                x.seed = self.agreed(x.seed)
            self._source = x = PositionedBatches(
                x, steps_per_epoch, self.strategy_shares, self.own_part
            )
            callbacks.insert(0, _Position(x, int(self.optimizer.iterations.numpy())))
        try:
            with (
                engine.repeatable(),
                Interruptible() as interruptible,
                warnings.catch_warnings(),
            ):
                callbacks.append(interruptible)
                if self._source is not None or keras.backend.backend() == "torch":
                    # A last execution of fewer steps, or an epoch resumed midway.
                    warnings.filterwarnings("ignore", "Your input ran out of data")
                return super().fit(
                    x,
                    y,
                    batch_size=batch_size,
                    epochs=epochs,
                    verbose=verbose,
                    callbacks=callbacks,
                    shuffle=shuffle,
                    steps_per_epoch=steps_per_epoch,
                    **kwargs,
                )
        finally:
            self._source = None

    def _in_memory(self, x, y, batch_size, shuffle):
        size = min(batch_size, len(x))
        multiple = self.batch_multiple * self.shares
        uneven = bool(size and len(x) % size % multiple)
        return ShuffledBatches(
            x,
            y,
            batch_size=size,
            seed=self.seed,
            shuffle=bool(shuffle),
            drop_remainder=uneven,
        )

    def _check_source(self, source):
        """Refuse data in memory before anything is compiled."""
        batch = source.at(0)
        self._parts(self._batch(batch))
        self._check_shares(len(batch[0]), self.batch_multiple)
        if not source.drop_remainder and len(source.x) % source.batch_size:
            remainder = len(source.x) % source.batch_size
            self._check_shares(remainder, self.batch_multiple)

    def _check_shares(self, size, on_each):
        multiple = on_each * self.shares
        if self.shares > 1 and size % multiple:
            raise ValueError(
                f"The batch is divided among {self.shares} devices, and a batch of "
                f"{type(self).__name__} holds a multiple of {on_each} on each: its "
                f"size must be divisible by {multiple}. Received: a batch of {size}"
            )

    def share_of(self, batch, index):
        """The part of a batch that replica `index` trains on."""
        return replicas.share_of(batch, index, self.shares, self._compiled.parts)

    def next_batches(self, iterator, stack) -> list[Chunk]:
        """What one execution trains on, taken from Keras' iterator."""
        count = self.steps_per_execution
        if self._source is not None:
            chunks, left = [], count
            while left:
                stacked, data = self._source.take(left)
                chunks.append(Chunk(stacked, data))
                left -= len(data[0]) if stacked else 1
                if self._source.left == 0:
                    break
            return chunks
        batches = [present(batch) for _, batch in zip(range(count), iterator)]
        if not batches:
            raise StopIteration
        shapes = {
            tuple(tuple(leaf.shape) for leaf in keras.tree.flatten(batch))
            for batch in batches
        }
        if count == 1 or len(batches) < count or len(shapes) > 1:
            return [Chunk(False, batch) for batch in batches]
        return [Chunk(True, stack(batches))]

    def train_on_batch(self, *args, **kwargs):
        """One training step on a batch, as `keras.Model.train_on_batch`."""
        with engine.repeatable():
            return super().train_on_batch(*args, **kwargs)

    def predict(self, x, batch_size=None, **kwargs):
        """As `keras.Model.predict`; arrays of any length are divided among devices."""
        if self.shares == 1 or not isinstance(x, np.ndarray):
            return super().predict(x, batch_size=batch_size, **kwargs)
        size = min(batch_size or 32, len(x))
        size = -(-size // self.shares) * self.shares
        found = super().predict(padded(x, self.shares), batch_size=size, **kwargs)
        return keras.tree.map_structure(lambda part: part[: len(x)], found)

    def predict_on_batch(self, x):
        """As `keras.Model.predict_on_batch`; see `predict`."""
        if self.shares == 1 or not isinstance(x, np.ndarray):
            return super().predict_on_batch(x)
        found = super().predict_on_batch(padded(x, self.shares))
        return keras.tree.map_structure(lambda part: part[: len(x)], found)

    def evaluate(self, x=None, y=None, *, return_dict: bool = True, **kwargs):
        """The players' losses on data, without training.

        Losses are computed as in training (batch statistics, fresh latents), and
        everything they changed is put back: an evaluation does not touch the run.

        Args:
            x: data as for `fit`.
            y: labels as for `fit`.
            return_dict: `False` for a list, in the order of the sorted names.
            **kwargs: the other arguments of `keras.Model.evaluate`.

        Returns:
            A dictionary of means of everything logged.

        Raises:
            ValueError: as `fit`.
        """
        if isinstance(x, np.ndarray) and engine.divides_evaluation:
            size = min(kwargs.get("batch_size") or 32, len(x))
            for batch in {size, len(x) % size or size}:
                self._check_shares(batch, self.samples_together)
            if self.own_part is not None:  # which Keras refuses to pick from arrays
                batches = ShuffledBatches(
                    x, y, batch_size=size, shuffle=False, drop_remainder=False
                )
                x, y = PositionedBatches(batches, own=self.own_part), None
                kwargs.pop("batch_size", None)
        state = [(v, ops.copy(v.value)) for v in self.non_trainable_variables]
        try:
            return super().evaluate(x, y, return_dict=return_dict, **kwargs)
        finally:
            for variable, value in state:
                variable.assign(value)


class _Position(keras.callbacks.Callback):
    """Starts each epoch's data where the number of training steps stands."""

    def __init__(self, batches, steps_before):
        super().__init__()
        self.batches, self.expected = batches, steps_before

    def on_epoch_begin(self, epoch, logs=None):
        position = int(self.model.optimizer.iterations.numpy())
        # A backup taken in the middle of an epoch: the epoch's rest comes first.
        self.batches.start_epoch(position, whole=position == self.expected)

    def on_epoch_end(self, epoch, logs=None):
        self.expected = int(self.model.optimizer.iterations.numpy())
