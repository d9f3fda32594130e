"""Integers: NumPy's are taken, `True` is refused, everywhere alike."""

import json

import keras
import numpy as np
import pytest

import keras_mdgan as km
from support import battery


def gan(**options):
    return km.VanillaGAN(**battery.networks(), **options)


def compiled(**options):
    model = gan(seed=0)
    model.compile(**options)
    return model


def dense():
    return keras.layers.Dense(2)


# For each argument: its name, and what is called with its value.
CALLS = {
    "Uniform dim": ("dim", km.latents.Uniform),
    "Normal dim": ("dim", km.latents.Normal),
    "Signs dim": ("dim", km.latents.Signs),
    "Categorical categories": ("dim", km.latents.Categorical),
    "GaussianMixture components": (
        "components",
        lambda n: km.latents.GaussianMixture(2, n, seed=0),
    ),
    "prior sample": ("n", lambda n: km.latents.Uniform(2).sample(n, seed=0)),
    "mlp hidden": ("hidden", lambda n: km.networks.mlp_generator((2,), hidden=(n,))),
    "mlp outputs": ("outputs", lambda n: km.networks.mlp_discriminator((2,), n)),
    "data_shape": ("data_shape", lambda n: km.networks.mlp_generator((n,))),
    "dcgan shape": ("data_shape", lambda n: km.networks.dcgan_generator((8, 8, n))),
    "seed": ("seed", lambda n: gan(seed=n)),
    "critic_steps": ("critic_steps", lambda n: gan(critic_steps=n)),
    "Player steps": ("steps", lambda n: km.Player("critic", [dense()], steps=n)),
    "steps_per_execution": (
        "steps_per_execution",
        lambda n: compiled(steps_per_execution=n),
    ),
    "sample n": ("n", lambda n: gan(seed=0).sample(n, seed=0)),
    "sample batch_size": ("batch_size", lambda n: gan(seed=0).sample(3, 0, n)),
    "sample seed": ("seed", lambda n: gan(seed=0).sample(3, seed=n)),
    "packing": (
        "packing",
        lambda n: km.PackedGAN(
            battery.generator(),
            battery.discriminator(data_shape=(2 * abs(int(n)),)),
            km.latents.Uniform(3),
            packing=n,
        ),
    ),
    "unroll_steps": (
        "unroll_steps",
        lambda n: km.UnrolledGAN(**battery.networks(), unroll_steps=n),
    ),
    "SimplexGaussianMixture dim": ("dim", km.SimplexGaussianMixture),
    "fit_log_peak steps": (
        "steps",
        lambda n: km.SimplexGaussianMixture(2).fit_log_peak(steps=n),
    ),
    "InstanceNoise seed": (
        "seed",
        lambda n: km.layers.InstanceNoise([(0, 1.0)], seed=n),
    ),
    "InstanceNoise features": (
        "features",
        lambda n: km.layers.InstanceNoise([(0, 1.0)], features=n),
    ),
    "PrincipalComponents": (
        "components",
        lambda n: km.layers.PrincipalComponents(5, n),
    ),
    "power_iterations": (
        "power_iterations",
        lambda n: km.layers.SpectralNormalization(dense(), n),
    ),
    "ring n_modes": ("n_modes", lambda n: km.datasets.ring(n)),
    "grid n_per_side": ("n_per_side", lambda n: km.datasets.grid(n)),
    "points n": ("n", lambda n: km.datasets.ring().sample(n)),
    "points seed": ("seed", lambda n: km.datasets.ring().sample(3, seed=n)),
    "batch_size": (
        "batch_size",
        lambda n: km.datasets.ShuffledBatches(np.zeros((9, 2)), batch_size=n),
    ),
    "batches seed": (
        "seed",
        lambda n: km.datasets.ShuffledBatches(np.zeros((9, 2)), batch_size=3, seed=n),
    ),
    "EvaluateSamples n": (
        "n",
        lambda n: km.callbacks.EvaluateSamples(km.datasets.ring(), n=n),
    ),
    "EvaluateSamples every": (
        "every",
        lambda n: km.callbacks.EvaluateSamples(km.datasets.ring(), every=n),
    ),
    "SampleGrid rows": ("rows", lambda n: km.callbacks.SampleGrid("grids", rows=n)),
    "SampleGrid every": ("every", lambda n: km.callbacks.SampleGrid("grids", every=n)),
    "NaNGuard every": ("every", lambda n: km.callbacks.NaNGuard(every=n)),
    "recipe steps": ("steps", lambda n: km.recipes.points("ring", steps=n)),
    "recipe seed": ("seed", lambda n: km.recipes.points("ring", steps=1, seed=n)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_numpy_integer_is_taken(name):
    _, call = CALLS[name]
    made = call(np.int64(2))
    if hasattr(made, "get_config"):
        json.dumps(made.get_config())  # NumPy's integers are none of JSON's


@pytest.mark.parametrize("value", [True, 2.0, "2", -1])
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_integer_is_refused_by_name(name, value):
    argument, call = CALLS[name]
    with pytest.raises(ValueError, match=f"`{argument}`.*{value!r}"):
        call(value)
