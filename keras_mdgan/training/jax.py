"""Training on JAX: the imperative step inside a scope that carries the state."""

import contextlib
import itertools

import jax
import jax.numpy as jnp
import keras
import numpy as np

from keras_mdgan.training.checks import has_convolutions
from keras_mdgan.training.scope import RecordingScope, recorded, replay


def value_and_grad(fn, variables):
    box = {}

    def of_values(values):
        (loss, aux), box["variables"], written = recorded(fn, zip(variables, values))
        return loss, (aux, written)

    values = [v.value for v in variables]
    (loss, (aux, written)), gradients = jax.value_and_grad(of_values, has_aux=True)(
        values
    )
    replay(box["variables"], written)
    return (loss, aux), gradients


def gradient(fn, x):
    box = {}

    def total(x):
        result, box["variables"], written = recorded(lambda: fn(x))
        return jnp.sum(result), written

    result, written = jax.grad(total, has_aux=True)(x)
    replay(box["variables"], written)
    return result


def apply(optimizer, gradients, variables):
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer.apply(gradients, variables)
    # Its `apply` assigns inside `lax.cond` branches; the stateless form returns.
    values = optimizer.stateless_apply(
        [v.value for v in optimizer.variables], gradients, [v.value for v in variables]
    )
    for variable, value in zip(variables, values[0]):
        variable.assign(value)
    for variable, value in zip(optimizer.variables, values[1]):
        variable.assign(value)


def outline(fn):
    def isolated():
        with RecordingScope():
            return fn()

    return jax.eval_shape(isolated)


def snapshot(variables):
    return [np.array(v.value) for v in variables]


repeatable = contextlib.nullcontext


class StepMixin:
    """`train_step`, `test_step` and a train function with one `lax.scan`."""

    def _run(self, state, variables, fn):
        with keras.StatelessScope(
            [pair for vs, xs in zip(variables, state) for pair in zip(vs, xs)]
        ) as scope:
            fn()
            logs = self.log_means.result()
            return logs, tuple(
                [scope.get_current_value(v) for v in vs] for vs in variables
            )

    def train_step(self, state, data):
        variables = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return self._run(state, variables, lambda: self.adversarial_step(data))

    def test_step(self, state, data):
        variables = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        return self._run(state, variables, lambda: self.evaluation_step(data))

    def make_train_function(self, force=False):
        if self.train_function is not None and not force:
            return
        if self.run_eagerly or not self.jit_compile:
            return super().make_train_function(force)
        one = jax.jit(self.train_step, donate_argnums=0)

        def scanned(state, batches):
            def body(state, batch):
                logs, state = self.train_step(state, batch)
                return state, logs

            state, logs = jax.lax.scan(body, state, batches)
            return jax.tree.map(lambda x: x[-1], logs), state

        def looped(state, batches):
            for i in range(len(jax.tree.leaves(batches)[0])):
                logs, state = one(state, jax.tree.map(lambda x: x[i], batches))  # noqa: B023
            return logs, state

        # XLA's convolutions on a CPU take several times as long within a loop.
        slow = jax.default_backend() == "cpu" and has_convolutions(self)
        many = looped if slow else jax.jit(scanned, donate_argnums=0)

        def train_function(state, iterator):
            for chunk in self.next_batches(iterator, _stack):
                if chunk.stacked:
                    logs, state = many(state, chunk.data)
                else:
                    logs, state = one(state, chunk.data)
            return logs, state

        self.train_function = train_function

    def compiles_by_default(self, steps_per_execution):
        return True


def _stack(batches):
    def stack(*arrays):
        on_device = isinstance(arrays[0], jax.Array)
        return jnp.stack(arrays) if on_device else np.stack(arrays)

    return jax.tree.map(stack, *itertools.islice(batches, None))
