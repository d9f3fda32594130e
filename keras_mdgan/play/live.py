"""A Mixture Density GAN that trains, and whose options change while it does."""

import threading
from typing import NamedTuple

import numpy as np

import keras_mdgan as km
from keras_mdgan.validation import check_choice, check_integer, check_number

DATA = ("ring", "grid")
ASSIGNMENTS = ("max", "mixture", "balanced")
MOST_COMPONENTS = 30


class Progress(NamedTuple):
    """A look at a training model: steps so far, samples `(1000, 2)` and its logs."""

    steps: int
    samples: np.ndarray
    logs: dict[str, float]


class LiveTraining:
    """An MD-GAN of `recipes.points` that trains a few steps at a time.

    `change` gives it other components, another variance or another assignment. The
    next `advance` then goes on with a new model that has the old one's weights, and
    optimizers that have the old ones' moments, rates and steps. Only the layer of the
    discriminator whose shape depends on the components starts anew. Without a change
    the model is that of an undisturbed `fit`.

    Examples:
        >>> live = LiveTraining("ring", steps=80)
        >>> live.change(components=5, assignment="balanced")
        >>> progress = live.advance(40)
        >>> progress.steps, progress.samples.shape, live.model.components
        (40, (1000, 2), 5)

    Args:
        data: `"ring"` or `"grid"`.
        steps: the length of the run, on which the recipe's noise and rates depend.
        seed: an integer >= 0.

    Raises:
        ValueError: if an argument is not as described.
    """

    def __init__(self, data: str = "ring", steps: int = 6_000, seed: int = 0):
        check_choice("data", data, DATA)
        self.data, self.length = data, check_integer("steps", steps)
        self.seed = check_integer("seed", seed, at_least=0)
        self.options = {"components": 10, "variance": 0.25, "assignment": "max"}
        self._wanted = dict(self.options)
        self._recipe, self._epoch = self._made(self.options), 0
        self._training = threading.Lock()
        self._stopped = threading.Event()

    @property
    def model(self):
        """The model of the present options."""
        return self._recipe.model

    @property
    def known(self):
        """The data set, with its modes."""
        return km.datasets.dataset(self.data).make()

    @property
    def done(self) -> bool:
        """Whether the run has its full length."""
        return self._epoch >= self._recipe.epochs

    def change(self, **options) -> None:
        """Train with other options from the next `advance` on.

        Args:
            components: the number of Gaussians, from 2 to 30.
            variance: their variance, above 0.
            assignment: `"max"`, `"mixture"` or `"balanced"`; see `MixtureDensityGAN`.

        Raises:
            ValueError: if one is unknown or out of its range; no option changes then.
        """
        for name in options:
            check_choice("options", name, self.options)
        wanted = {**self._wanted, **options}
        components = check_integer("components", wanted["components"], at_least=2)
        if components > MOST_COMPONENTS:
            raise ValueError(
                f"`components` must be at most {MOST_COMPONENTS}. "
                f"Received: components={components}"
            )
        check_number("variance", wanted["variance"], above=0)
        check_choice("assignment", wanted["assignment"], ASSIGNMENTS)
        self._wanted = wanted

    def advance(self, steps: int) -> Progress:
        """Train on, and look at the model.

        Args:
            steps: how many; whole epochs of 40 steps are trained, at least one, and
                none beyond the run's length.
        """
        self._switch()
        epochs = max(check_integer("steps", steps) // len(self._recipe.data), 1)
        last = min(self._epoch + epochs, self._recipe.epochs)
        history = self.model.fit(
            self._recipe.data, initial_epoch=self._epoch, epochs=last, verbose=0
        ).history
        self._epoch = last
        samples = self.model.sample(1000, seed=self.seed)
        logs = {name: float(values[-1]) for name, values in history.items()}
        return Progress(last * len(self._recipe.data), samples, logs)

    def run(self, steps: int):
        """Yields the progress of every `steps` until the end, or until `stop`.

        Raises:
            RuntimeError: if another thread runs it.
        """
        if not self._training.acquire(blocking=False):
            raise RuntimeError("The model is training already")
        try:
            self._stopped.clear()
            while not self.done and not self._stopped.is_set():
                yield self.advance(steps)
        finally:
            self._training.release()

    def stop(self) -> None:
        """Let `run` end after the steps that it is in."""
        self._stopped.set()

    def _switch(self):
        """Go on with a model of the wanted options, if these are not the present."""
        options = dict(self._wanted)
        if options != self.options:
            made = self._made(options)
            _carry_over(self.model, made.model)
            self._recipe, self.options = made, options

    def _made(self, options):
        return km.recipes.points(
            self.data, "mixture_density", self.length, self.seed, options=options
        )


def _carry_over(old, new) -> None:
    """Give a model the weights, and the optimizers' variables, of another's shape."""
    for theirs, mine in (
        (old.variables, new.variables),
        (old.optimizer.variables, new.optimizer.variables),
    ):
        for before, now in zip(theirs, mine, strict=True):
            if before.shape == now.shape:
                now.assign(before.value)
