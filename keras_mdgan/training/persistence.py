"""Saving whole models: no half-written files, and the seeds included."""

import contextlib
import os
import pathlib

import keras
import numpy as np

from keras_mdgan.files import replaced_when_written
from keras_mdgan.saving.sealed import facts_of, seal
from keras_mdgan.training.backends import engine
from keras_mdgan.training.optimizer import refuse_frozen_later

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


def seed_unseeded(model, optimizers):
    """Give every random state that nobody seeded a seed that follows from the model's.

    Layers without a seed draw one at random, so runs of one seed would differ. On
    PyTorch, Keras' Dropout draws from the global generator then, which no file holds.

    Args:
        model: an `AdversarialModel`.
        optimizers: its players' optimizers.
    """
    layers = model._flatten_layers(include_self=False)
    of_layers = _generators(layers)
    generators = {**of_layers, **_generators(optimizers)}
    for i, (key, generator) in enumerate(generators.items()):
        if generator._initial_seed is not None:
            continue
        seed = int(np.random.SeedSequence([model.seed, i]).generate_state(1)[0] >> 1)
        generator._initial_seed = seed
        # States of a file are the run's own.
        if not (model._has_loaded_seeds and key in of_layers):
            generator.state.assign(np.array([seed, 0]))


def _generators(owners) -> dict:
    found = {
        id(value): value
        for owner in owners
        for value in vars(owner).values()
        if isinstance(value, keras.random.SeedGenerator)
    }
    # In lists and dictionaries of a layer.
    for owner in owners:
        for value in getattr(owner, "_seed_generators", ()):
            found.setdefault(id(value), value)
    return found


class Persistence:
    """Saves and loads an adversarial model: atomically and with its seeds.

    Only the first of several processes writes.
    """

    # Whether the random states are those of a file, which no seed may replace.
    _has_loaded_seeds = False

    def save(self, filepath, overwrite=True, **kwargs):
        """Save as `.keras`: to a temporary file, which is then renamed."""
        if os.fspath(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                "A model is saved as `.keras`; Keras' old format cannot hold its "
                "players and optimizers. For the weights alone use "
                f"`save_weights`. Received: filepath={os.fspath(filepath)!r}"
            )
        if self.compiled:
            refuse_frozen_later(self._compiled.turns, self.optimizer)
        self.stop_before_saving_nan()
        if not self.is_main_process:
            return
        with engine.alone(), atomic(filepath, overwrite) as path:
            super().save(path, overwrite=True, **kwargs)

    def save_weights(self, filepath, overwrite=True, max_shard_size=None):
        """Save as `.weights.h5`: to a temporary file, which is then renamed.

        The file ends with a checksum, which `load_weights` compares. Files of several
        shards (`max_shard_size`) are Keras' own: they are not atomic, and have none.
        """
        self.stop_before_saving_nan()
        if not self.is_main_process:
            return None
        if max_shard_size is not None:
            with engine.alone():
                return super().save_weights(filepath, overwrite, max_shard_size)
        return self.save_sealed_weights(filepath, overwrite)

    def save_sealed_weights(self, filepath, overwrite=True, **facts):
        """Save as `.weights.h5` with facts, which `saving.sealed.facts_of` reads."""
        with engine.alone(), atomic(filepath, overwrite) as path:
            super().save_weights(path, overwrite=True)
            seal(path, **facts)

    def load_weights(self, filepath, *args, **kwargs):
        """As `keras.Model.load_weights`, of a whole file or not at all.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if it is damaged, or of another model. The model is unchanged.
        """
        path = os.fspath(filepath)
        if "://" not in path:
            if not os.path.exists(path):
                raise FileNotFoundError(f"There are no weights at {path}")
            facts_of(path)
        variables = [*self.variables]
        if self.compiled:
            variables += self.optimizer.variables
        before = engine.snapshot(variables)
        try:
            super().load_weights(path, *args, **kwargs)
        except Exception as error:
            for variable, value in zip(variables, before):
                variable.assign(value)
            raise ValueError(f"{path} cannot be loaded: {error}") from error

    def stop_before_saving_nan(self):
        """Let the `NaNGuard` of a running `fit` look at the weights first."""
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
        self._has_loaded_seeds = True


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
