"""How the models of one table are trained."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_mdgan.recipes.methods import METHODS, SEARCHED
from keras_mdgan.validation import check_choice


@dataclasses.dataclass(frozen=True)
class Setting:
    """How the models of one table are trained: the same way for all of them.

    Args:
        description: one line for the table.
        batch_size: real samples per step.
        networks: makes the run's networks from the data, the steps, a seed, the number
            of points and of components; see `PointNetworks`.
        optimizers: makes the optimizers from the model and the steps.
        mixture_density: arguments of `MixtureDensityGAN`.
        steps: training steps; without them, `epochs` passes over the data.
        epochs: passes over the data.
        n_points: samples of the data; `None` for the data set's own number.
        components: Gaussians of MD-GAN's mixture.
        ema_momentum: for an averaged generator.
        change_of: the setting that this one changes in one piece.
        kind: the kind of data it is for: `"points"`, `"images"` or `"stacked"`.
        steps_per_execution: training steps in one call of the compiled program.
        searched: whether methods have the options that the search found for them.
        changes: by a data set's name, fields that differ there.
    """

    description: str
    batch_size: int
    networks: Callable
    optimizers: Callable
    mixture_density: Mapping[str, Any]
    steps: int | None = None
    epochs: int | None = None
    n_points: int | None = None
    components: int = 10
    ema_momentum: float | None = None
    change_of: str = ""
    kind: str = "points"
    steps_per_execution: int = 50
    searched: bool = False
    changes: Mapping[str, dict] = dataclasses.field(default_factory=dict)

    def on(self, data) -> "Setting":
        """The setting with all that depends on the data filled in.

        Args:
            data: an entry of `keras_mdgan.datasets.DATASETS`, or another object with
                its attributes.
        """
        own = dataclasses.replace(self, changes={}, **self.changes.get(data.name, {}))
        n_points = own.n_points or data.n_points
        steps = own.steps or own.epochs * (n_points // own.batch_size)
        return dataclasses.replace(own, n_points=n_points, steps=steps)

    @property
    def steps_per_epoch(self) -> int:
        return self.n_points // self.batch_size

    def build(self, model: str, data, seed: int, options: Mapping | None = None):
        """A compiled model for a data set, seeded throughout.

        Args:
            model: a key of `METHODS`.
            data: as for `on`.
            seed: an integer >= 0.
            options: further arguments of the model. `rate` is a factor for the learning
                rates of its own optimizers. For `mixture_density`, `components` also
                decides the discriminator's outputs, and `variance` is that of real
                and of generated data.

        Raises:
            ValueError: if `model` is unknown, and as the model's class.
        """
        check_choice("model", model, METHODS)
        setting, given = self.on(data), {}
        if model == "mixture_density":
            given = dict(setting.mixture_density)
        if setting.searched:
            given |= SEARCHED.get(data.name, {}).get(model, {})
        given |= options or {}
        components = setting.components
        if model == "mixture_density":
            components = given.setdefault("components", components)
            if "variance" in given:
                variance = given.pop("variance")
                given |= {"variance_real": variance, "variance_fake": variance}
        rate = given.pop("rate", 1.0)
        networks = setting.networks(
            data, setting.steps, 1000 * seed, setting.n_points, components
        )
        gan = METHODS[model].build(
            networks, seed=seed, ema_momentum=setting.ema_momentum, **given
        )
        gan.compile(
            setting.optimizers(gan, setting.steps, rate=rate),
            steps_per_execution=min(
                setting.steps_per_epoch, setting.steps_per_execution
            ),
        )
        return gan


def updates_per_step(gan, name: str) -> int:
    """How many updates a player makes in a training step."""
    return next(player.steps for player in gan.players() if player.name == name)


def with_schedule(optimizer, schedule):
    """A new optimizer like another one, with a schedule as its learning rate."""
    config = optimizer.get_config()
    config["learning_rate"] = schedule
    return type(optimizer)(**config)


def rate_of(optimizer: keras.optimizers.Optimizer) -> float:
    """An optimizer's learning rate as it stands."""
    return float(optimizer.learning_rate.numpy())
