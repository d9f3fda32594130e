"""EBGAN: energies, the margin, and the pulling-away term."""

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.models.energy_based import pulling_away_term
from keras_mdgan.networks import Autoencoder
from support.hand import array, batch, check, close, linear, loss_of, mlp, run


def ebgan(encoder=None, decoder=None, **kwargs):
    discriminator = Autoencoder(
        encoder or mlp(2, 3, seed=2), decoder or mlp(3, 2, seed=3)
    )
    return km.EnergyBasedGAN(
        mlp(2, 2, seed=1), discriminator, km.latents.Normal(2), seed=0, **kwargs
    )


def pulling(codes):
    n, total = len(codes), 0.0
    for i in range(n):
        for j in range(n):
            if i != j:
                cosine = codes[i] @ codes[j]
                cosine /= np.linalg.norm(codes[i]) * np.linalg.norm(codes[j])
                total += cosine**2
    return total / (n * (n - 1))


def test_pulling_away_term():
    codes = batch(6, 3)
    close(array(pulling_away_term(codes)), pulling(codes.astype("float64")), rtol=1e-5)
    alike = np.tile(codes[:1], (6, 1))
    close(array(pulling_away_term(alike)), 1.0, rtol=1e-5)


def parts(nets, draws):
    fake = run(nets["generator"], draws.normal((6, 2)).astype("float64"))
    weights = nets["discriminator"]

    def energy(v):
        again = run(weights[2:], run(weights[:2], v))
        return np.mean((v - again) ** 2, axis=1)

    return energy, fake, run(weights[:2], fake)


@pytest.mark.parametrize("margin", [20.0, 1e4])
def test_objectives(margin):
    gan, x = ebgan(margin=margin, pulling_away_weight=0.3), 0.5 * batch()
    inside = []

    def discriminator(nets, draws):
        energy, fake, _ = parts(nets, draws)
        inside[:] = energy(fake) < margin
        beyond = np.maximum(0, margin - energy(fake))
        return np.mean(energy(x.astype("float64"))) + np.mean(beyond)

    check(gan, "discriminator", x, discriminator)
    assert any(inside)
    assert all(inside) == (margin == 1e4)

    def generator(nets, draws):
        energy, fake, codes = parts(nets, draws)
        return np.mean(energy(fake)) + 0.3 * pulling(codes)

    _, logs = check(gan, "generator", x, generator)
    assert 0 < logs["pulling_away"] < 1


def test_energy_is_the_mean_squared_error():
    gan, x = ebgan(linear(np.eye(2)), linear(0.5 * np.eye(2))), batch()
    close(array(gan.energy(x)), np.mean((x / 2) ** 2, axis=1), rtol=1e-5)


def test_energies_beyond_the_margin_move_nothing():
    gan = ebgan(linear(np.eye(2)), linear(np.zeros((2, 2)), 50.0))
    variables = gan.discriminator.decoder.trainable_variables
    *_, gradients = loss_of(gan, "discriminator", batch(), variables=variables)
    real = 50.0 - batch()
    close(gradients[1], 2 * np.mean(real, axis=0) / 2)  # of the real samples alone
    assert (gan.margin, gan.pulling_away_weight) == (10.0, 0.1)
