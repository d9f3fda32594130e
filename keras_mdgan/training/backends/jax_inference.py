"""Prediction and evaluation on JAX that leave the model's variables where they are.

Keras' own functions hand the weights' memory over to the compiled function and take the
weights back from it. An interruption in between would leave a model without weights,
and a second thread would find none.
"""

import jax
import keras
import numpy as np


class InferenceMixin:
    """`predict`, `predict_on_batch` and the compiled functions of `evaluate`."""

    _inference = None

    def predict(self, x, batch_size=None, **kwargs):
        """As `keras.Model.predict`. Each of several processes predicts its own `x`."""
        if jax.process_count() == 1:
            return super().predict(x, batch_size, **kwargs)
        n = len(keras.tree.flatten(x)[0])
        size = min(batch_size or 32, n)
        batches = [
            keras.tree.map_structure(lambda part: part[start : start + size], x)  # noqa: B023
            for start in range(0, n, size)
        ]
        return np.concatenate([self.predict_on_batch(b) for b in batches])

    def predict_on_batch(self, x):
        """As `keras.Model.predict_on_batch`, for several threads at once."""
        self.jax_state_sync()
        groups = (self.trainable_variables, self.non_trainable_variables)
        # Each process has a copy of the weights. Its own copy needs no other process,
        # so the processes may predict different numbers of batches.
        alone = jax.process_count() == 1
        state = tuple(
            [v.value if alone else v.value.addressable_data(0) for v in variables]
            for variables in groups
        )
        if self._inference is None:
            self._inference = jax.jit(lambda *args: self.predict_step(*args)[0])
        return jax.tree.map(np.array, self._inference(state, (x,)))

    def make_predict_function(self, force=False):
        if self.predict_function is not None and not force:
            return
        step = self._keeping_inputs(self.predict_step, lambda specs: specs[1])

        def predict_step(state, data):
            outputs, non_trainable_variables = step(state, data)
            return outputs, (state[0], non_trainable_variables)

        self.predict_function = self._make_function(predict_step, True)

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            step = self._keeping_inputs(
                self.test_step, lambda specs: (specs[0], specs[1], specs[3])
            )
            self.test_function = self._make_function(step)

    def _keeping_inputs(self, step, state_of):
        """`step`, compiled, without donating its inputs."""
        if self.run_eagerly or not self.jit_compile:
            return step
        options = {}
        if keras.distribution.distribution() is not None:
            options["out_shardings"] = (None, state_of(self._get_state_sharding_spec()))
        return jax.jit(step, **options)
