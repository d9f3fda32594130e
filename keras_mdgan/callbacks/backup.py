"""Backups taken in the middle of an epoch."""

import keras


class BackupAndRestore(keras.callbacks.BackupAndRestore):
    """`keras.callbacks.BackupAndRestore` that survives being killed more than once.

    With a `save_freq` in batches, Keras' own forgets the epoch it went on in: a second
    kill before that epoch's end would make the next run count from epoch 0.

    Examples:
        >>> BackupAndRestore("runs/backup", save_freq=200).save_freq
        200

    Args:
        *args: as of `keras.callbacks.BackupAndRestore`.
        **kwargs: as of `keras.callbacks.BackupAndRestore`.
    """

    def on_epoch_begin(self, epoch, logs=None):
        self._current_epoch = epoch
