"""Gradient penalties: closed forms, and derivatives against finite differences."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from keras_mdgan import penalties
from keras_mdgan.training.backends import engine
from keras_mdgan.training.draws import HostDraws


def test_penalty_of_a_linear_critic():
    """The gradient of `x w` is `w` everywhere: the penalty is `(norm(w) - 1)^2`."""
    w = np.array([[3.0], [4.0]], "float32")
    x = np.random.default_rng(0).normal(size=(2, 6, 2)).astype("float32")
    real, fake = map(ops.convert_to_tensor, x)
    penalty = penalties.interpolated_penalty(
        lambda u: ops.matmul(u, w), real, fake, HostDraws(0)
    )
    np.testing.assert_allclose(ops.convert_to_numpy(penalty), 16.0, rtol=1e-5)


def test_penalty_is_taken_on_segments():
    """The gradient of `norm(x)^2 / 2` is `x`: norms tell where it was taken."""
    real = np.array([[1.0, 0.0], [0.0, 2.0]], "float32")
    fake = np.array([[3.0, 0.0], [0.0, 2.0]], "float32")
    weights = HostDraws(4).uniform((2, 1))
    points = weights * real + (1 - weights) * fake
    wanted = np.mean((np.linalg.norm(points, axis=1) - 1) ** 2)
    got = penalties.interpolated_penalty(
        lambda u: 0.5 * ops.sum(ops.square(u), axis=1, keepdims=True),
        ops.convert_to_tensor(real),
        ops.convert_to_tensor(fake),
        HostDraws(4),
    )
    np.testing.assert_allclose(ops.convert_to_numpy(got), wanted, rtol=1e-5)
    assert 0.0 < weights.min() < weights.max() < 1.0


def test_norm_of_a_zero_gradient_has_a_finite_derivative():
    kernel = keras.Variable(np.zeros((2, 1), "float32"))
    x = ops.ones((3, 2))

    def loss():
        norm = penalties.gradient_norm(lambda u: ops.matmul(u, kernel), x)
        return ops.mean(ops.square(norm - 1.0)), {}

    _, (gradient,) = engine.value_and_grad(loss, [kernel])
    assert np.isfinite(ops.convert_to_numpy(gradient)).all()


def critic_with(norm, image=False):
    """A float64 critic with a normalisation layer."""
    first = [keras.Input((6,)), keras.layers.Dense(8)]
    if image:
        first = [keras.Input((4, 4, 2)), keras.layers.Conv2D(4, 3, padding="same")]
    last = [keras.layers.Flatten()] * image + [keras.layers.Dense(1)]
    critic = keras.Sequential([*first, norm(), keras.layers.Activation("tanh"), *last])
    generator = np.random.default_rng(0)
    critic.set_weights(
        [
            w if "moving" in v.name else generator.normal(0, 0.5, w.shape) + 0.1
            for v, w in zip(critic.weights, critic.get_weights())
        ]
    )
    return critic


NORMS = {
    "batch": km.layers.BatchNormalization,
    "layer": km.layers.LayerNormalization,
    "group": lambda: km.layers.GroupNormalization(groups=2),
}


@pytest.fixture
def precise():
    """float64 where Keras' operations have it: on TensorFlow, whose stock layers fail.

    Gives the finite differences' step and the tolerance to compare with.
    """
    if keras.backend.backend() != "tensorflow":
        yield 3e-3, 1e-2
        return
    for setting in (keras.config.set_floatx, keras.config.set_dtype_policy):
        setting("float64")
    yield 1e-5, 1e-6
    for setting in (keras.config.set_floatx, keras.config.set_dtype_policy):
        setting("float32")


def derivatives(critic, step):
    """Of a gradient penalty along its gradient: analytic, and central differences."""
    x = np.random.default_rng(1).normal(size=(5, *critic.input_shape[1:]))
    x = ops.convert_to_tensor(x, keras.config.floatx())
    variables = critic.trainable_variables

    def loss():
        norms = penalties.gradient_norm(lambda u: critic(u, training=True), x)
        return ops.mean(ops.square(norms - 1.0)), {}

    _, gradients = engine.value_and_grad(loss, variables)
    gradients = [ops.convert_to_numpy(g) for g in gradients]
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    start = [v.numpy() for v in variables]

    def moved(distance):
        for v, s, g in zip(variables, start, gradients):
            v.assign(s + distance * g / length)
        return float(engine.value_and_grad(loss, variables)[0][0])

    return length, (moved(step) - moved(-step)) / (2 * step)


@pytest.mark.parametrize("image", [False, True])
@pytest.mark.parametrize("norm", NORMS)
def test_second_derivatives_through_normalisation(norm, image, precise):
    step, tolerance = precise
    analytic, numeric = derivatives(critic_with(NORMS[norm], image), step)
    np.testing.assert_allclose(analytic, numeric, rtol=tolerance)


def test_keras_own_layers_are_still_wrong_on_tensorflow(precise):
    """Why our layers exist; when this fails, Keras has mended them."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow's are wrong")
    critic = critic_with(keras.layers.LayerNormalization)
    analytic, numeric = derivatives(critic, precise[0])
    assert abs(analytic - numeric) > 1e-3 * abs(numeric)


@pytest.mark.parametrize("norm", NORMS)
def test_normalisation_equals_keras_own(norm):
    stock = {
        "batch": keras.layers.BatchNormalization,
        "layer": keras.layers.LayerNormalization,
        "group": lambda: keras.layers.GroupNormalization(groups=2),
    }
    x = np.random.default_rng(0).normal(1, 2, (6, 3, 4)).astype("float32")
    ours, theirs = NORMS[norm](), stock[norm]()
    for layer in (ours, theirs):
        layer.build(x.shape)
    weights = [
        np.random.default_rng(1).uniform(0.5, 1.5, w.shape) for w in ours.weights
    ]
    for layer in (ours, theirs):
        layer.set_weights(weights)
    for training in (True, False):
        kwargs = {"training": training} if norm == "batch" else {}
        a, b = (ops.convert_to_numpy(layer(x, **kwargs)) for layer in (ours, theirs))
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-5)


@pytest.mark.parametrize("name", ["Batch", "Layer", "Group"])
def test_tensorflow_refuses_keras_own_normalisation_in_a_critic(name):
    def build(layers):
        layer = getattr(layers, f"{name}Normalization")
        arguments = {"groups": 2} if name == "Group" else {}
        critic = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(4), layer(**arguments)]
            + [keras.layers.Dense(1)]
        )
        generator = km.networks.mlp_generator((2,), hidden=(4,))
        return km.WassersteinGANGP(generator, critic, km.latents.Uniform(2))

    build(km.layers)
    if keras.backend.backend() == "tensorflow":
        with pytest.raises(ValueError, match=f"keras_mdgan.layers.{name}Normalization"):
            build(keras.layers)
    else:
        build(keras.layers)


def test_gradient_can_be_differentiated_again():
    """d/dw of the gradient of `w x^3` at 2 is `3 x^2 = 12`."""
    w = keras.Variable(5.0)
    x = ops.convert_to_tensor(np.array([2.0], "float32"))

    def loss():
        return ops.sum(engine.gradient(lambda u: w * u**3, x)), {}

    (value, _), (gradient,) = engine.value_and_grad(loss, [w])
    assert float(value) == pytest.approx(60.0)
    assert float(gradient) == pytest.approx(12.0)
