"""Backups from which a killed run continues as if nothing had happened."""

import json
import os
import pathlib
import warnings

import keras

from keras_mdgan.files import replaced_when_written, to_disk
from keras_mdgan.saving.sealed import facts_of


class BackupAndRestore(keras.callbacks.BackupAndRestore):
    """`keras.callbacks.BackupAndRestore` for runs that may be killed at any moment.

    Keras' own callback writes weights and epoch to two files. After a kill between
    them, the next run trains an epoch twice. With a `save_freq` in batches it also
    forgets the epoch in which it resumed. This callback writes one file, which holds
    the epoch and a checksum, to a temporary file and renames it. The first of several
    processes writes, and all of them restore. It takes the same arguments as Keras'
    own. With `double_checkpoint=True` a damaged backup is replaced by the one before.

    Examples:
        >>> BackupAndRestore("runs/backup", save_freq=200).save_freq
        200

    Raises:
        ValueError: at the start of `fit`, if the backup is damaged, incomplete or of
            another model. The message names the file.
    """

    def on_train_begin(self, logs=None):
        try:
            self._load_model()
        except ValueError as error:
            if not os.path.exists(self._prev_weights_path):
                raise
            warnings.warn(f"{error}. The backup before it is used.", stacklevel=2)
            _copy(self._prev_weights_path, self._weights_path)
            self._load_model()

    def _load_model(self):
        self.model._initial_epoch = 0  # not that of an earlier `fit`
        weights = pathlib.Path(self._weights_path)
        facts = facts_of(weights) if weights.exists() else None
        if facts is None:
            facts = self._of_two_files(weights)
        if facts is None:
            return
        if not {"epoch", "iterations"} <= set(facts):
            raise ValueError(f"{weights} is no backup: it holds weights alone")
        self._check_model(weights, facts.get("model", {}))
        self.model.load_weights(weights)
        found = self._iterations()
        if facts["iterations"] not in (None, found):
            raise ValueError(
                f"{weights} is damaged: it says {facts['iterations']} steps, and its "
                f"optimizer {found}"
            )
        self.model._initial_epoch = facts["epoch"]

    def _check_model(self, weights, saved):
        """Refuse a backup of another model, even if its weights would fit."""
        own = _arguments(self.model)
        different = [
            f"{name}={saved[name]!r}, not {own[name]!r}"
            for name in sorted(saved.keys() & own.keys())
            if saved[name] != own[name]
        ]
        if different:
            raise ValueError(
                f"{weights} is the backup of another model, with "
                f"{', '.join(different)}. Remove the folder to train from the start, "
                "or choose another one"
            )

    def _of_two_files(self, weights):
        """What version 0.1.0 wrote: the epoch in a file of its own, no checksum."""
        beside = pathlib.Path(self._training_metadata_path)
        if weights.exists() != beside.exists():
            there, missing = sorted(
                (weights, beside), key=lambda path: not path.exists()
            )
            raise ValueError(
                f"{there} is no whole backup: {missing.name} is missing or damaged. "
                "Remove the folder to train from the start"
            )
        if not beside.exists():
            return None
        try:
            return {"epoch": int(json.loads(beside.read_text())["epoch"])} | {
                "iterations": None
            }
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{beside} is damaged: {error}") from error

    def on_epoch_begin(self, epoch, logs=None):
        # Keras sets it only at an epoch's end, too late for a backup before that.
        self._current_epoch = epoch
        self._begin = epoch, self._iterations()

    def _iterations(self):
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _save_model(self):
        self.model.stop_before_saving_nan()
        if not self.model.is_main_process:
            return
        epoch, iterations = self._current_epoch, self._iterations()
        if iterations == self._begin[1]:  # the `NaNGuard` has undone this epoch
            epoch = self._begin[0]
        elif self._source_is_at_epoch_end():
            # After the last batch, but before Keras calls `on_epoch_end`.
            epoch = self._begin[0] + 1
        if self.double_checkpoint and os.path.exists(self._weights_path):
            _copy(self._weights_path, self._prev_weights_path)
        self.model.save_sealed_weights(
            self._weights_path,
            epoch=epoch,
            iterations=iterations,
            model=_arguments(self.model),
        )
        # What version 0.1.0 left.
        pathlib.Path(self._training_metadata_path).unlink(missing_ok=True)

    def _source_is_at_epoch_end(self):
        source = self.model._source
        return source is not None and source.at_epoch_end

    def on_train_end(self, logs=None):
        if self.model.is_main_process and self.delete_checkpoint:
            # First: without it the other files are no backup.
            pathlib.Path(self._weights_path).unlink(missing_ok=True)
            if os.path.exists(self.backup_dir):
                to_disk(self.backup_dir)
            super().on_train_end(logs)


def _arguments(model) -> dict:
    """The class and the plain arguments of a model, its seed only if it was given."""
    left_out = {"name", "seed"} if model.draws_own_seed else {"name"}
    try:
        config = model.get_config()
    except NotImplementedError:  # a class of the user's that is never saved whole
        config = {}
    plain = (str, int, float, bool, type(None))
    found = {
        k: v for k, v in config.items() if isinstance(v, plain) and k not in left_out
    }
    return {"class": type(model).__name__, **found}


def _copy(source, target):
    with replaced_when_written(target) as beside:
        beside.write_bytes(pathlib.Path(source).read_bytes())
