"""The model's seed covers layers that have none of their own."""

import random

import keras
import numpy as np
import pytest

import keras_mdgan as km
from support.process import state_of


def dense(units, seed):
    initializer = keras.initializers.GlorotUniform(seed)
    return keras.layers.Dense(units, kernel_initializer=initializer)


def with_random_layers(seed=0, optimizer=None):
    layers = keras.layers
    gan = km.VanillaGAN(
        keras.Sequential([dense(8, 1), layers.GaussianNoise(0.1), dense(2, 2)]),
        keras.Sequential(
            [
                keras.Input((2,)),
                dense(8, 3),
                layers.Dropout(0.5),
                layers.GaussianDropout(0.2),
                km.layers.InstanceNoise([(0, 1.0), (10, 0.1)]),
                dense(1, 4),
            ]
        ),
        km.latents.Uniform(2),
        seed=seed,
    )
    gan.compile(optimizer)
    return gan


def perturb(number):
    """What another program may have done to the global generators."""
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002
    if keras.backend.backend() == "torch":
        import torch

        torch.manual_seed(number)


def fit(gan, epochs=1):
    x = km.datasets.ring().sample(40, seed=0)
    gan.fit(x, batch_size=20, epochs=epochs, verbose=0)
    return gan


def same(a, b):
    return all(np.array_equal(value, b[key]) for key, value in a.items())


@pytest.mark.parametrize("optimizer", [None, "sghmc"])
def test_runs_of_one_seed_are_one_run(optimizer):
    states = []
    for number, seed in enumerate((0, 0, 1)):
        perturb(number)
        given = km.optimizers.SGHMC(1e-3) if optimizer else None
        gan = with_random_layers(seed, given)
        perturb(10 + number)
        states.append(state_of(fit(gan)))
    assert same(states[0], states[1])
    assert not same(states[0], states[2])


def test_a_loaded_run_draws_on(tmp_path):
    perturb(0)
    gan = fit(with_random_layers())
    gan.save(tmp_path / "gan.keras")
    gan.save_weights(tmp_path / "gan.weights.h5")
    whole = state_of(fit(gan))
    perturb(1)
    loaded = km.load_model(tmp_path / "gan.keras")
    perturb(2)
    assert same(state_of(fit(loaded)), whole)
    # ... also if the weights came before `compile`.
    late = km.load_model(tmp_path / "gan.keras", compile=False)
    seeds = [v.numpy() for v in late.variables if v.name == "seed_generator_state"]
    late.compile()
    again = [v.numpy() for v in late.variables if v.name == "seed_generator_state"]
    np.testing.assert_array_equal(again, seeds)


def test_another_compile_draws_on():
    gan = fit(with_random_layers())
    before = [v.numpy() for v in gan.variables if v.name == "seed_generator_state"]
    gan.compile()
    after = [v.numpy() for v in gan.variables if v.name == "seed_generator_state"]
    np.testing.assert_array_equal(after, before)
    assert max(int(state[1]) for state in after) > 0


def test_a_layers_own_seed_is_kept():
    layer = keras.layers.Dropout(0.5, seed=5)
    gan = km.VanillaGAN(
        keras.Sequential([dense(2, 1)]),
        keras.Sequential([keras.Input((2,)), dense(8, 3), layer, dense(1, 4)]),
        km.latents.Uniform(2),
        seed=0,
    )
    gan.compile()
    assert layer.seed_generator.state.numpy().tolist() == [5, 0]


def test_seeds_in_a_layers_list_follow_from_the_models():
    class Noisy(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.generators = [keras.random.SeedGenerator()]

        def call(self, x):
            noise = keras.random.normal(keras.ops.shape(x), seed=self.generators[0])
            return x + 0.1 * noise

    states = []
    for number in range(2):
        perturb(number)
        gan = km.VanillaGAN(
            keras.Sequential([keras.Input((2,)), dense(2, 1), Noisy()]),
            keras.Sequential([keras.Input((2,)), dense(1, 4)]),
            km.latents.Uniform(2),
            seed=0,
        )
        gan.compile()
        states.append(state_of(fit(gan)))
    assert same(*states)
