"""What an experiment on toy data consists of: data, models and settings."""

import dataclasses
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
    "ring": ToyData(km.datasets.ring, output_range=1.5, scale=4.0),
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
    discriminator_first: tuple = ()

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


def our_networks(data, outputs, steps, seed):
    """The recipe's networks: what each piece is for stands in its docstring."""
    he = keras.initializers.HeNormal
    last = keras.initializers.VarianceScaling(1.0, "fan_in", "normal")
    octaves = [math.pi / 6 * 2**k for k in range(4)]
    first = [
        km.layers.InstanceNoise(2.0, 0.02, max(int(0.75 * steps), 1), seed=seed + 200),
        km.layers.FourierFeatures(octaves),
    ]
    if data.scale != 1.0:
        first.insert(0, keras.layers.Rescaling(data.scale))
    return (
        km.networks.mlp_generator(
            (2,),
            data.output_range,
            initializer=he(),
            output_initializer=last,
            seed=seed,
        ),
        km.networks.mlp_discriminator(
            (2,),
            outputs,
            preprocessing=first,
            initializer=he(),
            output_initializer=last,
            seed=seed + 100,
        ),
        km.latents.Joint([km.latents.Signs(8), km.latents.Uniform(2)]),
    )


def our_optimizers(gan, steps):
    """Adam with b1 = 0.5 and two rates, 2e-3 and 2e-4, both falling as a cosine."""
    return {
        player.name: keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(
                2e-3 if player.name == "generator" else 2e-4,
                steps * _updates(gan, player.name),
            ),
            beta_1=0.5,
        )
        for player in gan.players()
    }


def _updates(gan, name):
    return next(player.steps for player in gan.players() if player.name == name)


def _scheduled(optimizer, schedule):
    config = optimizer.get_config()
    config["learning_rate"] = schedule
    return type(optimizer)(**config)


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
    "ours": Setting(
        description="our recipe",
        steps=6_000,
        batch_size=250,
        networks=our_networks,
        optimizers=our_optimizers,
        mixture_density={"generator_loss": "non_saturating"},
    ),
}
