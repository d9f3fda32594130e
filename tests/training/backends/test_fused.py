"""The backend's fused operations against arithmetic in NumPy and the plain layers."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from keras_mdgan.training.backends import engine

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(0.01, 0.5, 0.9),
    "no momentum": lambda: keras.optimizers.Adam(0.01, 0.0, 0.99, 1e-3),
    "amsgrad": lambda: keras.optimizers.Adam(0.01, 0.5, amsgrad=True),
    "decay": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1, beta_1=0.5),
    "clipped": lambda: keras.optimizers.Adam(0.01, 0.5, clipnorm=0.1),
    "schedule": lambda: keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(0.1, 5), 0.5
    ),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01, 0.5), initial_scale=8.0
    ),
}


def gradients_of(step):
    draw = np.random.default_rng(step)
    return [draw.normal(size=shape).astype("float32") for shape in ((3, 2), (4,))]


def after_five_steps(optimizer, apply):
    weights = [keras.Variable(np.ones(shape, "float32")) for shape in ((3, 2), (4,))]
    optimizer.build(weights)
    for step in range(5):
        apply(
            optimizer, [ops.convert_to_tensor(g) for g in gradients_of(step)], weights
        )
    return [ops.convert_to_numpy(w.value) for w in weights]


def compiled(optimizer, gradients, weights):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        @tf.function(autograph=False)
        def step(gradients):
            engine.apply(optimizer, gradients, weights)

        step(gradients)
    else:
        engine.apply(optimizer, gradients, weights)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_those_of_keras(name):
    if name == "scaled" and keras.backend.backend() == "jax":
        pytest.skip("On JAX, Keras' scaled optimizers need a stateless scope.")

    def stock(optimizer, gradients, weights):
        optimizer.apply(gradients, weights)

    wanted = after_five_steps(OPTIMIZERS[name](), stock)
    got = after_five_steps(OPTIMIZERS[name](), compiled)
    for a, b in zip(got, wanted):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=3e-6)


def test_adam_is_that_of_the_paper():
    """Kingma and Ba (2015), algorithm 1, in the form at the end of its section 2."""
    weights, m, v = ([np.full((3, 2), x), np.full(4, x)] for x in (1.0, 0.0, 0.0))
    for step in range(5):
        rate = 0.01 * np.sqrt(1 - 0.9 ** (step + 1)) / (1 - 0.5 ** (step + 1))
        for k, g in enumerate(gradients_of(step)):
            m[k] = 0.5 * m[k] + 0.5 * g
            v[k] = 0.9 * v[k] + 0.1 * g.astype("float64") ** 2
            weights[k] = weights[k] - rate * m[k] / (np.sqrt(v[k]) + 1e-7)
    got = after_five_steps(OPTIMIZERS["adam"](), compiled)
    for a, b in zip(got, weights):
        np.testing.assert_allclose(a, b, rtol=2e-6)


@pytest.mark.parametrize("shape", [(8, 3), (1, 3), (4, 5, 6, 3), (1, 2, 2, 3)])
@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_batch_normalisation(shape, axis, dtype, monkeypatch):
    """Outputs, moving averages and gradients of the fused and the plain layer."""
    x = np.random.default_rng(0).normal(2.0, 3.0, shape).astype("float32")
    weights = np.random.default_rng(1).normal(size=shape).astype("float32")
    weights = ops.convert_to_tensor(weights)
    found = []
    for fused in (True, False):
        layer = km.layers.BatchNormalization(axis, 0.9, 1e-5, dtype=dtype)
        layer.build(shape)
        layer.gamma.assign(np.linspace(0.5, 1.5, shape[axis]))
        layer.beta.assign(np.linspace(-1.0, 1.0, shape[axis]))
        if not fused:
            monkeypatch.setattr(engine, "batch_norm", lambda *arguments: None)

        def total(x, layer=layer):
            return ops.sum(ops.cast(layer(x, training=True), "float32") * weights)

        y = layer(ops.convert_to_tensor(x), training=True)
        averages = [ops.convert_to_numpy(v.value) for v in layer.weights[2:]]
        slopes = engine.gradient(total, ops.convert_to_tensor(x))
        _, of_weights = engine.value_and_grad(
            lambda total=total: (total(ops.convert_to_tensor(x)), {}),
            layer.trainable_variables,
        )
        y = ops.convert_to_numpy(ops.cast(y, "float32"))
        arrays = [ops.convert_to_numpy(a) for a in (slopes, *of_weights)]
        found.append((y, *averages, *arrays))
    tolerance = {"atol": 1e-4} if dtype == "float32" else {"atol": 0.1, "rtol": 0.05}
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, **tolerance)
    axes = tuple(k for k in range(len(shape)) if k != axis % len(shape))
    np.testing.assert_allclose(
        found[0][2], 0.9 + 0.1 * x.var(axis=axes), **{**tolerance, "rtol": 1e-2}
    )


def test_second_derivative_of_batch_normalisation(monkeypatch):
    """A gradient penalty through the fused layer is that of the plain layer."""
    x = np.random.default_rng(0).normal(size=(6, 4, 4, 3)).astype("float32")
    found = []
    for fused in (True, False):
        critic = keras.Sequential(
            [
                keras.Input((4, 4, 3)),
                keras.layers.Conv2D(4, 3, kernel_initializer=initializer(1)),
                km.layers.BatchNormalization(),
                keras.layers.Activation("tanh"),
                keras.layers.Flatten(),
                keras.layers.Dense(1, kernel_initializer=initializer(2)),
            ]
        )
        if not fused:
            monkeypatch.setattr(engine, "batch_norm", lambda *arguments: None)

        def loss(critic=critic):
            penalty = km.penalties.zero_centred_penalty(
                lambda u: critic(u, training=True), ops.convert_to_tensor(x)
            )
            return penalty, {}

        (value, _), slopes = engine.value_and_grad(loss, critic.trainable_variables)
        found.append([ops.convert_to_numpy(a) for a in (value, *slopes)])
    assert all(np.abs(a).max() > 1e-3 for a in (found[0][0], found[0][1], found[0][3]))
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def initializer(seed):
    return keras.initializers.RandomNormal(0.0, 0.5, seed)
