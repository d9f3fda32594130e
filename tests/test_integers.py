"""Integers of NumPy are integers, in configs too; `True` is none.

A row gives one argument to something public. `make` returns what it made, whose
`get_config`, if it has one, must be writable as JSON and make the same again.
"""

import json

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.mixtures import SimplexGaussianMixture, simplex_vertices
from support.battery import discriminator, generator, networks

X = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")
IMAGES = np.zeros((4, 8, 8, 1), "uint8")
SHARES = np.full((6, 2), 0.5)
RING = km.datasets.ring()
CLASSES = RING.sample_with_labels(20, seed=0)
KNOTS = [(0, 1.0), (20, 0.1)]


def gan(cls=km.VanillaGAN, outputs=1, **arguments):
    made = cls(**networks(outputs), **arguments)
    made.compile()
    return made


def compiled(**arguments):
    made = km.VanillaGAN(**networks())
    made.compile(**arguments)
    json.dumps(made.get_compile_config())
    return made


def dense():
    import keras

    return keras.layers.Dense(2)


def of_networks(name, **first):
    return lambda **kw: getattr(km.networks, name)(**first, **kw)


IMAGE = {"data_shape": (8, 8, 1)}
# What is called, with which argument, and an integer for it.
ROWS = [
    (km.latents.Uniform, "dim", 3),
    (km.latents.Categorical, "dim", 3),
    (lambda **kw: km.latents.GaussianMixture(2, **kw), "components", 3),
    (lambda **kw: km.latents.GaussianMixture(2, **kw), "seed", 3),
    (of_networks("mlp_generator"), "seed", 3),
    (of_networks("mlp_discriminator"), "outputs", 3),
    (of_networks("mlp_discriminator"), "seed", 3),
    (of_networks("mlp_encoder"), "latent_dim", 3),
    (of_networks("mlp_pair_discriminator"), "latent_dim", 3),
    (of_networks("mlp_pair_discriminator"), "outputs", 3),
    (of_networks("mlp_autoencoder"), "code_dim", 3),
    (of_networks("mlp_autoencoder"), "seed", 3),
    (of_networks("dcgan_generator", **IMAGE), "latent_dim", 3),
    (of_networks("dcgan_generator", **IMAGE), "seed", 3),
    (of_networks("dcgan_discriminator", **IMAGE), "outputs", 3),
    (of_networks("dcgan_encoder", **IMAGE), "latent_dim", 3),
    (of_networks("dcgan_pair_discriminator", **IMAGE), "latent_dim", 3),
    (of_networks("dcgan_autoencoder", **IMAGE), "code_dim", 3),
    (of_networks("stacked_mnist_generator"), "latent_dim", 3),
    (of_networks("stacked_mnist_discriminator"), "outputs", 3),
    (of_networks("stacked_mnist_discriminator"), "packing", 2),
    (lambda **kw: km.networks.mlp_generator(hidden=(kw["hidden"],)), "hidden", 3),
    (
        lambda **kw: km.networks.mlp_generator(data_shape=(kw["data_shape"],)),
        "data_shape",
        3,
    ),
    (lambda **kw: km.layers.InstanceNoise(KNOTS, **kw), "features", 1),
    (lambda **kw: km.layers.InstanceNoise(KNOTS, **kw), "seed", 1),
    (lambda **kw: km.layers.PrincipalComponents(components=1, **kw), "dim", 3),
    (lambda **kw: km.layers.PrincipalComponents(3, **kw), "components", 2),
    (
        lambda **kw: km.layers.SpectralNormalization(dense(), **kw),
        "power_iterations",
        2,
    ),
    (km.optimizers.SGHMC, "seed", 3),
    (SimplexGaussianMixture, "dim", 3),
    (simplex_vertices, "dim", 3),
    (SimplexGaussianMixture(2).fit_log_peak, "steps", 2),
    (lambda **kw: SimplexGaussianMixture(2).fit_log_peak(2, **kw), "seed", 2),
    (lambda **kw: km.Player("a", [generator()], **kw), "steps", 2),
    (gan, "critic_steps", 2),
    (gan, "seed", 2),
    (compiled, "steps_per_execution", 2),
    (lambda **kw: gan(km.MixtureDensityGAN, 3, **kw), "components", 4),
    (lambda **kw: gan(km.UnrolledGAN, **kw), "unroll_steps", 2),
    (lambda **kw: km.PackedGAN(**networks(data_shape=(4,)), **kw), "packing", 2),
    (lambda **kw: km.MultiModalGAN(**clustering(), **kw), "clusters", 4),
    (lambda **kw: km.BayesianGAN(**several(), **kw), "data_size", 80),
    (lambda **kw: gan().sample(**kw), "n", 3),
    # A trained model: all samples of another one may be at one corner.
    (
        lambda **kw: km.MixtureDensityGAN.from_preset("ring").sample(3, **kw),
        "corner",
        9,
    ),
    (lambda **kw: gan().sample(3, **kw), "seed", 3),
    (lambda **kw: gan().sample(3, **kw), "batch_size", 2),
    (lambda **kw: RING.sample(**kw), "n", 3),
    (lambda **kw: RING.sample(3, **kw), "seed", 3),
    (km.datasets.ring, "n_modes", 3),
    (km.datasets.grid, "n_per_side", 3),
    (lambda **kw: RING.as_dataset(9, **kw), "batch_size", 3),
    (lambda **kw: km.datasets.ShuffledBatches(X, **kw), "batch_size", 3),
    (lambda **kw: km.datasets.ShuffledBatches(X, batch_size=2, **kw), "seed", 3),
    (lambda **kw: km.callbacks.EvaluateSamples(RING, **kw), "n", 3),
    (lambda **kw: km.callbacks.EvaluateSamples(RING, **kw), "every", 3),
    (lambda **kw: km.callbacks.EvaluateSamples(RING, **kw), "seed", 3),
    (lambda **kw: km.callbacks.SampleGrid("runs", **kw), "rows", 3),
    (lambda **kw: km.callbacks.SampleGrid("runs", **kw), "every", 3),
    (lambda **kw: km.callbacks.ScatterPlot(RING, "runs", **kw), "n", 3),
    (km.callbacks.NaNGuard, "every", 3),
    (lambda **kw: km.metrics.mode_coverage(X, RING, **kw), "min_samples", 3),
    (lambda **kw: km.metrics.precision_recall(X, X, **kw), "k", 3),
    (lambda **kw: km.metrics.density_coverage(X, X, **kw), "k", 3),
    (lambda **kw: km.metrics.label_kl([0, 1, 1], **kw), "n_classes", 3),
    (lambda **kw: km.metrics.inception_score(SHARES, **kw), "splits", 2),
    (
        lambda **kw: km.metrics.kernel_distance(X, X, subset_size=5, **kw),
        "subsets",
        2,
    ),
    (lambda **kw: km.metrics.kernel_distance(X, X, **kw), "subset_size", 5),
    (lambda **kw: km.metrics.generated(gan(), **kw), "n", 3),
    (lambda **kw: km.plotting.image_grid(IMAGES, **kw), "rows", 2),
    (lambda **kw: km.latents.Uniform(2).sample(seed=0, **kw), "n", 3),
    (lambda **kw: km.callbacks.EvaluateSamples(RING, **kw), "n", 3),
    (lambda **kw: km.callbacks.EvaluateClusters(*CLASSES, **kw), "every", 2),
    (lambda **kw: km.callbacks.EvaluateClusters(*CLASSES, **kw), "batch_size", 7),
    (lambda **kw: km.recipes.points("ring", **kw), "steps", 20),
    (lambda **kw: km.recipes.points("ring", steps=20, **kw), "seed", 3),
]


def several():
    return {
        **networks(),
        "generator": [generator(seed=s) for s in (1, 2)],
        "discriminator": [discriminator(seed=s) for s in (3, 4)],
    }


def clustering():
    return {
        **networks(),
        "encoder": km.networks.mlp_encoder((2,), latent_dim=4, hidden=(4,)),
    }


@pytest.mark.parametrize(("make", "argument", "value"), ROWS)
def test_an_integer_of_numpy_is_one(make, argument, value):
    made = make(**{argument: np.int64(value)})
    if hasattr(made, "as_dict"):
        json.dumps(made.as_dict())
    if hasattr(made, "get_config"):
        config = json.dumps(made.get_config(), sort_keys=True)
        again = type(made).from_config(json.loads(config))
        assert json.dumps(again.get_config(), sort_keys=True) == config


@pytest.mark.parametrize("wrong", [True, 2.5, "2"])
@pytest.mark.parametrize(("make", "argument", "value"), ROWS)
def test_what_is_no_integer_is_refused(make, argument, value, wrong):
    with pytest.raises(ValueError, match=f"`{argument}`.*Received: .*{wrong}"):
        make(**{argument: wrong})
