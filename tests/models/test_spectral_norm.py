"""Spectral normalisation: singular values, gradients, and what is wrapped."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from keras_mdgan.layers import SpectralNormalization, spectrally_normalized
from keras_mdgan.training.backends import engine
from keras_mdgan.training.draws import HostDraws
from support.hand import (
    array,
    batch,
    close,
    linear,
    loss_of,
    mlp,
    numeric_gradients,
    softplus,
)


def wrapped(layer, input_shape, seed=0, **kwargs):
    layer = SpectralNormalization(layer, **kwargs)
    layer.build((None, *input_shape))
    kernel = np.random.default_rng(seed).normal(size=layer.layer.kernel.shape)
    layer.layer.kernel.assign(kernel)
    return layer, kernel


LAYERS = {
    "dense": (lambda: keras.layers.Dense(4), (5,)),
    "convolution": (lambda: keras.layers.Conv2D(3, 2), (4, 4, 2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_top_singular_value_becomes_one(name):
    make, input_shape = LAYERS[name]
    layer, kernel = wrapped(make(), input_shape, power_iterations=100)
    matrix = kernel.reshape(-1, kernel.shape[-1])
    got = array(layer.normalized_kernel(training=True))
    close(got, kernel / np.linalg.svd(matrix, compute_uv=False)[0], rtol=1e-4)
    # Outputs are those of the layer with that kernel, which itself stays.
    x = np.random.default_rng(1).normal(size=(2, *input_shape)).astype("float32")
    outputs = array(layer(x, training=False))
    close(layer.layer.kernel.numpy(), kernel)
    layer.layer.kernel.assign(got)
    close(outputs, array(layer.layer(x)))


def test_one_iteration_a_call_gets_there():
    layer, _ = wrapped(keras.layers.Dense(4), (5,))
    norms = []
    for _ in range(60):
        normalized = array(layer.normalized_kernel(training=True))
        norms.append(np.linalg.norm(normalized.astype("float64"), 2))
    assert abs(norms[0] - 1) > 1e-3
    close(norms[-1], 1.0, rtol=1e-4)
    before = layer.left.numpy()
    layer(np.ones((1, 5), "float32"), training=False)
    np.testing.assert_array_equal(layer.left.numpy(), before)


@pytest.mark.parametrize("name", LAYERS)
def test_gradient_flows_through_sigma_with_constant_vectors(name):
    make, input_shape = LAYERS[name]
    layer, kernel = wrapped(make(), input_shape)
    layer.left.assign(np.random.default_rng(2).normal(size=layer.left.shape))
    factors = np.random.default_rng(3).normal(size=kernel.shape)
    matrix = kernel.reshape(-1, kernel.shape[-1]).copy()
    left = layer.left.numpy().astype("float64")
    left /= np.linalg.norm(left)
    right = matrix @ left / np.linalg.norm(matrix @ left)  # far from singular vectors

    def by_hand():
        return np.sum(factors.reshape(matrix.shape) * matrix) / (right @ matrix @ left)

    weights = ops.convert_to_tensor(factors, "float32")
    (loss, _), (gradient,) = engine.value_and_grad(
        lambda: (ops.sum(weights * layer.normalized_kernel()), {}), [layer.layer.kernel]
    )
    close(array(loss), by_hand(), rtol=1e-5)
    (wanted,) = numeric_gradients(by_hand, [matrix])
    close(array(gradient), wanted.reshape(kernel.shape))


def count(network):
    return sum(isinstance(x, SpectralNormalization) for x in network._flatten_layers())


def gan_with(discriminator, **kwargs):
    return km.SpectralNormGAN(
        linear(np.eye(2)), discriminator, km.latents.Normal(2), seed=0, **kwargs
    )


def test_layers_are_wrapped_once_also_in_a_copy():
    gan = gan_with(mlp(2, 4, 4, 1))
    assert count(gan.discriminator) == 3
    assert count(gan_with(gan.discriminator).discriminator) == 3
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(gan)
    )
    assert count(copy.discriminator) == 3
    copy.set_weights(gan.get_weights())
    close(array(copy.embed(batch())), array(gan.embed(batch())), rtol=1e-6)


def test_layers_inside_models_inside_are_wrapped():
    inner = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 3)])
    outer = [keras.Input((4, 4, 1)), inner, keras.layers.Conv2DTranspose(1, 3)]
    both = keras.Sequential([*outer, keras.layers.Flatten(), keras.layers.Dense(1)])
    copy = spectrally_normalized(both)
    assert count(copy) == 3
    assert count(both) == 0
    assert tuple(copy(np.ones((2, 4, 4, 1), "float32")).shape) == (2, 1)


def test_evaluation_moves_no_singular_vector():
    gan = gan_with(mlp(2, 4, 1))
    gan.compile()
    vectors = [v for v in gan.non_trainable_variables if "singular" in v.path]
    before = [v.numpy() for v in vectors]
    assert len(before) == 2
    gan.evaluate(batch(4), batch_size=4, verbose=0)
    array(gan.embed(batch()))
    for vector, value in zip(vectors, before):
        np.testing.assert_array_equal(vector.numpy(), value)
    loss_of(gan, "discriminator", batch())
    assert not np.array_equal(vectors[0].numpy(), before[0])


@pytest.mark.parametrize("loss", ["hinge", "non_saturating"])
def test_losses(loss):
    """A kernel of one number: divided by its norm, only the sign stays."""
    gan = km.SpectralNormGAN(
        linear([[1.0]]), mlp(1, 1), km.latents.Normal(1), loss=loss, seed=0
    )
    spectral = gan.discriminator.layers[0]
    spectral.layer.kernel.assign([[-7.0]])
    spectral.layer.bias.assign([0.25])
    x = batch(5, 1)
    fake = HostDraws(3).normal((5, 1)).astype("float64")
    on_real, on_fake = 0.25 - x, 0.25 - fake
    if loss == "hinge":
        wanted = np.mean(np.maximum(0, 1 - on_real)) + np.mean(
            np.maximum(0, 1 + on_fake)
        )
        of_generator = -np.mean(on_fake)
    else:
        wanted = np.mean(softplus(-on_real)) + np.mean(softplus(on_fake))
        of_generator = np.mean(softplus(-on_fake))
    close(loss_of(gan, "discriminator", x)[0], wanted, rtol=1e-5)
    close(loss_of(gan, "generator", x)[0], of_generator, rtol=1e-5)
