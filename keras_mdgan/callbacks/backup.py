"""Backups taken in the middle of an epoch."""

import json
import pathlib

import keras

from keras_mdgan.files import replaced_when_written


class BackupAndRestore(keras.callbacks.BackupAndRestore):
    """`keras.callbacks.BackupAndRestore` for runs that are killed more than once.

    With a `save_freq` in batches, Keras' own callback forgets the epoch in which it
    resumed. After a second kill before that epoch's end, the next run would count from
    epoch 0. This callback writes both files to temporary files and renames them. The
    first of several processes writes, and all of them restore. It takes the same
    arguments as Keras' own.

    Examples:
        >>> BackupAndRestore("runs/backup", save_freq=200).save_freq
        200
    """

    def on_epoch_begin(self, epoch, logs=None):
        # Keras sets it only at an epoch's end, too late for a backup before that.
        self._current_epoch = epoch

    def _save_model(self):
        if not self.model.is_main_process:
            return
        if self.double_checkpoint:
            return super()._save_model()
        folder = pathlib.Path(self.backup_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self.model.save_weights(self._weights_path, overwrite=True)
        state = {"epoch": self._current_epoch, "batch": self._last_batch_seen}
        with replaced_when_written(self._training_metadata_path) as beside:
            beside.write_text(json.dumps(state))

    def on_train_end(self, logs=None):
        if self.model.is_main_process:
            super().on_train_end(logs)
