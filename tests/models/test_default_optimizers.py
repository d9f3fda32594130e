"""The optimizers of `compile()` are those that a class's docstring names."""

import inspect

import pytest

import keras_mdgan as km
from support.battery import ROWS

WANTED = {  # of both players
    "BEGAN": (1e-4, 0.9, 0.999),
    "AdversariallyLearnedInference": (1e-4, 0.5, 0.999),
    "CoulombGAN": (1e-4, 0.9, 0.999),
    "DRAGAN": (1e-4, 0.5, 0.9),
    "DeliGAN": (1e-4, 0.5, 0.999),
    "PackedGAN": (1e-4, 0.8, 0.999),
    "ProjectionGAN": (2e-4, 0.0, 0.9),
    "RelativisticGAN": (2e-4, 0.0, 0.99),
    "SpectralNormGAN": (2e-4, 0.0, 0.9),
    "WassersteinGANGP": (1e-4, 0.0, 0.9),
}


def numbers(optimizer):
    return (float(optimizer.learning_rate), optimizer.beta_1, optimizer.beta_2)


@pytest.mark.parametrize("name", WANTED)
def test_the_papers_optimizers(name):
    gan = ROWS[name].make(seed=0)
    for optimizer in gan.default_optimizers().values():
        assert numbers(optimizer) == pytest.approx(WANTED[name])


def test_a_penalty_brings_its_papers_optimizers():
    def gan(weight):
        return km.GaussianMixtureGAN(
            km.networks.mlp_generator((2,)),
            km.networks.mlp_discriminator((2,)),
            km.latents.GaussianMixture(4, components=3),
            gradient_penalty=weight,
        )

    for weight, wanted in ((0.0, (1e-3, 0.5, 0.999)), (10.0, (1e-4, 0.0, 0.9))):
        for optimizer in gan(weight).default_optimizers().values():
            assert numbers(optimizer) == pytest.approx(wanted)


def test_spectral_norms_discriminator_has_five_steps():
    signature = inspect.signature(km.SpectralNormGAN.__init__)
    assert signature.parameters["critic_steps"].default == 5


@pytest.mark.host
def test_every_docstring_says_whose_optimizers_they_are():
    for name in km.models.__all__:
        assert "Optimizers by default: " in getattr(km, name).__doc__, name
