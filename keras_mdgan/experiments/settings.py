"""What an experiment on toy data consists of: data, models and settings."""

import dataclasses
import functools
import math
from collections.abc import Callable

import keras

import keras_mdgan as km


@dataclasses.dataclass(frozen=True)
class ToyData:
    """A toy data set and the numbers that fit networks to it.

    Args:
        make: returns the data set.
        output_range: the generator's bound, in the data's units.
        scale: what the discriminator multiplies data by, so that all data sets have
            about the grid's width, to which noise and frequencies refer.
    """

    make: Callable
    output_range: float
    scale: float = 1.0


DATA = {
    "grid": ToyData(km.datasets.grid, output_range=6.0),
    "ring": ToyData(km.datasets.ring, output_range=2.0, scale=3.0),
}

# Every model of an experiment: its class, the outputs of its discriminator and its
# own arguments. "mixture_density" takes its arguments from the setting.
MODELS = {
    "mixture_density": (km.MixtureDensityGAN, {}),
    "vanilla": (km.VanillaGAN, {}),
    "wasserstein_gp": (km.WassersteinGANGP, {}),
}


@dataclasses.dataclass(frozen=True)
class Setting:
    """How the models of one table are trained: the same for all of them.

    Args:
        description: one line for the table.
        steps: training steps.
        batch_size: real samples per step.
        networks: makes `(generator, discriminator, latents)` from the data, the
            number of discriminator outputs, the steps and a seed.
        optimizers: makes the optimizers from the model, the steps and the steps an
            epoch; `None` leaves a model its paper's own.
        mixture_density: arguments of `MixtureDensityGAN`.
        n_points: points of the data, drawn once.
        n_outputs: outputs of MD-GAN's discriminator.
        ema_momentum: for an averaged generator.
        ablation: whether it is a change to our recipe, for the table of those.
    """

    description: str
    steps: int
    batch_size: int
    networks: Callable
    optimizers: Callable
    mixture_density: dict
    n_points: int = 10_000
    n_outputs: int = 9
    ema_momentum: float | None = None
    ablation: bool = False

    def build(self, model: str, data: str, seed: int):
        """A compiled model for a data set, seeded throughout."""
        cls, arguments = MODELS[model]
        arguments = dict(arguments)
        outputs = 1
        if model == "mixture_density":
            arguments.update(self.mixture_density)
            outputs = self.n_outputs
        networks = self.networks(DATA[data], outputs, self.steps, 1000 * seed)
        gan = cls(*networks, seed=seed, ema_momentum=self.ema_momentum, **arguments)
        per_epoch = self.n_points // self.batch_size
        gan.compile(
            self.optimizers(gan, self.steps), steps_per_execution=min(per_epoch, 50)
        )
        return gan


def authors_networks(data, outputs, steps, seed):
    """The authors' 2-D networks: 128-128, kernels `N(0, 0.02)`, two uniform latents."""
    return (
        km.networks.mlp_generator((2,), data.output_range, seed=seed),
        km.networks.mlp_discriminator((2,), outputs, seed=seed + 100),
        km.latents.Uniform(2),
    )


def authors_optimizers(gan, steps):
    """Adam 1e-3 with b1 = 0.5, halved after each quarter of the run.

    A model whose paper asks for another Adam keeps it, halved likewise.
    """
    return {
        player: _scheduled(
            optimizer,
            keras.optimizers.schedules.ExponentialDecay(
                float(optimizer.learning_rate.numpy()),
                max(steps // 4, 1) * _updates(gan, player),
                0.5,
                staircase=True,
            ),
        )
        for player, optimizer in gan.default_optimizers().items()
    }


def our_networks(
    data,
    outputs,
    steps,
    seed,
    signs=10,
    fourier=True,
    noise=True,
):
    """The recipe's networks: what each piece is for stands in its docstring.

    The noise is 2 at first, in units in which data sets are about 10 wide, falls fast
    to .65, slowly to .28 and fast to .02, and is gone after three quarters of the
    steps. Kernels are drawn from He's normal distribution, the last from Glorot's
    `N(0, 1 / fan_in)`.
    """

    def normal(gain):
        return keras.initializers.VarianceScaling(gain, "fan_in", "untruncated_normal")

    first = []
    if data.scale != 1.0:
        first.append(keras.layers.Rescaling(data.scale))
    if noise:
        knots = [(0.0, 2.0), (0.084, 0.65), (0.604, 0.28), (0.75, 0.02)]
        knots = [(round(share * steps), stddev) for share, stddev in knots]
        first.append(km.layers.InstanceNoise(knots, seed=seed + 200))
    if fourier:
        octaves = [math.pi / 6 * 2**k for k in range(4)]
        first.append(km.layers.FourierFeatures(octaves))
    kernels = {"initializer": normal(2.0), "output_initializer": normal(1.0)}
    latents = km.latents.Uniform(2)
    if signs:
        latents = km.latents.Joint([km.latents.Signs(signs), latents])
    return (
        km.networks.mlp_generator((2,), data.output_range, seed=seed, **kernels),
        km.networks.mlp_discriminator(
            (2,), outputs, preprocessing=first, seed=seed + 100, **kernels
        ),
        latents,
    )


def our_optimizers(gan, steps, discriminator_rate=2e-3, cosine=False):
    """Adam 2e-3 with b1 = 0.5, low while the noise is between .65 and .28.

    The rate stays for a tenth of the steps, falls to a fifth at the half, goes back to
    a half and then to zero, piecewise linearly.
    """

    def schedule(rate, updates):
        if cosine:
            return keras.optimizers.schedules.CosineDecay(rate, updates)
        knots = [(0.1, rate), (0.5, 0.2 * rate), (0.55, 0.5 * rate), (1.0, 0.0)]
        return km.schedules.PiecewiseLinear(
            [(round(share * updates), value) for share, value in knots]
        )

    optimizers = {}
    for player in gan.players():
        rate = 2e-3 if player.name == "generator" else discriminator_rate
        optimizers[player.name] = keras.optimizers.Adam(
            schedule(rate, steps * player.steps), beta_1=0.5
        )
    return optimizers


def _updates(gan, name):
    return next(player.steps for player in gan.players() if player.name == name)


def _scheduled(optimizer, schedule):
    config = optimizer.get_config()
    config["learning_rate"] = schedule
    return type(optimizer)(**config)


OURS = Setting(
    description="our recipe",
    steps=6_000,
    batch_size=250,
    networks=our_networks,
    optimizers=our_optimizers,
    mixture_density={"generator_loss": "non_saturating"},
)

SETTINGS = {
    "authors": Setting(
        description="the authors' networks, optimizer and full length",
        steps=40_000,
        batch_size=500,
        networks=authors_networks,
        optimizers=authors_optimizers,
        mixture_density=km.MixtureDensityGAN.paper_settings("authors_demo"),
    ),
    "plain": Setting(
        description="the authors' networks and optimizer, a quarter of their length",
        steps=10_000,
        batch_size=500,
        networks=authors_networks,
        optimizers=authors_optimizers,
        mixture_density=km.MixtureDensityGAN.paper_settings("authors_demo"),
    ),
    "ours": OURS,
}


def _ablation(description, networks=None, optimizers=None, **mixture_density):
    return dataclasses.replace(
        OURS,
        description=description,
        networks=functools.partial(our_networks, **(networks or {})),
        optimizers=functools.partial(our_optimizers, **(optimizers or {})),
        mixture_density={**OURS.mixture_density, **mixture_density},
        ablation=True,
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
