"""Settings for points: the authors' setting, our recipe, and changes to it."""

import dataclasses
import functools

import keras

import keras_mdgan as km
from keras_mdgan.recipes.methods import METHODS
from keras_mdgan.recipes.point_networks import (
    OurPointNetworks,
    PointNetworks,
    PrincipalPointNetworks,
)
from keras_mdgan.recipes.setting import (
    Setting,
    rate_of,
    updates_per_step,
    with_schedule,
)

# Where a class has another default than the recorded results were made with, settings
# for points keep what those had.
RECORDED_OPTIONS = {
    "energy_based": {"energy": "mean_squared_error"},
    "unrolled": {"unroll_learning_rate": 1e-4, "real_term": False},
    "spectral_norm": {"critic_steps": 1},
}
# The same, and the number of samples that the ensembles believed in.
_RECORDED_IN_1200D = {**RECORDED_OPTIONS, "bayesian": {"data_size": 10_000}}

_RECORDED_RATES = {
    "adversarially_learned_inference": (1e-4, {"beta_1": 0.5}),
    "began": (1e-4, {"beta_1": 0.9}),
    "dragan": (1e-4, {"beta_1": 0.5}),
    "energy_based": (1e-3, {"beta_1": 0.5}),
    "projection": (2e-4, {"beta_1": 0.0, "beta_2": 0.9}),
    "relativistic": (2e-4, {"beta_1": 0.0, "beta_2": 0.99}),
    "spectral_norm": (2e-4, {"beta_1": 0.0}),
    "wasserstein_gp": (1e-4, {"beta_1": 0.0, "beta_2": 0.9}),
    # Of the discriminator; the generator's is 1e-3.
    "infogan": (2e-4, {"beta_1": 0.5}),
    "unrolled": (1e-4, {"beta_1": 0.5}),
}


def recorded_optimizers(gan) -> dict:
    """The optimizers of the recorded results on points, before any schedule.

    Adam 1e-3 with b1 = 0.5, as in the authors' code, and the paper's own for methods
    whose paper has others. They are stated here, and do not follow the classes: those
    may be corrected, and the tables must stay reproducible.

    Args:
        gan: a model. A class of your own, and one whose optimizer is part of its
            method (`SGHMC`, RMSprop for clipped weights), has its own optimizers.
    """
    own = gan.default_optimizers()
    name = next((k for k, m in METHODS.items() if m.cls is type(gan)), None)
    if name is None or not all(
        isinstance(optimizer, keras.optimizers.Adam) for optimizer in own.values()
    ):
        return own
    rate, betas = _RECORDED_RATES.get(name, (1e-3, {"beta_1": 0.5}))
    found = {player: keras.optimizers.Adam(rate, **betas) for player in own}
    if name in ("infogan", "unrolled"):
        found["generator"] = keras.optimizers.Adam(1e-3, **betas)
    return found


def authors_optimizers(gan, steps, rate=1.0):
    """Adam 1e-3 with b1 = 0.5, halved after each quarter of the run.

    A model whose paper has another optimizer keeps it, with the same halving; see
    `recorded_optimizers`. `rate` multiplies all rates.
    """
    return {
        player: with_schedule(
            optimizer,
            keras.optimizers.schedules.ExponentialDecay(
                rate * rate_of(optimizer),
                max(steps // 4, 1) * updates_per_step(gan, player),
                0.5,
                staircase=True,
            ),
        )
        for player, optimizer in recorded_optimizers(gan).items()
    }


def our_optimizers(gan, steps, discriminator_rate=2e-3, cosine=False, rate=1.0):
    """Adam 2e-3 with b1 = 0.5, low while the noise is between .65 and .28.

    The rate is piecewise linear. It is constant for a tenth of the steps, then falls to
    a fifth at half of the steps. It rises to a half of its first value, then falls to
    zero. `SGHMC` is part of a method and is kept; its rate gets the same schedule.
    `rate` multiplies all rates.
    """

    def schedule(rate, updates):
        if cosine:
            return keras.optimizers.schedules.CosineDecay(rate, updates)
        knots = [(0.1, rate), (0.5, 0.2 * rate), (0.55, 0.5 * rate), (1.0, 0.0)]
        return km.schedules.PiecewiseLinear(
            [(round(share * updates), value) for share, value in knots]
        )

    # In a run of fewer than 20 steps the knots would coincide.
    optimizers, own, steps = {}, gan.default_optimizers(), max(steps, 20)
    for player in gan.players():
        name, updates = player.name, steps * player.steps
        if isinstance(own[name], km.optimizers.SGHMC):
            first = rate * rate_of(own[name])
            optimizers[name] = with_schedule(own[name], schedule(first, updates))
            continue
        first = rate * (2e-3 if name == "generator" else discriminator_rate)
        optimizers[name] = keras.optimizers.Adam(schedule(first, updates), beta_1=0.5)
    return optimizers


AUTHORS = Setting(
    description="the authors' networks, optimizer and full length",
    steps=40_000,
    batch_size=500,
    networks=PointNetworks,
    optimizers=authors_optimizers,
    mixture_density=km.MixtureDensityGAN.paper_settings("slides"),
    options=RECORDED_OPTIONS,
    changes={"synthetic_1200d": {"options": _RECORDED_IN_1200D}},
)
PLAIN = dataclasses.replace(
    AUTHORS,
    description="the authors' networks and optimizer, a quarter of their length",
    steps=10_000,
)
OURS = Setting(
    description="our recipe",
    steps=6_000,
    batch_size=250,
    networks=OurPointNetworks,
    optimizers=our_optimizers,
    mixture_density={"generator_loss": "non_saturating"},
    options=RECORDED_OPTIONS,
    changes={
        "synthetic_1200d": {
            "networks": PrincipalPointNetworks,
            "steps": 4_000,
            "options": _RECORDED_IN_1200D,
        }
    },
)


def _change(description, networks=None, optimizers=None, **mixture_density):
    return dataclasses.replace(
        OURS,
        description=description,
        networks=functools.partial(OurPointNetworks, **(networks or {})),
        optimizers=functools.partial(our_optimizers, **(optimizers or {})),
        mixture_density={**OURS.mixture_density, **mixture_density},
        change_of="ours",
        changes={},
    )


POINT_SETTINGS = {
    "authors": AUTHORS,
    "plain": PLAIN,
    "v1": dataclasses.replace(
        AUTHORS,
        description="the authors' networks and optimizer, MD-GAN as in the paper's "
        "first version",
        mixture_density=km.MixtureDensityGAN.paper_settings("v1"),
    ),
    "ours": OURS,
    "searched": dataclasses.replace(
        PLAIN,
        description="as plain, with the options that a small search found",
        searched=True,
    ),
    # The setting of the search's runs, with half the steps of `plain`.
    "search": dataclasses.replace(
        PLAIN, description="as plain, at half its length", steps=5_000
    ),
    "no_signs": _change("two uniform latents alone", {"signs": 0}),
    "no_fourier": _change("no Fourier features", {"fourier": False}),
    "no_noise": _change("no instance noise", {"noise": False}),
    "cosine": _change("both rates fall as a cosine", optimizers={"cosine": True}),
    "slow_discriminator": _change(
        "a tenth of the rate for the discriminator",
        optimizers={"discriminator_rate": 2e-4},
    ),
    "minimax": _change("the minimax generator loss", generator_loss="minimax"),
    "mixture": _change(
        "assignment by the mixture's sum, variance 0.16",
        assignment="mixture",
        variance_real=0.16,
    ),
}
