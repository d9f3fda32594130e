"""One row for each public model; `test_battery.py` checks every row alike."""

import dataclasses
from collections.abc import Callable

import keras

import keras_mdgan as km


@dataclasses.dataclass(frozen=True)
class Row:
    """How to make a small instance of a model, and what it must log."""

    cls: type
    make: Callable
    logs: tuple[str, ...]
    batch_size: int = 20


def networks(outputs=1, seed=7, **kwargs):
    """Small networks whose weights depend on `seed` alone."""
    return {
        "generator": km.networks.mlp_generator(
            (2,), output_range=2.0, hidden=(16,), initializer=_glorot(), seed=seed
        ),
        "discriminator": km.networks.mlp_discriminator(
            (2,),
            outputs,
            hidden=(16,),
            initializer=_glorot(),
            seed=seed + 10,
            **kwargs,
        ),
        "latents": km.latents.Uniform(3),
    }


def _glorot():
    return keras.initializers.GlorotUniform()


ROWS = {
    "VanillaGAN": Row(
        km.VanillaGAN,
        lambda **kw: km.VanillaGAN(**networks(), **kw),
        ("discriminator_loss", "generator_loss", "real_accuracy", "fake_accuracy"),
    ),
    "MixtureDensityGAN": Row(
        km.MixtureDensityGAN,
        lambda **kw: km.MixtureDensityGAN(
            **networks(outputs=3), variance_real=0.28, variance_fake=0.25, **kw
        ),
        (
            "discriminator_loss",
            "generator_loss",
            "real_likelihood",
            "fake_likelihood",
            "components_used_real",
            "components_used_fake",
        ),
    ),
    "WassersteinGANGP": Row(
        km.WassersteinGANGP,
        lambda **kw: km.WassersteinGANGP(**networks(), critic_steps=2, **kw),
        ("critic_loss", "generator_loss", "wasserstein_distance", "gradient_penalty"),
    ),
}
