"""Ctrl-C that is not lost."""

import signal
import threading

import keras


class Interruptible(keras.callbacks.Callback):
    """Raises `KeyboardInterrupt` after a batch if one was raised and swallowed.

    On JAX a Ctrl-C that arrives while a compiled step runs is raised inside of JAX and
    goes no further. As a context manager around `fit` this notes the signal, and as a
    callback it raises again. Outside of the main thread, and where someone else
    handles the signal, it does nothing.
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
