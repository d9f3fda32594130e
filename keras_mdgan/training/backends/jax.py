"""Training on JAX: the imperative step inside a scope that carries the state."""

import contextlib
import itertools

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax.experimental import multihost_utils

from keras_mdgan.training.backends.jax_inference import InferenceMixin
from keras_mdgan.training.backends.scope import RecordingScope, recorded, replay
from keras_mdgan.training.checks import has_convolutions
from keras_mdgan.training.data.chunks import next_chunks
from keras_mdgan.training.logs import after_last_step


def value_and_grad(fn, variables):
    # JAX returns only arrays from a traced function; the variables leave through `box`.
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
    # Its `apply` assigns inside `lax.cond` branches, where the values are lost. The
    # stateless form returns them.
    values = optimizer.stateless_apply(
        [v.value for v in optimizer.variables], gradients, [v.value for v in variables]
    )
    for variable, value in zip(variables, values[0]):
        variable.assign(value)
    for variable, value in zip(optimizer.variables, values[1]):
        variable.assign(value)


def batch_norm(x, gamma, beta, axis, epsilon):
    """`None`: XLA fuses the operations of the layer."""


def outline(fn):
    def isolated():
        with RecordingScope():
            return fn()

    return jax.eval_shape(isolated)


def snapshot(variables):
    return [np.array(v.value) for v in variables]


repeatable = contextlib.nullcontext


@contextlib.contextmanager
def alone():
    """A context for work of one process without the others, such as writing a file.

    Keras makes variables while it saves. Under a distribution all processes would have
    to make them together.
    """
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)


class StepMixin(InferenceMixin):
    """`train_step`, `test_step` and a train function with one `lax.scan`."""

    @property
    def shares(self) -> int:
        """How many parts a batch is divided into, by `keras.distribution`."""
        distribution = keras.distribution.distribution()
        if distribution is None or distribution.batch_dim_name is None:
            return 1
        mesh = distribution.device_mesh
        return mesh.shape[mesh.axis_names.index(distribution.batch_dim_name)]

    strategy_shares = None

    @property
    def own_part(self):
        """A function that picks this process's part of a batch, or `None` for all."""
        distribution = keras.distribution.distribution()
        if distribution is None or jax.process_count() == 1:
            return None

        def rows(batch):
            layout = distribution.get_data_layout(batch.shape)
            where = layout.backend_layout.addressable_devices_indices_map(batch.shape)
            own = np.zeros(len(batch), bool)
            for (index,) in where.values():
                own[index] = True
            return batch[own]

        return rows

    @property
    def is_main_process(self) -> bool:
        """Whether this is the process that writes files."""
        return jax.process_index() == 0

    def _purge_model_variables(self, **groups):
        """Nothing: Keras' variables would have no values after an error in a step.

        The memory is not needed twice: a step reuses that of its inputs (donation).
        """

    def has_whole_state(self) -> bool:
        """Whether every variable has a value, after an error in the middle of `fit`."""
        self.jax_state_sync()
        self._jax_state = None
        every = (*self.variables, *self.optimizer.variables, *self.metrics_variables)
        return not any(v.value.is_deleted() for v in every)

    def begin_together(self):
        """Refuse processes with different weights: JAX assumes that they are equal."""
        if jax.process_count() == 1:
            return
        mine = np.concatenate([np.ravel(v.numpy()) for v in self.trainable_variables])
        if not np.array_equal(multihost_utils.broadcast_one_to_all(mine), mine):
            raise ValueError(
                "The processes of a JAX job must begin with the same weights: call "
                "`keras.distribution.initialize()` or `keras.utils.set_random_seed(0)` "
                "before making the networks. Received: a model whose weights are not "
                "those of process 0"
            )

    def agreed(self, seed: int) -> int:
        """The first process's seed, on every process."""
        if jax.process_count() == 1:
            return seed
        return int(multihost_utils.broadcast_one_to_all(np.int32(seed)))

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
        # Donated: the new state reuses the old state's memory.
        options = {"donate_argnums": 0}
        if keras.distribution.distribution() is not None:
            # The next call expects the state in the layout of this one.
            options["out_shardings"] = (None, self._get_state_sharding_spec())
        one = jax.jit(self.train_step, **options)

        def scanned(state, batches):
            def body(state, batch):
                logs, state = self.train_step(state, batch)
                return state, logs

            state, logs = jax.lax.scan(body, state, batches)
            return after_last_step(logs), state

        def looped(state, batches):
            for i in range(len(jax.tree.leaves(batches)[0])):
                logs, state = one(state, jax.tree.map(lambda x: x[i], batches))  # noqa: B023
            return logs, state

        # On a CPU, XLA's convolutions take several times as long inside a loop.
        slow = jax.default_backend() == "cpu" and has_convolutions(self)
        many = looped if slow else jax.jit(scanned, **options)

        def train_function(state, iterator):
            steps = self.steps_per_execution
            for chunk in next_chunks(self._source, iterator, steps, _stack):
                run = many if chunk.several else one
                logs, state = run(state, _on_devices(chunk))
                # Keras keeps it only after the last chunk. An error in between would
                # leave a state whose memory this step has reused.
                self._jax_state = dict(zip(_STATE, state))
                self._jax_state_synced = False
            return logs, state

        self.train_function = train_function

    def compiles_by_default(self, steps_per_execution):
        return True


_STATE = (
    "trainable_variables",
    "non_trainable_variables",
    "optimizer_variables",
    "metrics_variables",
)


def _on_devices(chunk):
    """A chunk, divided along the batch axis according to `keras.distribution`.

    A NumPy array is this process's part. A JAX array is divided already.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return chunk.data

    def place(x):
        shape = x.shape[1:] if chunk.several else x.shape
        layout = distribution.get_data_layout(shape)
        axes = (None, *layout.axes) if chunk.several else layout.axes
        layout = keras.distribution.TensorLayout(axes, layout.device_mesh)
        if isinstance(x, jax.Array):
            return jax.device_put(x, layout.backend_layout)
        return jax.make_array_from_process_local_data(layout.backend_layout, x)

    return jax.tree.map(place, chunk.data)


def _stack(batches):
    def stack(*arrays):
        on_device = isinstance(arrays[0], jax.Array)
        return jnp.stack(arrays) if on_device else np.stack(arrays)

    return jax.tree.map(stack, *itertools.islice(batches, None))
