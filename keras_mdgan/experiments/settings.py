"""The settings of the experiments, by name."""

import dataclasses
import functools

import keras

import keras_mdgan as km
from keras_mdgan.experiments.data import DATA
from keras_mdgan.experiments.image_settings import IMAGE_SETTINGS
from keras_mdgan.experiments.parts import OurParts, Parts
from keras_mdgan.experiments.recipes import MODELS, SEARCHED
from keras_mdgan.experiments.setting import Setting, scheduled, updates
from keras_mdgan.validation import check_choice

__all__ = ["DATA", "MODELS", "SETTINGS", "Setting", "setting_for"]


def authors_optimizers(gan, steps, rate=1.0):
    """Adam 1e-3 with b1 = 0.5, halved after each quarter of the run.

    A model whose paper asks for another optimizer keeps it, halved likewise. `rate`
    multiplies all.
    """
    return {
        player: scheduled(
            optimizer,
            keras.optimizers.schedules.ExponentialDecay(
                rate * float(optimizer.learning_rate.numpy()),
                max(steps // 4, 1) * updates(gan, player),
                0.5,
                staircase=True,
            ),
        )
        for player, optimizer in gan.default_optimizers().items()
    }


def our_optimizers(gan, steps, discriminator_rate=2e-3, cosine=False, rate=1.0):
    """Adam 2e-3 with b1 = 0.5, low while the noise is between .65 and .28.

    The rate stays for a tenth of the steps, falls to a fifth at the half, goes back to
    a half and then to zero, piecewise linearly. `SGHMC`, which is part of a method,
    stays, with its own rate changed in the same way. `rate` multiplies all.
    """

    def schedule(rate, updates):
        if cosine:
            return keras.optimizers.schedules.CosineDecay(rate, updates)
        knots = [(0.1, rate), (0.5, 0.2 * rate), (0.55, 0.5 * rate), (1.0, 0.0)]
        return km.schedules.PiecewiseLinear(
            [(round(share * updates), value) for share, value in knots]
        )

    optimizers, own = {}, gan.default_optimizers()
    for player in gan.players():
        name, updates = player.name, steps * player.steps
        if isinstance(own[name], km.optimizers.SGHMC):
            first = rate * float(own[name].learning_rate.numpy())
            optimizers[name] = scheduled(own[name], schedule(first, updates))
            continue
        first = rate * (2e-3 if name == "generator" else discriminator_rate)
        optimizers[name] = keras.optimizers.Adam(schedule(first, updates), beta_1=0.5)
    return optimizers


OURS = Setting(
    description="our recipe",
    steps=6_000,
    batch_size=250,
    parts=OurParts,
    optimizers=our_optimizers,
    mixture_density={"generator_loss": "non_saturating"},
)

SETTINGS = {
    "authors": Setting(
        description="the authors' networks, optimizer and full length",
        steps=40_000,
        batch_size=500,
        parts=Parts,
        optimizers=authors_optimizers,
        mixture_density=km.MixtureDensityGAN.paper_settings("authors_demo"),
    ),
    "plain": Setting(
        description="the authors' networks and optimizer, a quarter of their length",
        steps=10_000,
        batch_size=500,
        parts=Parts,
        optimizers=authors_optimizers,
        mixture_density=km.MixtureDensityGAN.paper_settings("authors_demo"),
    ),
    "ours": OURS,
}
SETTINGS["searched"] = dataclasses.replace(
    SETTINGS["plain"],
    description="as plain, with the options that a small search found",
    searched=True,
)


def _ablation(description, parts=None, optimizers=None, **mixture_density):
    return dataclasses.replace(
        OURS,
        description=description,
        parts=functools.partial(OurParts, **(parts or {})),
        optimizers=functools.partial(our_optimizers, **(optimizers or {})),
        mixture_density={**OURS.mixture_density, **mixture_density},
        change_of="ours",
    )


SETTINGS |= {
    "no_signs": _ablation("two uniform latents alone", {"signs": 0}),
    "no_fourier": _ablation("no Fourier features", {"fourier": False}),
    "no_noise": _ablation("no instance noise", {"noise": False}),
    "cosine": _ablation("both rates fall as a cosine", optimizers={"cosine": True}),
    "slow_discriminator": _ablation(
        "a tenth of the rate for the discriminator",
        optimizers={"discriminator_rate": 2e-4},
    ),
    "minimax": _ablation("the minimax generator loss", generator_loss="minimax"),
    "mixture": _ablation(
        "assignment by the mixture's sum, variance 0.16",
        assignment="mixture",
        variance_real=0.16,
    ),
}

SETTINGS |= IMAGE_SETTINGS


def setting_for(name: str, data: str) -> Setting:
    """A setting, with what it has instead for a data set.

    Examples:
        >>> setting_for("ours", "synthetic_1200d").steps
        4000

    Args:
        name: a key of `SETTINGS`.
        data: a key of `DATA`.

    Raises:
        ValueError: if the setting is not one for the data.
    """
    check_choice("setting", name, [s for s in SETTINGS if DATA[data].has(SETTINGS[s])])
    return dataclasses.replace(SETTINGS[name], **DATA[data].changes.get(name, {}))


def trained_as(setting: str, data: str, model: str) -> str:
    """The setting whose runs are also those of `setting`, for a model.

    Where the search found nothing better than a method's defaults, `searched` is
    `plain`, and nothing is trained twice.

    Examples:
        >>> trained_as("searched", "ring", "unrolled")
        'plain'
        >>> trained_as("searched", "ring", "vanilla")
        'searched'

    Args:
        setting: a key of `SETTINGS`.
        data: a key of `DATA`.
        model: a key of `MODELS`.
    """
    default = SETTINGS[setting].searched and model not in SEARCHED.get(data, {})
    return "plain" if default else setting
