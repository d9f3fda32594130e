"""Stops a run at the first log or weight that is NaN or infinite."""

import warnings

import keras
import numpy as np
from keras import ops

from keras_mdgan.training.backends import engine
from keras_mdgan.training.logs import first_not_finite
from keras_mdgan.validation import check_integer


class NaNGuard(keras.callbacks.Callback):
    """Stops training at the first NaN or infinity and restores the last good state.

    `keras.callbacks.TerminateOnNaN` reads only `logs["loss"]`. This callback reads all
    logs, and at each epoch's end all weights and the optimizers' state. It names the
    first bad one and restores the state (weights, optimizers, seeds) at the end of the
    last epoch in which all of them were finite. `fit` adds it automatically, and calls
    it before all other callbacks: these see the restored weights. While it is part of
    `fit`, `save` and `save_weights` look at the weights first, so that no NaN replaces
    a good file.

    Examples:
        >>> guard = NaNGuard(every=50)
        >>> guard.every
        50

    Args:
        every: read the running means every `every` batches, and at each epoch's end.
            Reading waits for the device.

    Raises:
        ValueError: if `every` is not a positive integer; at the start of `fit`, if the
            model's weights are not finite.
    """

    def __init__(self, every: int = 100):
        super().__init__()
        self.every = check_integer("every", every)
        self.stopped_by = None
        self._good = None
        self._seen = 0

    def _variables(self):
        return variables_of_run(self.model)

    def on_train_begin(self, logs=None):
        self.stopped_by, self._seen, self._good = None, 0, None

    def on_epoch_begin(self, epoch, logs=None):
        # A run may fail in its first epoch: then the state before it is restored. Not
        # in `on_train_begin`, because callbacks restore backups there.
        if self._good is None:
            values = engine.snapshot(self._variables())
            bad = bad_variable(self._variables(), values)
            if bad:
                raise ValueError(
                    "The model's weights must be finite before training. Received: "
                    f"{bad[0]} with {bad[1]}"
                )
            self._good = values

    def on_train_batch_end(self, batch, logs=None):
        self._seen += 1
        if self._seen % self.every == 0 and self.stopped_by is None:
            self._check_logs(logs)

    def on_epoch_end(self, epoch, logs=None):
        if self.stopped_by is None and self._check_logs(logs):
            values = engine.snapshot(self._variables())
            if self._check_weights(values):
                self._good = values

    def before_saving(self):
        """Stop and restore if the weights are not finite. `save` calls it."""
        if self._good is not None and self.stopped_by is None:
            self._check_weights(engine.snapshot(self._variables()))

    def restore(self):
        """Give the model its last good state, if there is one."""
        if self._good is not None:
            for variable, value in zip(self._variables(), self._good):
                variable.assign(value)

    def on_train_end(self, logs=None):
        self._good = None

    def _check_logs(self, logs):
        found = first_not_finite(logs)
        if found is not None:
            self._stop(*found)
        return found is None

    def _check_weights(self, values):
        found = bad_variable(self._variables(), values)
        if found is not None:
            self._stop(*found)
        return found is None

    def _stop(self, name, value):
        self.stopped_by = name
        self.model.stop_training = True
        self.restore()
        warnings.warn(
            f"Training stopped: `{name}` is {value}. The model is back at the end of "
            "the last epoch in which every log and every weight was finite.",
            RuntimeWarning,
            stacklevel=2,
        )


def variables_of_run(model) -> list:
    """Everything that a run's continuation depends on: weights, optimizers, seeds."""
    return [*model.variables, *model.optimizer.variables]


def bad_variable(variables, values) -> tuple[str, float] | None:
    """The path of the first variable with a NaN or infinity, and that number.

    Args:
        variables: Keras variables.
        values: their values on the host, from `engine.snapshot`.
    """
    for variable, value in zip(variables, values):
        if keras.backend.is_float_dtype(variable.dtype):
            value = np.asarray(ops.convert_to_numpy(value), "float32")
            if not np.isfinite(value).all():
                return variable.path, float(value[~np.isfinite(value)].flat[0])
    return None
