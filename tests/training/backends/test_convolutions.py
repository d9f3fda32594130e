"""Several steps at once with convolutions, which XLA runs slowly in loops on a CPU."""

import time

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.training.checks import has_convolutions

BACKEND = keras.backend.backend()


def model(steps_per_execution, shape=(8, 8, 1)):
    gan = km.VanillaGAN(
        km.networks.dcgan_generator(shape, 4, seed=0),
        km.networks.dcgan_discriminator(shape, seed=1),
        km.latents.Uniform(4),
        seed=0,
    )
    gan.compile(steps_per_execution=steps_per_execution)
    return gan


def data(n, shape=(8, 8, 1)):
    x = np.random.default_rng(0).uniform(-1, 1, (n, *shape)).astype("float32")
    return km.datasets.ShuffledBatches(x, batch_size=8, seed=0)


def test_convolutions_are_found_wherever_they_are():
    assert has_convolutions(model(1))
    layers = keras.layers
    for layer in (
        layers.Conv1D(1, 1),
        layers.Conv2DTranspose(1, 1),
        layers.DepthwiseConv2D(1),
        layers.SeparableConv1D(1, 1),
    ):
        assert has_convolutions(keras.Sequential([layers.Dense(1), layer]))
    assert not has_convolutions(keras.Sequential([layers.Dense(1)]))


def test_several_steps_at_once_are_the_same_steps():
    one, four = model(1), model(4)
    histories = [gan.fit(data(56), epochs=2, verbose=0).history for gan in (one, four)]
    for name, values in histories[0].items():
        np.testing.assert_allclose(values, histories[1][name], rtol=1e-4, atol=1e-6)
    assert int(four.optimizer.iterations.numpy()) == 14
    for first, second in zip(one.get_weights(), four.get_weights()):
        np.testing.assert_allclose(first, second, rtol=1e-3, atol=1e-4)


@pytest.mark.skipif(BACKEND == "torch", reason="has no loop to compile")
@pytest.mark.slow
def test_several_steps_at_once_are_not_slower():
    shape, seconds = (28, 28, 1), {}
    for steps in (1, 4):
        gan = model(steps, shape)
        gan.fit(data(64, shape), verbose=0)
        began = time.process_time()
        gan.fit(data(64, shape), verbose=0)
        seconds[steps] = time.process_time() - began
    assert seconds[4] < 2 * seconds[1]


@pytest.mark.skipif(BACKEND != "tensorflow", reason="decides by itself elsewhere")
def test_tensorflow_compiles_loops_without_convolutions_alone():
    assert not model(4).jit_compile
    dense = km.VanillaGAN(
        km.networks.mlp_generator((2,)),
        km.networks.mlp_discriminator((2,)),
        km.latents.Uniform(2),
    )
    dense.compile(steps_per_execution=4)
    assert dense.jit_compile
