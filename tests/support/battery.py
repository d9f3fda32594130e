"""One row for each public model; `test_battery.py` checks every row alike."""

import dataclasses
from collections.abc import Callable

import keras

import keras_mdgan as km


@dataclasses.dataclass(frozen=True)
class Row:
    """How to make a small instance of a model, and what it must log.

    Args:
        cls: the class.
        make: makes an instance, given `seed`, `ema_momentum`.
        logs: what it logs besides `loss`.
        still: how many trainable variables need not move: the last bias of a critic
            cancels out of a loss that is a difference, and out of a hinge loss as long
            as every sample is inside the margin.
        uneven: samples of a data set whose last batch is smaller and can be trained on.
        float16: whether the row is also trained in mixed_float16. What that adds to
            bfloat16, loss scaling, is a matter of the optimizer and of the kinds of
            losses, of which one row each is enough.
    """

    cls: type
    make: Callable
    logs: tuple[str, ...]
    still: int = 0
    uneven: int = 90
    float16: bool = False


def _glorot():
    return keras.initializers.GlorotUniform()


def _small(make, *args, seed=7, **kwargs):
    return make((2,), *args, hidden=(16,), initializer=_glorot(), seed=seed, **kwargs)


def generator(seed=7):
    return _small(km.networks.mlp_generator, 2.0, seed=seed)


def discriminator(outputs=1, seed=17, data_shape=(2,), **kwargs):
    return km.networks.mlp_discriminator(
        data_shape, outputs, hidden=(16,), initializer=_glorot(), seed=seed, **kwargs
    )


def networks(outputs=1, seed=7, **kwargs):
    """Small networks whose weights depend on `seed` alone."""
    return {
        "generator": generator(seed),
        "discriminator": discriminator(outputs, seed + 10, **kwargs),
        "latents": km.latents.Uniform(3),
    }


def autoencoding():
    return {
        **networks(),
        "discriminator": _small(km.networks.mlp_autoencoder, 4, seed=17),
    }


def encoding(outputs=3):
    return {**networks(), "encoder": _small(km.networks.mlp_encoder, outputs, seed=27)}


def pairing(outputs=3):
    pair = _small(km.networks.mlp_pair_discriminator, 3, seed=17)
    return {**encoding(outputs), "discriminator": pair}


def conditional(outputs=1, n_classes=4):
    """Networks of a generator that is asked for a class."""
    asked = km.networks.ConditionalGenerator(generator(), n_classes, 3, seed=8)
    return {**networks(outputs), "generator": asked}


def projecting(n_classes=4):
    judged = km.networks.projection_discriminator(discriminator(), n_classes, seed=18)
    return {**conditional(n_classes=n_classes), "discriminator": judged}


def with_mixture(outputs=1, trainable=False):
    mixture = km.latents.GaussianMixture(3, components=4, trainable=trainable)
    return {**networks(outputs), "latents": mixture}


MIXTURE = (
    "discriminator_loss",
    "generator_loss",
    "real_likelihood",
    "fake_likelihood",
    "components_used_real",
    "components_used_fake",
)
VANILLA = ("discriminator_loss", "generator_loss", "real_accuracy", "fake_accuracy")
CRITIC = ("critic_loss", "generator_loss", "wasserstein_distance")

CONDITIONAL_MIXTURE = (*MIXTURE[:4], "class_accuracy", "fake_class_accuracy")

ROWS = {
    "AdversariallyLearnedInference": Row(
        km.AdversariallyLearnedInference,
        lambda **kw: km.AdversariallyLearnedInference(**pairing(6), **kw),
        VANILLA,
    ),
    "BEGAN": Row(
        km.BEGAN,
        lambda **kw: km.BEGAN(**autoencoding(), **kw),
        (
            "discriminator_loss",
            "generator_loss",
            "real_reconstruction",
            "fake_reconstruction",
            "balance",
            "convergence",
        ),
    ),
    "BayesianGAN": Row(
        km.BayesianGAN,
        lambda **kw: km.BayesianGAN(
            **{
                **networks(),
                "generator": [generator(seed=s) for s in (1, 2)],
                "discriminator": [discriminator(seed=s) for s in (3, 4)],
            },
            data_size=80,
            **kw,
        ),
        VANILLA,
        float16=True,
    ),
    "ConditionalMixtureDensityGAN": Row(
        km.ConditionalMixtureDensityGAN,
        lambda **kw: km.ConditionalMixtureDensityGAN(
            **conditional(outputs=3), variance_real=0.28, variance_fake=0.25, **kw
        ),
        CONDITIONAL_MIXTURE,
    ),
    "ConditionalMixtureDensityGAN penalised": Row(
        km.ConditionalMixtureDensityGAN,
        lambda **kw: km.ConditionalMixtureDensityGAN(
            **conditional(outputs=3),
            penalty_weight=0.1,
            penalty_every=2,
            penalty_samples="both",
            relativistic=True,
            **kw,
        ),
        (*CONDITIONAL_MIXTURE, "r1", "r2"),
    ),
    "CoulombGAN": Row(
        km.CoulombGAN,
        lambda **kw: km.CoulombGAN(**networks(), **kw),
        ("discriminator_loss", "generator_loss", "real_potential", "fake_potential"),
    ),
    "DRAGAN": Row(
        km.DRAGAN,
        lambda **kw: km.DRAGAN(**networks(), **kw),
        (*VANILLA, "gradient_penalty"),
    ),
    "DeliGAN": Row(
        km.DeliGAN,
        lambda **kw: km.DeliGAN(**with_mixture(trainable=True), **kw),
        (*VANILLA, "mean_stddev"),
    ),
    "EnergyBasedGAN": Row(
        km.EnergyBasedGAN,
        lambda **kw: km.EnergyBasedGAN(**autoencoding(), **kw),
        (
            "discriminator_loss",
            "generator_loss",
            "real_energy",
            "fake_energy",
            "pulling_away",
        ),
    ),
    "GaussianMixtureGAN": Row(
        km.GaussianMixtureGAN,
        lambda **kw: km.GaussianMixtureGAN(**with_mixture(), dynamic=True, **kw),
        VANILLA,
    ),
    "GaussianMixtureGAN with a penalty": Row(
        km.GaussianMixtureGAN,
        lambda **kw: km.GaussianMixtureGAN(
            **with_mixture(), gradient_penalty=10.0, **kw
        ),
        (
            "discriminator_loss",
            "generator_loss",
            "wasserstein_distance",
            "gradient_penalty",
        ),
        still=1,
    ),
    "GaussianMixtureGAN with labels": Row(
        km.GaussianMixtureGAN,
        lambda **kw: km.GaussianMixtureGAN(**with_mixture(2), supervised=True, **kw),
        ("discriminator_loss", "generator_loss", "class_accuracy"),
    ),
    "GeometricGAN": Row(
        km.GeometricGAN,
        lambda **kw: km.GeometricGAN(**networks(), weight_clip=0.5, **kw),
        VANILLA,
        still=1,
    ),
    "InfoGAN": Row(
        km.InfoGAN,
        lambda **kw: km.InfoGAN(
            **networks(outputs=6),
            codes=[km.latents.Categorical(4), km.latents.Uniform(1)],
            **kw,
        ),
        (*VANILLA, "code_log_likelihood"),
    ),
    "ManifoldDiffusionGAN": Row(
        km.ManifoldDiffusionGAN,
        lambda **kw: km.ManifoldDiffusionGAN(
            **encoding(), diffusion_discriminator=discriminator(seed=37), **kw
        ),
        (
            "manifold_discriminator_loss",
            "diffusion_discriminator_loss",
            "generator_loss",
            "reconstruction",
        ),
    ),
    "MixtureDensityGAN": Row(
        km.MixtureDensityGAN,
        lambda **kw: km.MixtureDensityGAN(
            **networks(outputs=3), variance_real=0.28, variance_fake=0.25, **kw
        ),
        MIXTURE,
    ),
    "MixtureDensityGAN balanced": Row(
        km.MixtureDensityGAN,
        lambda **kw: km.MixtureDensityGAN(
            **networks(outputs=3), assignment="balanced", **kw
        ),
        MIXTURE,
    ),
    "MixtureDensityGAN penalised": Row(
        km.MixtureDensityGAN,
        lambda **kw: km.MixtureDensityGAN(
            **networks(outputs=3),
            assignment="balanced",
            penalty_weight=0.1,
            penalty_every=2,
            penalty_samples="both",
            relativistic=True,
            augmentation=keras.layers.Rescaling(-0.9),
            consistency_weight=0.5,
            **kw,
        ),
        (*MIXTURE, "r1", "r2", "consistency"),
    ),
    "ModeRegularizedGAN": Row(
        km.ModeRegularizedGAN,
        lambda **kw: km.ModeRegularizedGAN(**encoding(), **kw),
        (*VANILLA, "reconstruction", "reconstruction_score"),
    ),
    "MultiAdversarialGAN": Row(
        km.MultiAdversarialGAN,
        lambda **kw: km.MultiAdversarialGAN(
            **{
                **networks(),
                "discriminator": [discriminator(seed=s) for s in (1, 2, 3)],
            },
            temperature="learned",
            **kw,
        ),
        (*VANILLA, "strictest_share"),
    ),
    "MultiModalGAN": Row(
        km.MultiModalGAN,
        lambda **kw: km.MultiModalGAN(**encoding(4), clusters=4, **kw),
        (
            "discriminator_loss",
            "generator_loss",
            "code_log_likelihood",
            "code_confidence",
        ),
        still=1,
    ),
    "PackedGAN": Row(
        km.PackedGAN,
        lambda **kw: km.PackedGAN(**networks(data_shape=(4,)), **kw),
        VANILLA,
    ),
    "ProjectionGAN": Row(
        km.ProjectionGAN,
        lambda **kw: km.ProjectionGAN(**projecting(), critic_steps=2, **kw),
        VANILLA,
        still=1,
    ),
    "RelativisticGAN": Row(
        km.RelativisticGAN,
        lambda **kw: km.RelativisticGAN(**networks(), **kw),
        ("discriminator_loss", "generator_loss", "r1", "r2", "pair_accuracy"),
        still=1,
    ),
    "SpectralNormGAN": Row(
        km.SpectralNormGAN,
        lambda **kw: km.SpectralNormGAN(**networks(), critic_steps=2, **kw),
        VANILLA,
        still=1,
        float16=True,
    ),
    "UnrolledGAN": Row(
        km.UnrolledGAN,
        lambda **kw: km.UnrolledGAN(**networks(), unroll_steps=2, **kw),
        VANILLA,
        float16=True,
    ),
    "VEEGAN": Row(
        km.VEEGAN,
        lambda **kw: km.VEEGAN(**pairing(), **kw),
        (*VANILLA, "reconstruction"),
    ),
    "VanillaGAN": Row(
        km.VanillaGAN,
        lambda **kw: km.VanillaGAN(**networks(), **kw),
        VANILLA,
        float16=True,
    ),
    "WassersteinGAN": Row(
        km.WassersteinGAN,
        lambda **kw: km.WassersteinGAN(**networks(), critic_steps=2, **kw),
        CRITIC,
        still=1,
    ),
    "WassersteinGANGP": Row(
        km.WassersteinGANGP,
        lambda **kw: km.WassersteinGANGP(**networks(), critic_steps=2, **kw),
        (*CRITIC, "gradient_penalty"),
        still=1,
        float16=True,
    ),
}


def samples(model, n=80, seed=0):
    """What `fit` takes for a model: `(x,)`, or `(x, y)` if it uses labels."""
    x, modes = km.datasets.ring().sample_with_labels(n, seed=seed)
    return (x, modes % model.n_classes) if model.uses_labels else (x,)


def slug(name):
    """A row's name as a file's."""
    return name.replace(" ", "_")
