"""Settings: how all models of one table are trained."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras

import keras_mdgan as km
from keras_mdgan.recipes.methods import METHODS
from keras_mdgan.recipes.precision import PRECISIONS, computing_in
from keras_mdgan.recipes.searched import SEARCHED
from keras_mdgan.validation import (
    check_all,
    check_choice,
    check_integer,
    check_number,
)

# Options of `MixtureDensityGAN` that have no meaning with labels.
_OF_ASSIGNMENTS = (
    "assignment",
    "augmentation",
    "consistency_weight",
    "balance_temperature",
    "balance_iterations",
)


@dataclasses.dataclass(frozen=True)
class Setting:
    """How all models of one table are trained.

    On points, a step's batch is divided among the updates of a critic with several. On
    images each update gets a batch of the paper's size: `batch_per_update`.

    Args:
        description: one line for the table.
        batch_size: real samples per step, or per update with `batch_per_update`.
        networks: a function that makes the run's networks from the data, the steps, a
            seed, the number of points and the embeddings' dimension; see
            `PointNetworks`.
        optimizers: a function from the model and the steps to the optimizers.
        mixture_density: arguments of `MixtureDensityGAN`, and but for the assignment
            also of `ConditionalMixtureDensityGAN`.
        steps: training steps; with `None`, `epochs` decides.
        epochs: passes over the data. A critic with several updates per step sees as
            many samples as one with one, in fewer steps.
        n_points: the number of training samples; `None` for the data set's number.
        components: the number of Gaussians of MD-GAN's mixture.
        ema_momentum: see `GAN`.
        change_of: the setting from which this one differs in one piece.
        kind: the kind of its data: `"points"`, `"images"` or `"stacked"`.
        steps_per_execution: training steps per call of the compiled program.
        searched: whether methods use the options that the search found.
        changes: for a data set's name, the fields that differ for it.
        batch_per_update: whether `batch_size` counts the samples of one update. The
            batch of a step is then that size times the most updates of any player
            (see `Player`): each update sees one part of it.
        options: for a key of `METHODS`, arguments of the model.
        precision: see `recipes.images`.
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
    batch_per_update: bool = False
    options: Mapping[str, Mapping] = dataclasses.field(default_factory=dict)
    precision: str = "float32"

    def on(
        self,
        data,
        steps: int | None = None,
        model: str | None = None,
        options: Mapping | None = None,
    ) -> "Setting":
        """The setting for a data set, with samples and steps filled in.

        Args:
            data: an entry of `keras_mdgan.datasets.DATASETS`, or another object with
                its attributes.
            steps: another length than the setting's. A run that is shorter than one
                epoch trains on no more samples than it has steps for.
            model: a key of `METHODS`. With it, `batch_size` of the result is that of
                a step.
            options: see `build`.

        Raises:
            ValueError: if `model` is unknown, or the data have fewer samples than a
                batch.
        """
        own = dataclasses.replace(self, changes={}, **self.changes.get(data.name, {}))
        if model is not None:
            check_choice("model", model, METHODS)
        if model is not None and own.batch_per_update:
            updates = METHODS[model].updates_per_step(
                own._options(model, data, options)
            )
            own = dataclasses.replace(
                own, batch_size=updates * own.batch_size, batch_per_update=False
            )
        n_points = own.n_points or data.n_points
        if n_points < own.batch_size:
            raise ValueError(
                f"A batch has {own.batch_size} samples, more than the data set "
                f"{data.name!r}. Received: {n_points} samples"
            )
        steps = steps or own.steps or own.epochs * (n_points // own.batch_size)
        n_points = min(n_points, steps * own.batch_size)
        return dataclasses.replace(own, n_points=n_points, steps=steps)

    @property
    def steps_per_epoch(self) -> int:
        return self.n_points // self.batch_size

    def build(self, model: str, data, seed: int, options: Mapping | None = None):
        """A compiled model for a data set. The seed decides all its random numbers.

        Args:
            model: a key of `METHODS`.
            data: see `on`.
            seed: an integer >= 0.
            options: further arguments of the model. `rate` is a factor for the learning
                rates of its own optimizers, and `precision` replaces the setting's.
                For `mixture_density`, `components` and `offset` also decide the
                discriminator's outputs, and `augmentation=True` is the one for images
                of the recipe (`False`: none). For it and
                `conditional_mixture_density`, `variance` is that of real and of
                generated data.

        Raises:
            ValueError: if `model` is unknown; see also the model's class.
        """
        check_choice("model", model, METHODS)
        check_options(model, options or {})
        # Networks derive their seeds from it, and a seed has 32 bits.
        if check_integer("seed", seed, at_least=0) > 4_000_000:
            raise ValueError(f"`seed` must be at most 4000000. Received: seed={seed}")
        setting = self.on(data, model=model, options=options)
        given = setting._options(model, data, options)
        components = setting.components
        if model == "mixture_density":
            components = given.setdefault("components", components)
        elif _is_mixture(model):
            components = data.n_classes
        if "variance" in given and _is_mixture(model):
            variance = given.pop("variance")
            given |= {"variance_real": variance, "variance_fake": variance}
        rate = given.pop("rate", 1.0)
        # Spaced, because each network adds its own number to the seed.
        embedding_dim = components if given.get("offset") else components - 1
        networks = setting.networks(
            data, setting.steps, 1000 * seed, setting.n_points, embedding_dim
        )
        given = {"ema_momentum": setting.ema_momentum, **given}
        with computing_in(given.pop("precision", setting.precision)):
            if given.get("augmentation") is True:
                if setting.kind == "points":
                    raise ValueError("`augmentation=True` is for images.")
                given["augmentation"] = networks.augmentation()
            gan = METHODS[model].build(networks, seed=seed, **given)
        gan.compile(
            setting.optimizers(gan, setting.steps, rate=rate),
            steps_per_execution=min(
                setting.steps_per_epoch, setting.steps_per_execution
            ),
        )
        return gan

    def _options(self, model, data, options) -> dict:
        """A run's arguments of the model: the setting's, the search's, then its own."""
        given = dict(self.options.get(model, {}))
        if _is_mixture(model):
            given |= self.mixture_density
        if METHODS[model].cls.uses_labels:  # these assign samples to corners
            given = {k: v for k, v in given.items() if k not in _OF_ASSIGNMENTS}
        if self.searched:
            given |= SEARCHED.get(data.name, {}).get(model, {})
        given |= dict(options or {})
        # The setting's augmentation only goes with its assignment, and its consistency
        # with an augmentation.
        own = options or {}
        if "augmentation" not in own and given.get("assignment") != "balanced":
            given.pop("augmentation", None)
        if given.get("augmentation") is False:
            del given["augmentation"]
        if "consistency_weight" not in own and "augmentation" not in given:
            given.pop("consistency_weight", None)
        return given


def _is_mixture(model):
    """Whether a method is a Mixture Density GAN, with labels or without."""
    return issubclass(METHODS[model].cls, km.MixtureDensityGAN)


def check_options(model: str, options: Mapping) -> None:
    """Refuse options that neither the model's class nor the recipe knows.

    Args:
        model: a key of `METHODS`.
        options: see `Setting.build`.

    Raises:
        ValueError: if one is unknown, or a number out of its range.
    """
    known = {"rate", "precision", *METHODS[model].network_options}
    if _is_mixture(model):
        known |= {"variance"}
    if model == "mixture_density" and "components" in options:
        check_integer("components", options["components"], at_least=2)
    for base in METHODS[model].cls.__mro__:
        if base.__module__.startswith("keras_mdgan") and "__init__" in vars(base):
            known |= set(inspect.signature(base.__init__).parameters)
    # The recipe gives these itself.
    known -= {"self", "args", "kwargs", "generator", "discriminator", "seed"}
    if METHODS[model].cls.uses_labels:  # classes are the data's
        known -= {"n_classes", "components", *_OF_ASSIGNMENTS}
    check_all("options", options, sorted(known))
    if "rate" in options:
        check_number("rate", options["rate"], above=0)
    if "precision" in options:
        check_choice("precision", options["precision"], PRECISIONS)


def updates_per_step(gan, name: str) -> int:
    """The number of a player's updates per training step."""
    return next(player.steps for player in gan.players() if player.name == name)


def with_schedule(optimizer, schedule):
    """A copy of an optimizer with a schedule as its learning rate."""
    config = optimizer.get_config()
    config["learning_rate"] = schedule
    return type(optimizer)(**config)


def rate_of(optimizer: keras.optimizers.Optimizer) -> float:
    """The present learning rate of an optimizer."""
    return float(optimizer.learning_rate.numpy())
