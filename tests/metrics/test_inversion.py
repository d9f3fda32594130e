import json

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from keras_mdgan.metrics import inference_via_optimization
from keras_mdgan.metrics.lbfgs import minimize_each
from support import battery


@keras.saving.register_keras_serializable("test_inversion")
class Linear(keras.Model):
    """`z W + b` with singular values from 1 down to `1 / condition`."""

    def __init__(self, latent_dim=6, dim=24, condition=30.0):
        super().__init__()
        generator = np.random.default_rng(0)
        u = np.linalg.qr(generator.normal(size=(dim, latent_dim)))[0]
        v = np.linalg.qr(generator.normal(size=(latent_dim, latent_dim)))[0]
        self.matrix = ((u * np.geomspace(1, 1 / condition, latent_dim)) @ v).T
        self.bias = generator.normal(size=dim)
        self.latents, self.data_shape = km.latents.Normal(latent_dim), (2, 4, 3)
        self.built = True

    def call(self, latents, training=False):
        assert not training
        matrix, bias = (
            ops.convert_to_tensor(a, "float32") for a in (self.matrix, self.bias)
        )
        return ops.reshape(latents @ matrix + bias, (-1, *self.data_shape))

    def least_squares(self, images):
        """Errors and latents in closed form."""
        wanted = images.reshape(len(images), -1) - self.bias
        latents = wanted @ np.linalg.pinv(self.matrix)
        return np.mean((wanted - latents @ self.matrix) ** 2, axis=1), latents


def test_linear_generator_gives_least_squares():
    gan = Linear()
    images = np.random.default_rng(1).normal(size=(7, 2, 4, 3))
    wanted, latents = gan.least_squares(images)
    found = inference_via_optimization(gan, images, steps=40, starts=2, batch_size=5)
    assert found.errors == pytest.approx(wanted, rel=1e-5)
    assert found.value == pytest.approx(wanted.mean(), rel=1e-5)
    assert np.max(np.abs(found.latents - latents)) < 0.02 * np.max(np.abs(latents))
    made = ops.convert_to_numpy(gan(found.latents))
    errors = np.mean((made - images) ** 2, axis=(1, 2, 3))
    assert found.errors == pytest.approx(errors, rel=1e-5)
    assert json.loads(json.dumps(found.as_dict()))["n_real"] == 7


def test_more_starts_and_steps_are_no_worse_and_seeds_repeat():
    network = km.networks.mlp_generator((3,), hidden=(32, 32), seed=0)
    gan = km.VanillaGAN(
        network, km.networks.mlp_discriminator((3,), seed=1), km.latents.Normal(2)
    )
    images = np.random.default_rng(0).uniform(-1, 1, size=(20, 3)) * 1e-4
    runs = {
        (steps, starts): inference_via_optimization(
            gan, images, steps=steps, starts=starts
        )
        for steps, starts in [(1, 1), (15, 1), (15, 1), (1, 4)]
    }
    assert np.all(runs[15, 1].errors <= runs[1, 1].errors)
    assert runs[15, 1].value < 0.5 * runs[1, 1].value
    assert runs[1, 4].value <= runs[1, 1].value
    again = inference_via_optimization(gan, images, steps=15, starts=1)
    assert np.array_equal(again.latents, runs[15, 1].latents)
    other = inference_via_optimization(gan, images, steps=15, starts=1, seed=1)
    assert not np.array_equal(other.latents, runs[15, 1].latents)


def test_convolutions_batch_normalization_and_an_averaged_generator():
    """The average is searched, in inference mode, and nothing is changed by it."""
    layers = keras.layers
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(32, kernel_initializer=keras.initializers.GlorotUniform(0)),
            layers.BatchNormalization(),
            layers.Reshape((4, 4, 2)),
            layers.Conv2DTranspose(
                1,
                4,
                2,
                "same",
                activation="tanh",
                kernel_initializer=keras.initializers.GlorotUniform(1),
            ),
        ]
    )
    discriminator = keras.Sequential([layers.Flatten(), layers.Dense(1)])
    gan = km.VanillaGAN(
        generator, discriminator, km.latents.Uniform(4), ema_momentum=0.5
    )
    gan.generator.set_weights([0 * w for w in gan.generator.get_weights()])
    before = [np.array(w) for w in gan.get_weights()]
    images = gan.sample(6, seed=3)
    found = inference_via_optimization(gan, images, steps=60, starts=3)
    assert found.latents.shape == (6, 4)
    assert np.var(images) > 100 * found.value
    for old, new in zip(before, gan.get_weights()):
        assert np.array_equal(old, new)


def test_lbfgs_finds_the_valley_of_rosenbrock():
    start = np.random.default_rng(0).uniform(-2, 2, (10, 2)).astype("float32")

    def rosenbrock(z):
        x, y = z[:, 0], z[:, 1]
        return ops.square(1 - x) + 100 * ops.square(y - ops.square(x))

    points, values = map(
        ops.convert_to_numpy, minimize_each(rosenbrock, ops.array(start), 100)
    )
    assert np.max(values) < 1e-8
    assert np.max(np.abs(points - 1)) < 1e-3


def test_no_value_rises_and_no_number_is_lost():
    """Kinks, a flat place, and a wall of NaN next to the minimum."""

    def hard(z):
        valley = ops.sum(ops.abs(z), axis=1)
        return ops.where(z[:, 0] < -0.1, ops.log(z[:, 0] * 0.0 - 1.0), valley)

    start = ops.array([[3.0, -2.0], [0.05, 4.0], [0.0, 0.0]], "float32")
    before = ops.convert_to_numpy(hard(start))
    points, values = map(ops.convert_to_numpy, minimize_each(hard, start, 30))
    assert np.all(np.isfinite(points))
    assert np.all(values <= before)
    assert values[2] == 0
    assert values[0] < 2.0


@pytest.mark.parametrize(
    ("images", "arguments", "message"),
    [
        (np.ones((2, 5)), {}, r"shape \(n, 2, 4, 3\) with n >= 1.*\(2, 5\)"),
        (np.ones((0, 2, 4, 3)), {}, r"\(0, 2, 4, 3\)"),
        (np.full((1, 2, 4, 3), np.nan), {}, r"`images` must be finite"),
        (np.ones((1, 2, 4, 3)), {"steps": 0}, r"steps=0"),
        (np.ones((1, 2, 4, 3)), {"starts": 1.5}, r"starts=1.5"),
        (np.ones((1, 2, 4, 3)), {"batch_size": 0}, r"batch_size=0"),
        (np.ones((1, 2, 4, 3)), {"seed": -1}, r"seed=-1"),
    ],
)
def test_wrong_arguments(images, arguments, message):
    with pytest.raises(ValueError, match=message):
        inference_via_optimization(Linear(), images, **arguments)


def test_a_conditional_model_is_refused():
    gan = km.ProjectionGAN(**battery.projecting())
    with pytest.raises(ValueError, match=r"latents alone.*a ProjectionGAN"):
        km.metrics.inference_via_optimization(gan, np.zeros((2, 2), "float32"))
