"""`fit`: Keras' own, with data in a reproducible order."""

import contextlib
import copy
import math
import warnings

import keras
import numpy as np

from keras_mdgan.training import checks
from keras_mdgan.training.backends import engine
from keras_mdgan.training.data import checked, labels, values
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.training.data.gathered import Gathered
from keras_mdgan.training.data.positions import EpochPosition, PositionedBatches
from keras_mdgan.validation import check_bool, check_integer, check_number


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
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        steps_per_epoch=None,
        validation_batch_size=None,
        **kwargs,
    ):
        """Train, as `keras.Model.fit` does.

        NumPy arrays are shuffled by `(seed, epoch)` instead of a global generator. A
        run is therefore reproducible, and a loaded model continues with the batches
        that it has not seen. For other kinds of data see `ShuffledBatches`. The last
        batch of an epoch is left out if the players' steps do not divide it, for every
        kind of data. A `NaNGuard` is added unless `callbacks` has one, and acts before
        them. Ctrl-C takes effect after the step that runs; pressed twice, at once.
        After it, and after any error, the model has the state after its last whole
        step, or else at the end of the last epoch.

        A warning names the mapping if the first batch lies outside the range of a
        generator with a bounded last activation, or fills only half of it.

        Args:
            x: array `(n, *data_shape)`, or a `tf.data.Dataset`, `PyDataset`,
                PyTorch `DataLoader` or generator of `x` or `(x, y)` batches.
            y: labels of arrays, for models that use them: integers `(n,)`, or `(n, 1)`,
                from 0 to the number of classes - 1.
            batch_size: samples per batch of arrays. Defaults to 32.
            epochs: epochs to train.
            verbose: 0, 1, 2 or "auto". The line is that of `callbacks.ProgressLine`.
            callbacks: Keras callbacks.
            validation_split: the share of arrays, the last samples of them, that
                `evaluate` sees after each epoch and training does not.
            validation_data: `x`, `(x, y)` or batches for `evaluate` after each epoch.
            shuffle: shuffle arrays. Other data are read in their own order.
            class_weight: refused, as no loss of a game has weights.
            sample_weight: refused.
            steps_per_epoch: training steps per epoch; a multiple of
                `steps_per_execution`.
            validation_batch_size: as `batch_size`, for `validation_data`.
            **kwargs: the other arguments of `keras.Model.fit`.

        Returns:
            Keras' `History`: the mean of every log over each epoch.

        Raises:
            ValueError: for unusable data: NaN or infinite values, integers, a shape
                other than the generator's, labels that are none of the classes, weights
                of samples, or a batch size that the players' steps do not divide.
        """
        # Not at the head of the file: callbacks import metrics, and metrics import this
        # package.
        from keras_mdgan.callbacks.interrupt import Interruptible

        self._assert_compile_called("fit")
        checked.refuse_weights(sample_weight=sample_weight, class_weight=class_weight)
        batch_size = _optional_integer("batch_size", batch_size)
        epochs = check_integer("epochs", epochs, at_least=0)
        steps_per_epoch = _optional_integer("steps_per_epoch", steps_per_epoch)
        _check_executions(self, steps_per_epoch)
        _begin_alike_on_all_devices(self)
        if x is None:
            raise ValueError("`x` must be an array or a data set. Received: x=None")
        x, y = checked.as_arrays(x, y)
        labels.refuse_text(self, y)
        if validation_split:
            if validation_data is not None:
                raise ValueError("Give `validation_data` or `validation_split`.")
            x, y, validation_data = _split(x, y, validation_split)
        if validation_data is not None:
            validation_data = _validation(
                self, validation_data, validation_batch_size or batch_size
            )
        if isinstance(x, (np.ndarray, Gathered)):
            x, y = _in_memory(self, x, y, batch_size or 32, shuffle), None
        elif y is not None:
            raise ValueError(
                "`y` goes with arrays. Other data give batches of (x, y). "
                f"Received: y together with x of type {type(x).__name__}"
            )
        if isinstance(x, ShuffledBatches):
            x = _positioned(self, x, steps_per_epoch)
        else:
            # Not shuffled: Keras would, by Python's global random state.
            x = checked.checked(self, x)
        callbacks, guard = _guarded(callbacks)
        with (
            _reading(self, x, steps_per_epoch, guard),
            Interruptible() as interruptible,
        ):
            return super().fit(
                x,
                epochs=epochs,
                verbose=verbose,
                callbacks=_callbacks(self, x, callbacks, verbose, interruptible),
                validation_data=validation_data,
                shuffle=False,
                steps_per_epoch=steps_per_epoch,
                **kwargs,
            )

    def train_on_batch(
        self, x, y=None, sample_weight=None, class_weight=None, return_dict=False
    ):
        """One training step on a batch, as `keras.Model.train_on_batch`."""
        from keras_mdgan.callbacks.interrupt import Interruptible

        checked.refuse_weights(sample_weight=sample_weight, class_weight=class_weight)
        x, y = checked.as_arrays(x, y)
        x, y = checked.check_arrays(self, x, y)
        with engine.repeatable(), Interruptible() as interruptible:
            interruptible.in_step = True
            return super().train_on_batch(x, y, return_dict=return_dict)


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


def _optional_integer(argument, value):
    return None if value is None else check_integer(argument, value)


def _split(x, y, share):
    """Arrays without their last samples, and these for validation, as Keras does."""
    if not isinstance(x, (np.ndarray, Gathered)):
        raise ValueError(
            "`validation_split` splits arrays. Give `validation_data` with other data. "
            f"Received: x of type {type(x).__name__}"
        )
    share = check_number("validation_split", share, above=0)
    kept = math.floor(len(x) * (1.0 - share))
    if not 0 < kept < len(x):
        raise ValueError(
            "`validation_split` must leave samples on both sides. Received: "
            f"validation_split={share} of {len(x)} samples"
        )
    held = (x[kept:], None if y is None else y[kept:])
    return x[:kept], None if y is None else y[:kept], held


def _validation(model, data, batch_size):
    if isinstance(data, (tuple, list)):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(tuple(data))
        checked.refuse_weights(sample_weight=weight)
    else:
        x, y = data, None
    return checked.checked(model, x, y, batch_size=batch_size, training=False)


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
        shuffle=check_bool("shuffle", shuffle),
        drop_remainder=uneven,
    )


def _positioned(model, batches, steps_per_epoch):
    """Batches from the model's present step on, checked before anything compiles."""
    sizes = [batches.batch_size]
    if not batches.drop_remainder and len(batches.x) % batches.batch_size:
        sizes.append(len(batches.x) % batches.batch_size)
    first = batches.at(0)
    model._parts(checked.split_batch(model, first))  # the errors of a step, but early
    values.check_first_batch(model, first[0])
    if batches.y is not None:
        # On TensorFlow, labels of two ranks would have one program of unknown shapes.
        batches = copy.copy(batches)
        batches.y = labels.of_arrays(model, batches.x, batches.y)
    for size in sizes:
        checks.require_equal_shares(model, size, model.batch_multiple)
    if model.shares > 1:
        batches.seed = model.agreed(batches.seed)
    return PositionedBatches(
        batches, steps_per_epoch, model.strategy_shares, model.own_part
    )


def _callbacks(model, source, callbacks, verbose, interruptible):
    """The user's callbacks together with those of every `fit`."""
    from keras_mdgan.callbacks.progress import with_progress_line
    from keras_mdgan.callbacks.rates import with_rates

    if any(isinstance(c, keras.callbacks.SwapEMAWeights) for c in callbacks):
        raise ValueError(
            "`SwapEMAWeights` needs an optimizer's averages. A GAN with "
            "`ema_momentum=...` keeps an averaged generator and samples from it. "
            "Received: callbacks with SwapEMAWeights"
        )
    callbacks = with_rates(callbacks)
    if isinstance(source, PositionedBatches):
        steps_before = int(model.optimizer.iterations.numpy())
        # It comes first, since the others may read the epoch's data.
        callbacks.insert(0, EpochPosition(source, steps_before))
    return [*with_progress_line(callbacks, verbose), interruptible]


def _guarded(callbacks):
    """The callbacks with a `NaNGuard` at the head, and the guard."""
    from keras_mdgan.callbacks.guard import NaNGuard

    callbacks = keras.tree.flatten(callbacks or [])  # Keras takes a single one too
    guards = [each for each in callbacks if isinstance(each, NaNGuard)] or [NaNGuard()]
    # First: the others would evaluate and save what it is about to undo.
    others = [each for each in callbacks if not isinstance(each, NaNGuard)]
    return [*guards, *others], guards[0]


@contextlib.contextmanager
def _reading(model, source, steps_per_epoch, guard):
    """A context in which train functions read `source` and are reproducible.

    If an error ends it, the model's state is whole again afterwards.
    """
    own = isinstance(source, PositionedBatches)
    with engine.repeatable(), warnings.catch_warnings():
        # Expected: the end of data of unknown length, a last execution of fewer steps,
        # a resumed epoch of fewer batches, and a last batch that is left out.
        expected = own or steps_per_epoch is None or source.multiple > 1
        if expected or keras.backend.backend() == "torch":
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
