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


def parts(nets, draws, form="norm"):
    fake = run(nets["generator"], draws.normal((6, 2)).astype("float64"))
    weights = nets["discriminator"]

    def energy(v):
        error = v - run(weights[2:], run(weights[:2], v))
        if form == "norm":
            return np.linalg.norm(error, axis=1)
        return np.mean(error**2, axis=1)

    return energy, fake, run(weights[:2], fake)


@pytest.mark.parametrize(
    ("form", "margin"),
    [("norm", 5.0), ("mean_squared_error", 20.0), ("mean_squared_error", 1e4)],
)
def test_objectives(form, margin):
    options = {"energy": form, "margin": margin, "pulling_away_weight": 0.3}
    gan, x = ebgan(**options), 0.5 * batch()
    inside = []

    def discriminator(nets, draws):
        energy, fake, _ = parts(nets, draws, form)
        inside[:] = energy(fake) < margin
        beyond = np.maximum(0, margin - energy(fake))
        return np.mean(energy(x.astype("float64"))) + np.mean(beyond)

    check(gan, "discriminator", x, discriminator)
    assert any(inside)
    assert all(inside) == (margin == 1e4)

    def generator(nets, draws):
        energy, fake, codes = parts(nets, draws, form)
        return np.mean(energy(fake)) + 0.3 * pulling(codes)

    _, logs = check(gan, "generator", x, generator)
    assert 0 < logs["pulling_away"] < 1


def test_energies():
    x = batch()
    for form, wanted in (
        ("norm", np.linalg.norm(x / 2, axis=1)),
        ("mean_squared_error", np.mean((x / 2) ** 2, axis=1)),
    ):
        halves = linear(np.eye(2)), linear(0.5 * np.eye(2))
        close(array(ebgan(*halves, energy=form).energy(x)), wanted, rtol=1e-5)


def test_a_perfect_reconstruction_has_a_finite_slope():
    gan = ebgan(linear(np.eye(2)), linear(np.eye(2)))
    assert np.abs(array(gan.energy(batch()))).max() < 1e-5
    *_, gradients = loss_of(gan, "discriminator", batch())
    assert all(np.isfinite(g).all() for g in gradients)


def test_energies_beyond_the_margin_move_nothing():
    gan = ebgan(
        linear(np.eye(2)),
        linear(np.zeros((2, 2)), 50.0),
        energy="mean_squared_error",
    )
    variables = gan.discriminator.decoder.trainable_variables
    *_, gradients = loss_of(gan, "discriminator", batch(), variables=variables)
    real = 50.0 - batch()
    close(gradients[1], 2 * np.mean(real, axis=0) / 2)  # of the real samples alone
    assert (gan.margin, gan.pulling_away_weight) == (10.0, 0.1)


def test_the_papers_margin_acts_on_images():
    """Energies of images lie on both sides of 10; no mean squared error reaches it."""
    shape = (28, 28, 1)
    gan = km.EnergyBasedGAN(
        km.networks.dcgan_generator(shape, seed=0),
        km.networks.dcgan_autoencoder(shape, seed=1),
        km.latents.Uniform(64),
        seed=0,
    )
    assert gan.energy_form == "norm"
    blank, full = np.zeros((1, *shape), "float32"), np.ones((1, *shape), "float32")
    assert array(gan.energy(blank))[0] < gan.margin < array(gan.energy(full))[0]
    for energy, acts in (("norm", True), ("mean_squared_error", False)):
        gan.energy_form = energy
        far = 2.0 * float(array(gan.energy(full))[0])
        assert (far > gan.margin) == acts


def test_files_from_before_the_choice_keep_their_energy():
    gan = ebgan()
    config = gan.get_config()
    assert type(gan).from_config(dict(config)).energy_form == "norm"
    del config["energy"]
    assert type(gan).from_config(config).energy_form == "mean_squared_error"
    with pytest.raises(ValueError, match="`energy` must be one of 'norm'"):
        ebgan(energy="norn")
