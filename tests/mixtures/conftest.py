"""Gradients of a function of one array, on whichever backend runs the tests."""

import keras
import numpy as np
import pytest


def _gradient(function, x):
    x = np.asarray(x, "float32")
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return np.asarray(jax.jit(jax.grad(lambda x: function(x).sum()))(x))
    if backend == "tensorflow":
        import tensorflow as tf

        variable = tf.Variable(x)
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(tf.function(function)(variable.value()))
        return tape.gradient(total, variable).numpy()
    import torch

    tensor = torch.tensor(x, requires_grad=True)
    function(tensor).sum().backward()
    return tensor.grad.numpy()


@pytest.fixture
def gradient():
    """`gradient(function, x)`: derivative of the sum of `function(x)` by `x`."""
    return _gradient
