"""`fit`: Keras' own, on data in an order that can be repeated."""

import contextlib
import warnings

import keras
import numpy as np
from keras import ops

from keras_mdgan.training import checks
from keras_mdgan.training.backends import engine
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.training.data.positions import EpochPosition, PositionedBatches


class Fit:
    """`fit` and `train_on_batch`, which repeat exactly and refuse unusable data."""

    # The `PositionedBatches` that train functions read several batches of at once,
    # while `fit` runs on data of this library.
    _source = None

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
        # Not at the head of the file: callbacks measure samples, measures train models.
        from keras_mdgan.callbacks.interrupt import Interruptible

        self._assert_compile_called("fit")
        _check_executions(self, steps_per_epoch)
        _begin_alike_on_all_devices(self)
        if ops.is_tensor(x):
            x = ops.convert_to_numpy(x)
        if not isinstance(x, (np.ndarray, keras.utils.PyDataset)):
            shuffle = False  # Keras warns of it for data that comes in an order
        # Keras cuts a validation set out of arrays alone.
        if isinstance(x, np.ndarray) and not kwargs.get("validation_split"):
            x, y = _in_memory(self, x, y, batch_size or 32, shuffle), None
            batch_size = None
        if isinstance(x, ShuffledBatches):
            x = _positioned(self, x, steps_per_epoch)
        with _reading(self, x), Interruptible() as interruptible:
            return super().fit(
                x,
                y,
                batch_size=batch_size,
                epochs=epochs,
                verbose=verbose,
                callbacks=_callbacks(self, x, callbacks, interruptible),
                shuffle=shuffle,
                steps_per_epoch=steps_per_epoch,
                **kwargs,
            )

    def train_on_batch(self, *args, **kwargs):
        """One training step on a batch, as `keras.Model.train_on_batch`."""
        with engine.repeatable():
            return super().train_on_batch(*args, **kwargs)


def _check_executions(model, steps_per_epoch):
    if steps_per_epoch and steps_per_epoch % model.steps_per_execution:
        raise ValueError(
            "`steps_per_epoch` must be a multiple of `steps_per_execution` "
            f"({model.steps_per_execution}). Received: "
            f"steps_per_epoch={steps_per_epoch}"
        )


def _begin_alike_on_all_devices(model):
    if model.shares > 1:
        if engine.has_replicas:
            checks.refuse_unshared_layers(model)
        model.begin_together()
        model.seed = model.agreed(model.seed)


def _in_memory(model, x, y, batch_size, shuffle):
    """Arrays as batches in the order of the model's seed."""
    size = min(batch_size, len(x))
    multiple = model.batch_multiple * model.shares
    uneven = bool(size and len(x) % size % multiple)
    return ShuffledBatches(
        x,
        y,
        batch_size=size,
        seed=model.seed,
        shuffle=bool(shuffle),
        drop_remainder=uneven,
    )


def _positioned(model, batches, steps_per_epoch):
    """Batches that begin where the model stands, refused before anything compiles."""
    sizes = [batches.batch_size]
    if not batches.drop_remainder and len(batches.x) % batches.batch_size:
        sizes.append(len(batches.x) % batches.batch_size)
    model._parts(model._batch(batches.at(0)))  # raises what a step would
    for size in sizes:
        checks.require_equal_shares(model, size, model.batch_multiple)
    if model.shares > 1:
        batches.seed = model.agreed(batches.seed)
    return PositionedBatches(
        batches, steps_per_epoch, model.strategy_shares, model.own_part
    )


def _callbacks(model, source, callbacks, interruptible):
    """The user's callbacks, among those that every `fit` has."""
    from keras_mdgan.callbacks.guard import NaNGuard

    callbacks = list(callbacks or [])
    if not any(isinstance(callback, NaNGuard) for callback in callbacks):
        callbacks.append(NaNGuard())
    if isinstance(source, PositionedBatches):
        steps_before = int(model.optimizer.iterations.numpy())
        # First: the others may look at the epoch's data.
        callbacks.insert(0, EpochPosition(source, steps_before))
    return [*callbacks, interruptible]


@contextlib.contextmanager
def _reading(model, source):
    """Let train functions take batches of `source`, and round alike in every run."""
    own = isinstance(source, PositionedBatches)
    with engine.repeatable(), warnings.catch_warnings():
        if own or keras.backend.backend() == "torch":
            # A last execution of fewer steps, or an epoch resumed midway.
            warnings.filterwarnings("ignore", "Your input ran out of data")
        model._source = source if own else None
        try:
            yield
        finally:
            model._source = None
