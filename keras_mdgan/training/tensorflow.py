"""Training on TensorFlow: one compiled loop over stacked batches."""

import keras
import numpy as np
import tensorflow as tf


def value_and_grad(fn, variables):
    values = [v.value for v in variables]
    if tf.inside_function():
        # A tape adds up the parts of a gradient in an order that changes from trace to
        # trace, and with it their rounding: a resumed run would not be the same run.
        loss, aux = fn()
        gradients = tf.gradients(
            loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        return (loss, aux), gradients
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aux = fn()
    gradients = tape.gradient(
        loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return (loss, aux), gradients


def gradient(fn, x):
    x = tf.nest.map_structure(tf.convert_to_tensor, x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        result = fn(x)
    return tape.gradient(result, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


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
        # and waits seconds for the compiler.
        has_gpu = bool(tf.config.list_physical_devices("GPU"))
        return has_gpu or steps_per_execution > 1


def _stack(batches):
    def stack(*arrays):
        if isinstance(arrays[0], np.ndarray):
            return np.stack(arrays)
        return tf.stack(arrays)

    return tf.nest.map_structure(stack, *batches)
