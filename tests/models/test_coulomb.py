"""Coulomb GAN: potentials, the regression on them, and where samples go."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from support.hand import array, batch, check, close, linear, loss_of, mlp, run


def coulomb(**kwargs):
    return km.CoulombGAN(
        mlp(2, 2, seed=1), mlp(2, 3, 1, seed=2), km.latents.Normal(2), seed=0, **kwargs
    )


def potential(at, real, fake, dimension, epsilon):
    """Sums over pairs, one after the other."""

    def mean(a, charges):
        square = [np.sum((a - b) ** 2) + epsilon**2 for b in charges]
        return np.mean([np.sqrt(r) ** (2.0 - dimension) for r in square])

    return np.array([mean(a, real) - mean(a, fake) for a in at])


@pytest.mark.parametrize("shape", [(2,), (17,), (3, 3, 2)])
def test_potential(shape):
    """More than 16 dimensions go through a matrix product, for its memory."""
    gan = coulomb(dimension=3.5, epsilon=0.7)
    rng = np.random.default_rng(0)
    at, real, fake = (rng.normal(size=(n, *shape)) for n in (3, 5, 4))
    real[0] = at[0]  # a charge where the potential is taken
    got = gan.potential(*(x.astype("float32") for x in (at, real, fake)))
    close(array(got), potential(at, real, fake, 3.5, 0.7), rtol=1e-5)


def test_kernel_of_three_dimensions_is_coulombs():
    """Far away `1 / r`, at the charge `1 / epsilon`."""
    gan = coulomb(epsilon=0.5)
    at, charge = (
        np.array([[0, 0], [300, 400.0]], "float32"),
        np.zeros((1, 2), "float32"),
    )
    nothing = np.full((1, 2), 1e9, "float32")
    close(array(gan.potential(at, charge, nothing)), [2.0, 1 / 500], rtol=1e-4)


def test_objectives():
    gan, x = coulomb(epsilon=0.4), batch()

    def discriminator(nets, draws):
        fake = run(nets["generator"], draws.normal((6, 2)).astype("float64"))
        off = [
            run(nets["discriminator"], at)[:, 0] - potential(at, x, fake, 3.0, 0.4)
            for at in (x.astype("float64"), fake)
        ]
        return 0.5 * np.mean(off[0] ** 2) + 0.5 * np.mean(off[1] ** 2)

    check(gan, "discriminator", x, discriminator)

    def generator(nets, draws):
        fake = run(nets["generator"], draws.normal((6, 2)))
        return -0.5 * np.mean(run(nets["discriminator"], fake))

    check(gan, "generator", x, generator)


def test_generated_samples_move_towards_the_data():
    """With the field of data at (3, 0) learned by a linear discriminator."""
    gan = km.CoulombGAN(
        linear(np.eye(2)), linear(np.zeros((2, 1))), km.latents.Normal(2, 0.1), seed=0
    )
    x = 0.1 * batch() + np.array([3.0, 0.0], "float32")
    for _ in range(30):
        variables = gan.discriminator.trainable_variables
        _, logs, gradients = loss_of(gan, "discriminator", x, variables=variables)
        for v, g in zip(variables, gradients):
            v.assign(v.numpy() - 0.15 * g)
    assert logs["real_potential"] > 0.5 > -0.5 > logs["fake_potential"]
    bias = gan.generator.layers[0].bias
    *_, (gradient,) = loss_of(gan, "generator", x, variables=[bias])
    assert gradient[0] < -0.05
    assert abs(gradient[1]) < 0.3 * abs(gradient[0])


def test_paper_settings():
    gan = coulomb()
    assert (gan.dimension, gan.epsilon) == (3.0, 1.0)
    assert isinstance(gan.default_optimizers()["generator"], keras.optimizers.Adam)
