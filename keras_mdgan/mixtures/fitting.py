"""The paper's numerical search for lambda, the maximum of the likelihood."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def fit_dense_layer(
    log_likelihood: Callable[[Any], Any],
    starts: np.ndarray,
    steps: int,
    learning_rate: float = 0.01,
) -> np.ndarray:
    """Trains networks of one dense layer on one fixed input to maximise a likelihood.

    The layer's output on the constant input 1 holds one embedding for each start. The
    starts do not interact: the result is that of one network per start. Adam's rate is
    halved after every tenth of the steps (the authors: after every 1,000 of 10,000).

    Args:
        log_likelihood: maps embeddings `(n, dim)` to log likelihoods `(n,)`.
        starts: first output for each network, `(n, dim)`.
        steps: number of steps of Adam.
        learning_rate: Adam's initial learning rate.

    Returns:
        The embeddings at the end, `(n, dim)`, float32.
    """
    shape = np.shape(starts)
    # Zeros, although they are overwritten: a random initializer would draw from Keras'
    # global seed generator, and computing lambda would change the run after it.
    dense = keras.layers.Dense(
        math.prod(shape), kernel_initializer="zeros", dtype="float32"
    )
    network = keras.Sequential([keras.Input((1,), dtype="float32"), dense])
    kernel, _ = dense.get_weights()
    dense.set_weights([kernel, np.reshape(starts, -1).astype("float32")])

    def negative_log_likelihood(_, embeddings):
        return -keras.ops.sum(log_likelihood(keras.ops.reshape(embeddings, shape)))

    schedule = keras.optimizers.schedules.ExponentialDecay(
        learning_rate, max(1, steps // 10), 0.5, staircase=True
    )
    network.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss=negative_log_likelihood,
        steps_per_execution=1 if keras.backend.backend() == "torch" else 50,
    )
    fixed_input = np.ones((steps, 1), "float32")
    network.fit(fixed_input, fixed_input, batch_size=1, shuffle=False, verbose=0)
    kernel, bias = dense.get_weights()
    return np.reshape(kernel[0] + bias, shape)
