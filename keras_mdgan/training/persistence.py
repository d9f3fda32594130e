"""Saving whole models: no half-written files, and the seeds included."""

import contextlib
import pathlib

from keras_mdgan.files import replaced_when_written
from keras_mdgan.training.backends import engine

SEED_PREFIX = "seed_"


@contextlib.contextmanager
def atomic(filepath, overwrite: bool = True):
    """Write to a path beside `filepath`, and rename it at the end without errors.

    Raises:
        FileExistsError: if `filepath` exists and `overwrite` is `False`.
    """
    if pathlib.Path(filepath).exists() and not overwrite:
        raise FileExistsError(
            f"{filepath} exists. Pass `overwrite=True` to replace it."
        )
    with replaced_when_written(filepath) as written:
        yield str(written)


def seed_states(model) -> list:
    """The state of every `SeedGenerator` below a model, in a fixed order."""
    return [v for v in model.variables if v.name == "seed_generator_state"]


class Persistence:
    """Saves and loads an adversarial model: atomically and with its seeds.

    Only the first of several processes writes.
    """

    def save(self, filepath, overwrite=True, **kwargs):
        """Save as `.keras`: to a temporary file, which is then renamed."""
        self._stop_before_saving_nan()
        if not self.is_main_process:
            return
        with engine.alone(), atomic(filepath, overwrite) as path:
            super().save(path, overwrite=True, **kwargs)

    def save_weights(self, filepath, overwrite=True, max_shard_size=None):
        """Save as `.weights.h5`: to a temporary file, which is then renamed."""
        self._stop_before_saving_nan()
        if not self.is_main_process:
            return None
        if max_shard_size is not None:
            with engine.alone():
                return super().save_weights(filepath, overwrite, max_shard_size)
        with engine.alone(), atomic(filepath, overwrite) as path:
            return super().save_weights(path, overwrite=True)

    def _stop_before_saving_nan(self):
        # On every process, so that all of them stop.
        if self._guard is not None:
            self._guard.before_saving()

    def save_own_variables(self, store):
        # Keras saves no seeds. Without them a resumed run draws different numbers.
        super().save_own_variables(store)
        for i, state in enumerate(seed_states(self)):
            store[f"{SEED_PREFIX}{i}"] = state.numpy()

    def load_own_variables(self, store):
        super().load_own_variables(_load_seeds(self, store))


def _load_seeds(model, store) -> dict:
    """Restore the seeds, and return the other entries of the store."""
    states = seed_states(model)
    saved = sum(key.startswith(SEED_PREFIX) for key in store.keys())
    if saved != len(states):
        raise ValueError(
            f"The file holds {saved} random states and the model has {len(states)}: "
            "it was written by a model with other layers."
        )
    for i, state in enumerate(states):
        state.assign(store[f"{SEED_PREFIX}{i}"])
    # Keras refuses a store with more entries than the model has variables.
    return {k: store[k] for k in store.keys() if not k.startswith(SEED_PREFIX)}
