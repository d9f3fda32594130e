"""Stops a run at the first log that is NaN or infinite."""

import warnings

import keras

from keras_mdgan.training.backends import engine
from keras_mdgan.training.logs import first_not_finite
from keras_mdgan.validation import check_integer


class NaNGuard(keras.callbacks.Callback):
    """Stops training at the first NaN or infinite log and restores the last good state.

    `keras.callbacks.TerminateOnNaN` reads only `logs["loss"]`. This callback reads all
    logs and names the first bad one. It restores the state (weights, optimizers, seeds)
    at the end of the last epoch in which all logs were finite. `fit` adds it
    automatically.

    Examples:
        >>> guard = NaNGuard(every=50)
        >>> guard.every
        50

    Args:
        every: read the running means every `every` batches, and at each epoch's end.
            Reading waits for the device.
    """

    def __init__(self, every: int = 100):
        super().__init__()
        self.every = check_integer("every", every)
        self.stopped_by = None
        self._good = None
        self._seen = 0

    def _variables(self):
        return [*self.model.variables, *self.model.optimizer.variables]

    def _keep(self):
        self._good = engine.snapshot(self._variables())

    def on_train_begin(self, logs=None):
        self.stopped_by, self._seen = None, 0

    def on_epoch_begin(self, epoch, logs=None):
        # A run may fail in its first epoch: then the state before it is restored.
        if self._good is None:
            self._keep()

    def on_train_batch_end(self, batch, logs=None):
        self._seen += 1
        if self._seen % self.every == 0:
            self._check(logs)

    def on_epoch_end(self, epoch, logs=None):
        if self.stopped_by is None and self._check(logs):
            self._keep()
        if self.stopped_by is not None:
            for variable, value in zip(self._variables(), self._good):
                variable.assign(value)

    def on_train_end(self, logs=None):
        self._good = None

    def _check(self, logs):
        found = first_not_finite(logs)
        if found is None:
            return True
        self.stopped_by, value = found
        self.model.stop_training = True
        warnings.warn(
            f"Training stopped: `{self.stopped_by}` is {value}. The model is back at "
            "the end of the last epoch in which every log was finite.",
            RuntimeWarning,
            stacklevel=2,
        )
        return False
