"""Many models of one structure, for example many seeds, trained by one JAX program.

A small network's step is a chain of small operations, and each leaves most of a GPU
idle. With a leading axis for the model, every operation does the work of all models.
"""

import operator

import jax
import jax.numpy as jnp
import numpy as np

from keras_mdgan.training.logs import after_last_step

# Batches are sent to the device in parts of at most this size: it held a whole epoch of
# images several times over.
_BYTES = 2**28


class VmappedModels:
    """Compiled models that train at once, each with its own seed and batches.

    The program is the training step of the first model. The models may therefore differ
    only in the values of their variables: weights, optimizers' state, seeds. A model
    draws the same numbers and sees the same batches as when it trains alone. Its
    weights are the same up to rounding.

    Examples:
        See `keras_mdgan/experiments/many_seeds.py`.

    Args:
        models: compiled `AdversarialModel`s.

    Raises:
        ValueError: if there are none, or their variables differ in number, shape or
            dtype.
    """

    def __init__(self, models):
        self.models = list(models)
        if not self.models:
            raise ValueError("`models` must hold at least one model. Received: []")
        first = _outline(self.models[0])
        for index, model in enumerate(self.models[1:], start=1):
            if _outline(model) != first:
                raise ValueError(
                    "`models` must have variables of the same shapes. Received: model "
                    f"{index} ({model.name!r}) differs from model 0 "
                    f"({self.models[0].name!r})"
                )
        values = [
            [[v.value for v in group] for group in _variables(model)]
            for model in self.models
        ]
        self._state = jax.tree.map(lambda *leaves: jnp.stack(leaves), *values)
        self._program = jax.jit(jax.vmap(_epoch_of(self.models[0])), donate_argnums=0)

    def train_epoch(self, batches) -> dict:
        """Train every model on its own batches, and reset its logs first.

        Returns at once: the device computes while the host prepares the next epoch.

        Args:
            batches: for each model the batches of all steps, a tuple of arrays
                `(steps, batch_size, ...)`, as returned by `ShuffledBatches.take`.

        Returns:
            The means of everything logged in these steps, a dictionary of arrays
            `(models,)` on the device.

        Raises:
            ValueError: if `batches` does not hold one item per model.
        """
        if len(batches) != len(self.models):
            raise ValueError(
                f"`batches` must hold one item for each of {len(self.models)} models. "
                f"Received: {len(batches)} items"
            )
        # Keras' trainer resets the metrics here, at the start of an epoch.
        fresh = [
            jnp.stack([value] * len(self.models))
            for value in self.models[0].log_means.at_start()
        ]
        self._state = [*self._state[:-1], fresh]
        for part in _parts(batches):
            # Stacked by NumPy first: one transfer instead of one per model.
            part = jax.tree.map(lambda *leaves: np.stack(leaves), *part)
            logs, self._state = self._program(self._state, part)
        return logs

    def update_models(self):
        """Write the trained values to every model's variables. Waits for the device."""
        for index, model in enumerate(self.models):
            for group, values in zip(_variables(model), self._state):
                for variable, value in zip(group, values):
                    variable.assign(value[index])


def _variables(model):
    """The four groups of variables in a training step's state."""
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )


def _outline(model):
    return [
        [(tuple(v.shape), str(v.dtype)) for v in group] for group in _variables(model)
    ]


def _parts(batches):
    """The batches of some steps after those of others, each part for all models."""
    leaves = jax.tree.leaves(batches)
    steps = len(leaves[0])
    at_once = max(1, steps * _BYTES // sum(leaf.nbytes for leaf in leaves))
    for start in range(0, steps, at_once):
        part = operator.itemgetter(slice(start, start + at_once))
        yield jax.tree.map(part, batches)


def _epoch_of(model):
    def epoch(state, batches):
        def step(state, batch):
            logs, state = model.train_step(state, batch)
            return state, logs

        state, logs = jax.lax.scan(step, tuple(state), batches)
        return after_last_step(logs), list(state)

    return epoch
