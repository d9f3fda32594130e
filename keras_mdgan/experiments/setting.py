"""How the models of one table are trained."""

import dataclasses
from collections.abc import Callable

from keras_mdgan.experiments.data import DATA
from keras_mdgan.experiments.recipes import MODELS, SEARCHED


@dataclasses.dataclass(frozen=True)
class Setting:
    """How the models of one table are trained: the same for all of them.

    Args:
        description: one line for the table.
        steps: training steps.
        batch_size: real samples per step.
        parts: makes the run's `Parts` from the data, the steps, a seed and the
            outputs of MD-GAN's discriminator.
        optimizers: makes the optimizers from the model and the steps.
        mixture_density: arguments of `MixtureDensityGAN`.
        n_points: points of the data, drawn once.
        n_outputs: outputs of MD-GAN's discriminator.
        ema_momentum: for an averaged generator.
        change_of: the setting of which this is a change, for the table of those.
        kind: of which kind of data it is one: `"toy"`, `"images"` or `"stacked"`.
        at_once: training steps in one call of the compiled program.
        searched: whether methods have the options that `search` found for them.
    """

    description: str
    steps: int
    batch_size: int
    parts: Callable
    optimizers: Callable
    mixture_density: dict
    n_points: int = 10_000
    n_outputs: int = 9
    ema_momentum: float | None = None
    change_of: str = ""
    kind: str = "toy"
    at_once: int = 50
    searched: bool = False

    def build(self, model: str, data: str, seed: int, options: dict | None = None):
        """A compiled model for a data set, seeded throughout.

        Args:
            model: a key of `MODELS`.
            data: a key of `DATA`.
            seed: an integer >= 0.
            options: further arguments of the model; `rate` is a factor for the
                learning rates of its own optimizers.
        """
        parts = self.parts(
            DATA[data], self.steps, 1000 * seed, self.n_outputs, self.n_points
        )
        given = self.mixture_density if model == "mixture_density" else {}
        if self.searched:
            given = {**given, **SEARCHED.get(data, {}).get(model, {})}
        given = {**given, **(options or {})}
        rate = given.pop("rate", 1.0)
        gan = MODELS[model].build(
            parts, seed=seed, ema_momentum=self.ema_momentum, **given
        )
        optimizers = self.optimizers(gan, self.steps, rate=rate)
        per_epoch = self.n_points // self.batch_size
        gan.compile(optimizers, steps_per_execution=min(per_epoch, self.at_once))
        return gan


def updates(gan, name):
    return next(player.steps for player in gan.players() if player.name == name)


def scheduled(optimizer, schedule):
    config = optimizer.get_config()
    config["learning_rate"] = schedule
    return type(optimizer)(**config)
