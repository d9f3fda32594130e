"""Training on TensorFlow: one compiled loop over stacked batches."""

import contextlib

import keras
import numpy as np
import tensorflow as tf

from keras_mdgan.training.checks import has_convolutions


def value_and_grad(fn, variables):
    values = [v.value for v in variables]
    if tf.inside_function():
        loss, aux = fn()
        return (loss, aux), _gradients(loss, values)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aux = fn()
    return (loss, aux), _of_tape(tape, loss, values)


def gradient(fn, x):
    if tf.inside_function():
        x = tf.nest.map_structure(tf.identity, x)
        gradients = _gradients(fn(x), tf.nest.flatten(x))
        return tf.nest.pack_sequence_as(x, gradients)
    x = tf.nest.map_structure(tf.convert_to_tensor, x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        result = fn(x)
    return _of_tape(tape, result, x)


def _of_tape(tape, y, x):
    return tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def _gradients(y, x):
    """Gradients in a graph, rounded alike in every run of every trace.

    A tape sums a variable's parts in an order that changes from trace to trace, and
    `AddN` of three or more in one that changes from run to run (it begins with
    whichever input's memory is free), so that a resumed run would differ in last bits.
    """
    return tf.gradients(
        y,
        x,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
        aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE,
    )


# Rewrites of the graph after which a step is no longer the same in every run. The first
# joins sums of two into an `AddN` (see `_gradients`). The second takes out edges that
# order reads and writes: with three players, a turn was then seen to work with weights
# that a later turn had changed already, in one run of ten.
_REWRITES = ("arithmetic_optimization", "dependency_optimization")


@contextlib.contextmanager
def repeatable():
    """Keep TensorFlow from rewriting steps so that they change from run to run."""
    options = tf.config.optimizer
    before = options.get_experimental_options()
    options.set_experimental_options(dict.fromkeys(_REWRITES, False))
    try:
        yield
    finally:
        options.set_experimental_options({k: before.get(k, True) for k in _REWRITES})


def apply(optimizer, gradients, variables):
    optimizer.apply(gradients, variables)


def outline(fn):
    with keras.StatelessScope():
        return fn()


def snapshot(variables):
    return [v.value.numpy() for v in variables]


class StepMixin:
    """`train_step`, `test_step` and a train function with one compiled loop."""

    def train_step(self, data):
        self.adversarial_step(data)
        return self.log_means.result()

    def test_step(self, data):
        self.evaluation_step(data)
        return self.log_means.result()

    def make_train_function(self, force=False):
        if self.train_function is not None and not force:
            return
        if self.run_eagerly or self._distribute_strategy is not None:
            return super().make_train_function(force)

        @tf.autograph.experimental.do_not_convert
        def step(data):
            self.adversarial_step(data)
            return self.log_means.totals.value + 0.0

        @tf.autograph.experimental.do_not_convert
        def loop(batches):
            steps = tf.shape(tf.nest.flatten(batches)[0])[0]

            def body(i):
                self.adversarial_step(tf.nest.map_structure(lambda x: x[i], batches))
                return (i + 1,)

            tf.while_loop(lambda i: i < steps, body, (tf.constant(0),))
            return self.log_means.totals.value + 0.0

        options = {"jit_compile": self.jit_compile, "reduce_retracing": True}
        if self.jit_compile:
            options["reduce_retracing"] = False
        one, many = tf.function(step, **options), tf.function(loop, **options)

        def train_function(iterator):
            for chunk in self.next_batches(iterator, _stack):
                run = many if chunk.stacked else one
                totals = run(tf.nest.map_structure(tf.convert_to_tensor, chunk.data))
            return self.log_means.of_totals(totals)

        self.train_function = train_function

    def compiles_by_default(self, steps_per_execution):
        # XLA compiles the whole loop; a single step on a CPU gains little from it
        # and waits seconds for the compiler, and its convolutions take many times as
        # long there as TensorFlow's own.
        has_gpu = bool(tf.config.list_physical_devices("GPU"))
        return has_gpu or (steps_per_execution > 1 and not has_convolutions(self))


def _stack(batches):
    def stack(*arrays):
        if isinstance(arrays[0], np.ndarray):
            return np.stack(arrays)
        return tf.stack(arrays)

    return tf.nest.map_structure(stack, *batches)
