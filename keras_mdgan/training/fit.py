"""`fit`: Keras' own, with data in a reproducible order."""

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
    """`fit` and `train_on_batch` that are reproducible and refuse unusable data."""

    # The `PositionedBatches` of a running `fit`, if its data are of this library. Train
    # functions read several batches at once from it.
    _source = None
    # The `NaNGuard` of a running `fit`, which looks at weights before they are saved.
    _guard = None

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

        NumPy arrays are shuffled by `(seed, epoch)` instead of a global generator. A
        run is therefore reproducible, and a loaded model continues with the batches
        that it has not seen. For other kinds of data see `ShuffledBatches`. The last
        batch of an epoch is left out if the players' steps do not divide it. A
        `NaNGuard` is added unless `callbacks` has one, and acts before them. Ctrl-C
        takes effect after the step that runs; pressed twice, at once. After it, and
        after any error, the model has the state after its last whole step, or else at
        the end of the last epoch.

        Args:
            x: array `(n, *data_shape)`, or a `tf.data.Dataset`, `PyDataset`,
                PyTorch `DataLoader` or generator of `x` or `(x, y)` batches.
            y: labels, for models that use them.
            batch_size: samples per batch of arrays. Defaults to 32.
            epochs: epochs to train.
            verbose: 0, 1, 2 or "auto".
            callbacks: Keras callbacks.
            shuffle: shuffle arrays.
            steps_per_epoch: training steps per epoch; a multiple of
                `steps_per_execution`.
            **kwargs: the other arguments of `keras.Model.fit`.

        Returns:
            Keras' `History`: the mean of every log over each epoch.

        Raises:
            ValueError: for unusable data: NaN or infinite values, a shape other than
                the generator's, or a batch size that the players' steps do not divide.
        """
        # Not at the head of the file: callbacks import metrics, and metrics import this
        # package.
        from keras_mdgan.callbacks.interrupt import Interruptible

        self._assert_compile_called("fit")
        _check_executions(self, steps_per_epoch)
        _begin_alike_on_all_devices(self)
        if ops.is_tensor(x):
            x = ops.convert_to_numpy(x)
        if not isinstance(x, (np.ndarray, keras.utils.PyDataset)):
            shuffle = False  # Keras warns if it is set for data with a fixed order
        # Keras can split off a validation set only from arrays.
        if isinstance(x, np.ndarray) and not kwargs.get("validation_split"):
            x, y = _in_memory(self, x, y, batch_size or 32, shuffle), None
            batch_size = None
        if isinstance(x, ShuffledBatches):
            x = _positioned(self, x, steps_per_epoch)
        callbacks, guard = _guarded(callbacks)
        with _reading(self, x, guard), Interruptible() as interruptible:
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
        from keras_mdgan.callbacks.interrupt import Interruptible

        with engine.repeatable(), Interruptible() as interruptible:
            interruptible.in_step = True
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
    """Arrays as batches, in the order that the model's seed gives."""
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
    """Batches from the model's present step on, checked before anything compiles."""
    sizes = [batches.batch_size]
    if not batches.drop_remainder and len(batches.x) % batches.batch_size:
        sizes.append(len(batches.x) % batches.batch_size)
    model._parts(model._batch(batches.at(0)))  # raises the errors of a step, but early
    for size in sizes:
        checks.require_equal_shares(model, size, model.batch_multiple)
    if model.shares > 1:
        batches.seed = model.agreed(batches.seed)
    return PositionedBatches(
        batches, steps_per_epoch, model.strategy_shares, model.own_part
    )


def _callbacks(model, source, callbacks, interruptible):
    """The user's callbacks together with those of every `fit`."""
    if isinstance(source, PositionedBatches):
        steps_before = int(model.optimizer.iterations.numpy())
        # It comes first, since the others may read the epoch's data.
        callbacks.insert(0, EpochPosition(source, steps_before))
    return [*callbacks, interruptible]


def _guarded(callbacks):
    """The callbacks with a `NaNGuard` at the head, and the guard."""
    from keras_mdgan.callbacks.guard import NaNGuard

    callbacks = keras.tree.flatten(callbacks or [])  # Keras takes a single one too
    guards = [each for each in callbacks if isinstance(each, NaNGuard)] or [NaNGuard()]
    # First: the others would evaluate and save what it is about to undo.
    others = [each for each in callbacks if not isinstance(each, NaNGuard)]
    return [*guards, *others], guards[0]


@contextlib.contextmanager
def _reading(model, source, guard):
    """A context in which train functions read `source` and are reproducible.

    If an error ends it, the model's state is whole again afterwards.
    """
    own = isinstance(source, PositionedBatches)
    with engine.repeatable(), warnings.catch_warnings():
        if own or keras.backend.backend() == "torch":
            # Expected: a last execution has fewer steps, or a resumed epoch fewer
            # batches.
            warnings.filterwarnings("ignore", "Your input ran out of data")
        model._source, model._guard = source if own else None, guard
        try:
            yield
        except BaseException:
            if not model.has_whole_state():
                guard.restore()
            raise
        finally:
            model._source = model._guard = None
            guard.on_train_end()  # Keras does not call it after an error
