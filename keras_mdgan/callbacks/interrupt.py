"""Ctrl-C between training steps, never within one."""

import signal
import threading

import keras


class Interruptible(keras.callbacks.Callback):
    """Lets Ctrl-C stop `fit` only between steps, when the model's state is whole.

    In the middle of a step the exception would leave a state that is half updated, and
    on JAX none: the step has given away the old state's memory, and JAX may swallow the
    exception. As a context manager this class handles the signal, and as the last
    callback it raises `KeyboardInterrupt` when the step has ended. A second Ctrl-C is
    raised at once. It does nothing outside the main thread, or if the signal already
    has another handler.
    """

    def __init__(self):
        super().__init__()
        self.signalled = False
        self.in_step = False
        self._installed = False

    def __enter__(self):
        own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if own and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._handle)
            self._installed = True
        return self

    def __exit__(self, kind, *error):
        self.in_step = False
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if kind is None:
            self._raise()

    def _handle(self, number, frame):
        again, self.signalled = self.signalled, True
        if again or not self.in_step:
            signal.default_int_handler(number, frame)

    def _raise(self):
        self.in_step = False
        if self.signalled:
            self.signalled = False
            raise KeyboardInterrupt

    def on_train_batch_begin(self, batch, logs=None):
        self.in_step = True

    def on_train_batch_end(self, batch, logs=None):
        self._raise()

    def on_epoch_end(self, epoch, logs=None):
        self._raise()
