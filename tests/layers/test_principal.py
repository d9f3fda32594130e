"""Principal components: what the layer computes, its errors, saving; partial noise."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from keras_mdgan.layers import InstanceNoise, PrincipalComponents


@pytest.fixture(scope="module")
def x():
    generator = np.random.default_rng(0)
    wide = generator.normal(size=(2000, 2)) * [8.0, 5.0]
    turn, _ = np.linalg.qr(generator.normal(size=(6, 6)))
    data = np.hstack([wide, 0.1 * generator.normal(size=(2000, 4))]) @ turn.T
    return (data + np.arange(6)).astype("float32")


def adapted(x, **kwargs):
    layer = PrincipalComponents(6, components=2, **kwargs)
    layer.adapt(x)
    return layer


def test_components_and_residual_have_the_stated_sizes(x):
    y = ops.convert_to_numpy(adapted(x, rest=0.5)(x))
    assert y.shape == (2000, 8)
    np.testing.assert_allclose(y.mean(axis=0), 0.0, atol=1e-4)
    np.testing.assert_allclose(np.cov(y[:, :2].T, bias=True), np.eye(2), atol=1e-4)
    # The residual lies in 4 of the 6 dimensions.
    np.testing.assert_allclose(np.mean(np.sum(y[:, 2:] ** 2, axis=1)), 1.0, rtol=1e-3)


def test_inverse_undoes_it(x):
    y = adapted(x, rest=0.5)(x)
    back = adapted(x, rest=0.5, inverse=True)(y)
    np.testing.assert_allclose(ops.convert_to_numpy(back), x, atol=1e-4)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 1), (0.95, 2), (0.9999, 6)])
def test_count(x, share, expected):
    assert PrincipalComponents.count(x, share) == expected


@pytest.mark.parametrize("inverse", [False, True])
def test_output_shape(inverse):
    layer = PrincipalComponents(6, 2, inverse=inverse)
    inputs = keras.Input((8 if inverse else 6,))
    assert layer(inputs).shape == (None, 6 if inverse else 8)


def test_a_saved_model_keeps_what_was_measured(x, tmp_path):
    layers = [keras.Input((6,)), adapted(x, rest=0.5)]
    model = keras.Sequential(layers)
    assert not model.trainable_weights
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].get_config() == model.layers[0].get_config()
    expected = ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(ops.convert_to_numpy(loaded(x)), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PrincipalComponents(6, 6), "less than `dim`. Received: dim=6, comp"),
        (lambda: PrincipalComponents(6, 2, rest=0.0), "above 0. Received: rest=0.0"),
        (
            lambda: PrincipalComponents(6, 2).adapt(np.zeros((5, 4))),
            r"shape \(n, 6\). Received: x.shape=\(5, 4\)",
        ),
        (
            lambda: PrincipalComponents(6, 2).adapt(np.outer(np.arange(9), np.ones(6))),
            "more directions than `components`. Received: components=2",
        ),
        (lambda: PrincipalComponents.count(np.eye(3), 1.0), "Received: share=1.0"),
        (
            lambda: InstanceNoise([(0, 1.0)], features=0),
            "`features` must be None or at least 1. Received: features=0",
        ),
    ],
    ids=["components", "rest", "shape", "rank", "share", "features"],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_noise_on_the_first_features_alone():
    noise = InstanceNoise([(0, 2.0), (10, 0.1)], seed=0, features=2)
    y = ops.convert_to_numpy(noise(np.zeros((4000, 5), "float32"), training=True))
    np.testing.assert_allclose(y[:, :2].std(axis=0), 2.0, rtol=0.1)
    assert not y[:, 2:].any()
    assert km.layers.InstanceNoise.from_config(noise.get_config()).features == 2
