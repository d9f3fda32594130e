"""A callback that makes Ctrl-C stop `fit` on JAX too."""

import signal
import threading

import keras


class Interruptible(keras.callbacks.Callback):
    """Raises `KeyboardInterrupt` after a batch if JAX swallowed one.

    If Ctrl-C arrives while a compiled step runs, the exception is raised inside JAX and
    is lost. As a context manager around `fit` this class records the signal, and as a
    callback it raises the exception again. It does nothing outside the main thread, or
    if the signal already has another handler.
    """

    def __init__(self):
        super().__init__()
        self.signalled = False
        self._installed = False

    def __enter__(self):
        own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if own and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._handle)
            self._installed = True
        return self

    def __exit__(self, *error):
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _handle(self, number, frame):
        self.signalled = True
        signal.default_int_handler(number, frame)

    def _raise(self):
        if self.signalled:
            self.signalled = False
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        self._raise()

    def on_epoch_end(self, epoch, logs=None):
        self._raise()
