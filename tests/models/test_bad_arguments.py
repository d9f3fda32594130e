"""Every wrong argument of the zoo's models is named in the error."""

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.optimizers import SGHMC
from support.hand import batch, linear, mlp, pair_mlp

NORMAL, MIXTURE = km.latents.Normal, km.latents.GaussianMixture


def of(cls, outputs=1, **kwargs):
    """A model of small networks, some of them exchanged."""
    networks = {
        "generator": linear(np.eye(2)),
        "discriminator": mlp(2, outputs),
        "latents": NORMAL(2),
    }
    return cls(**{**networks, **kwargs})


def encoding(cls, outputs=2, **kwargs):
    return of(cls, encoder=mlp(2, outputs), **kwargs)


def pairs(cls, outputs, **kwargs):
    return encoding(cls, outputs, discriminator=pair_mlp(2, 2), **kwargs)


def diffusing(**kwargs):
    other = {"diffusion_discriminator": mlp(2, 1), **kwargs}
    return encoding(km.ManifoldDiffusionGAN, **other)


def coded(**kwargs):
    arguments = {"codes": [km.latents.Categorical(2)], "generator": mlp(4, 2), **kwargs}
    return of(km.InfoGAN, outputs=3, **arguments)


def mixed(outputs=1, latents=None, **kwargs):
    latents = latents or MIXTURE(2, 3)
    return of(km.GaussianMixtureGAN, outputs, latents=latents, **kwargs)


def learned(**kwargs):
    return of(km.DeliGAN, latents=MIXTURE(2, 3, trainable=True), **kwargs)


def modal(**kwargs):
    arguments = {"clusters": 3, "generator": mlp(5, 2), **kwargs}
    return encoding(km.MultiModalGAN, 3, **arguments)


def bayesian(**kwargs):
    return of(km.BayesianGAN, **{"generator": [linear(np.eye(2))], **kwargs})


def energetic(**kwargs):
    autoencoder = km.networks.Autoencoder(mlp(2, 3), mlp(3, 2))
    return of(km.EnergyBasedGAN, **{"discriminator": autoencoder, **kwargs})


def autoencoding(**kwargs):
    return of(km.BEGAN, outputs=2, **kwargs)


SAME = mlp(2, 1)
ROWS = [
    (lambda: of(km.WassersteinGAN, weight_clip=0), "weight_clip=0"),
    (lambda: of(km.WassersteinGAN, critic_steps=0), "critic_steps=0"),
    (lambda: of(km.WassersteinGAN, outputs=2), "2 outputs"),
    (lambda: of(km.GeometricGAN, weight_clip=-1.0), "weight_clip=-1.0"),
    (lambda: of(km.GeometricGAN, outputs=2), "2 outputs"),
    (lambda: of(km.DRAGAN, penalty_weight=-1), "penalty_weight=-1"),
    (lambda: of(km.DRAGAN, generator_loss="hinge"), "generator_loss='hinge'"),
    (lambda: of(km.RelativisticGAN, penalty_weight=np.nan), "penalty_weight=nan"),
    (lambda: of(km.RelativisticGAN, outputs=2), "2 outputs"),
    (lambda: of(km.UnrolledGAN, unroll_steps=-1), "unroll_steps=-1"),
    (lambda: of(km.UnrolledGAN, unroll_steps=1.5), "unroll_steps=1.5"),
    (lambda: of(km.UnrolledGAN, unroll_learning_rate=0), "unroll_learning_rate=0"),
    (lambda: of(km.SpectralNormGAN, loss="hing"), "loss='hing'. Did you mean 'hinge'"),
    (lambda: of(km.SpectralNormGAN, outputs=2), "2 outputs"),
    (lambda: of(km.SpectralNormGAN, discriminator="d"), "'d'"),
    (lambda: of(km.CoulombGAN, dimension=2), "dimension=2"),
    (lambda: of(km.CoulombGAN, epsilon=0), "epsilon=0"),
    (lambda: of(km.CoulombGAN, outputs=2), "2 outputs"),
    (lambda: of(km.BEGAN), "`discriminator` of BEGAN must be an autoencoder"),
    (lambda: autoencoding(diversity_ratio=1.1), "diversity_ratio=1.1"),
    (lambda: autoencoding(diversity_ratio=0), "diversity_ratio=0"),
    (lambda: autoencoding(balance_rate=0), "balance_rate=0"),
    (lambda: energetic(margin=0), "margin=0"),
    (lambda: energetic(pulling_away_weight=-0.1), "pulling_away_weight=-0.1"),
    (lambda: energetic(discriminator=mlp(2, 2)), "`discriminator`.*`encode"),
    (lambda: pairs(km.AdversariallyLearnedInference, 2), r"`encoder`.*\(2,\)"),
    (lambda: pairs(km.VEEGAN, 4), r"`encoder`.*\(4,\)"),
    (lambda: encoding(km.VEEGAN), "`discriminator` does not accept"),
    (lambda: of(km.VEEGAN, discriminator=pair_mlp(2, 2), encoder=3), "encoder=3"),
    (lambda: encoding(km.ModeRegularizedGAN, 3), r"`encoder`.*\(3,\)"),
    (
        lambda: encoding(km.ModeRegularizedGAN, geometric_weight=-1),
        "geometric_weight=-1",
    ),
    (lambda: encoding(km.ModeRegularizedGAN, mode_weight=-1), "mode_weight=-1"),
    (lambda: diffusing(geometric_weight=-1), "geometric_weight=-1"),
    (
        lambda: diffusing(diffusion_discriminator=mlp(2, 2)),
        r"`diffusion_discriminator`.*\(2,\)",
    ),
    (lambda: diffusing(diffusion_discriminator=None), "diffusion_discriminator=None"),
    (lambda: modal(clusters=0), "clusters=0"),
    (lambda: modal(clusters=4), "`generator`|`encoder`"),
    (lambda: modal(code_weight=-1), "code_weight=-1"),
    (lambda: modal(latents=3), "latents=3"),
    (lambda: learned(stddev_weight=-1), "stddev_weight=-1"),
    (lambda: of(km.DeliGAN), "`latents`.*GaussianMixture"),
    (lambda: of(km.DeliGAN, latents=MIXTURE(2, 3)), "`latents`.*`trainable=True`"),
    (lambda: coded(codes=[]), r"codes=\[\]"),
    (lambda: coded(codes=[NORMAL(2)]), "`codes`.*Categorical and Uniform"),
    (lambda: coded(codes=[km.latents.Uniform(1), 2]), "`codes`"),
    (lambda: coded(discriminator=mlp(2, 4)), "`discriminator`.*3 outputs.*4 outputs"),
    (lambda: coded(information_weight=-1), "information_weight=-1"),
    (lambda: coded(generator_loss="x"), "generator_loss='x'"),
    (lambda: coded(latents=None), "latents=None"),
    (lambda: mixed(latents=NORMAL(2)), "`latents`.*GaussianMixture"),
    (lambda: mixed(gradient_penalty=-1), "gradient_penalty=-1"),
    (
        lambda: mixed(2, supervised=True, gradient_penalty=1.0),
        "`gradient_penalty=0`.*gradient_penalty=1.0",
    ),
    (
        lambda: mixed(2, supervised=True, class_of_component=[0, 1]),
        r"class_of_component=\[0, 1\]",
    ),
    (
        lambda: mixed(2, supervised=True, class_of_component=[0, 0, 0]),
        r"class_of_component=\[0, 0, 0\]",
    ),
    (lambda: mixed(2), "2 outputs"),
    (lambda: bayesian(generator=linear(np.eye(2))), "`generator` must be a list"),
    (lambda: bayesian(generator=[]), r"`networks`.*\[\]"),
    (lambda: bayesian(discriminator=[SAME, SAME]), "same network twice"),
    (lambda: bayesian(data_size=0), "data_size=0"),
    (lambda: bayesian(prior_stddev=0.0), "prior_stddev=0.0"),
    (lambda: bayesian(latents="normal"), "latents='normal'"),
    (lambda: of(km.MultiAdversarialGAN, temperature=-1), "temperature=-1"),
    (lambda: of(km.MultiAdversarialGAN, temperature="x"), "temperature='x'"),
    (lambda: of(km.MultiAdversarialGAN, generator_loss="x"), "generator_loss='x'"),
    (lambda: of(km.MultiAdversarialGAN, discriminator=[]), "`networks`"),
    (lambda: of(km.PackedGAN, packing=0), "packing=0"),
    (lambda: of(km.PackedGAN, packing=2), r"`discriminator` does not.*\(4,\)"),
    (lambda: of(km.VanillaGAN, latents=2), "latents=2"),
    (lambda: SGHMC(friction=0), "friction=0"),
    (lambda: SGHMC(friction=1.5), "friction=1.5"),
    (lambda: SGHMC(temperature=-1), "temperature=-1"),
]


@pytest.mark.parametrize(("make", "message"), ROWS, ids=[m for _, m in ROWS])
def test_bad_argument(make, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        make()


def test_supervised_training_needs_labels():
    gan = mixed(2, supervised=True)
    gan.compile()
    with pytest.raises(ValueError, match="GaussianMixtureGAN needs labels"):
        gan.fit(batch(), batch_size=6, verbose=0)
