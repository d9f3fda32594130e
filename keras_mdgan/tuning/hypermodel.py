"""The base of the hypermodels: it trains and measures one GAN per seed."""

import os
import pathlib
import re
from collections.abc import Callable
from typing import Any

import keras
import keras_tuner
import numpy as np

from keras_mdgan.callbacks.summaries import EventFile, require_tensorboard
from keras_mdgan.metrics import mode_coverage
from keras_mdgan.metrics.modes import MODE_FIGURES
from keras_mdgan.training import GAN, ShuffledBatches
from keras_mdgan.validation import check_all, check_integer


class GANHyperModel(keras_tuner.HyperModel):
    """Base of hypermodels: trains one GAN per seed, and reports means over the seeds.

    A subclass defines `make(hp, seed)`, a compiled GAN. `tuner.search()` needs no
    arguments. All measures can be objectives, such as
    `keras_tuner.Objective("modes", "max")`. The best weights are those of the best
    measured epoch of any seed.

    Args:
        data: a toy data set, an array `(n, *data_shape)`, with labels `(x, y)`, or a
            `ShuffledBatches`. A model that uses labels gets those of a toy data set's
            modes.
        epochs: passes over the data; a toy data set gives 10,000 points per pass.
        batch_size: real samples per step; it does not apply to a `ShuffledBatches`.
        evaluate: a function from a GAN to a dictionary of floats. The default, for a
            toy data set, measures `modes`, `modes_strict`, `high_quality`, `kl` and
            `spread` of 2,500 samples.
        every: measure after every `every` epochs, and after the last.
        seeds: runs per trial, with the seeds 0, 1, ...
        tensorboard: a folder for TensorBoard's HParams dashboard. Each run of a trial
            has a folder there, with its hyperparameters and measures. The seeds of one
            trial are a group. It works on every backend.

    Raises:
        ValueError: if a number is not a positive integer, or there is nothing to
            measure with.
        ImportError: if `tensorboard` is given and TensorBoard is not installed.
    """

    def __init__(
        self,
        data: Any,
        *,
        epochs: int = 50,
        batch_size: int = 250,
        evaluate: Callable[[GAN], dict[str, float]] | None = None,
        every: int | None = None,
        seeds: int = 1,
        tensorboard: str | os.PathLike | None = None,
    ):
        super().__init__()
        if tensorboard is not None:
            require_tensorboard()
        self.tensorboard = tensorboard
        self.epochs = check_integer("epochs", epochs)
        self.batch_size = check_integer("batch_size", batch_size)
        self.every = check_integer("every", every or epochs)
        self.seeds = check_integer("seeds", seeds)
        self.data = data
        if evaluate is None and not hasattr(data, "centers"):
            raise ValueError(
                "`evaluate` must be a function from a GAN to a dictionary of floats: "
                "these data have no modes to count. Received: evaluate=None"
            )
        self.evaluate = evaluate or self._modes
        # The names of its values, if they are known before the first trial.
        self._measured = MODE_FIGURES if evaluate is None else None

    def make(self, hp: keras_tuner.HyperParameters, seed: int) -> GAN:
        """The compiled GAN of a trial and a seed."""
        raise NotImplementedError(f"{type(self).__name__} must define `make`.")

    def build(self, hp):
        """The model of the trial's first seed; KerasTuner calls it."""
        return self.make(hp, 0)

    def fit(self, hp, model, *args, callbacks=(), **kwargs):
        """Train and measure one model per seed; KerasTuner calls it.

        Hyperband sets the number of epochs, and the first epoch of the first model.

        Returns:
            A list of dictionaries, one per seed. KerasTuner computes their mean.

        Raises:
            ValueError: if the tuner's objective is none of the logs and measures. To
                see its names, an `evaluate` of the user's is called once more, with a
                model that is not trained.
        """
        epochs = kwargs.pop("epochs", self.epochs)
        begun = kwargs.pop("initial_epoch", 0)
        self._check_objectives(hp, model, callbacks, "validation_data" in kwargs)
        results = []
        for seed in range(self.seeds):
            gan = model if seed == 0 else self.make(hp, seed)
            events = self._events(hp, seed)
            measuring = _Measuring(self.evaluate, self.every, events)
            gan.fit(
                self._source(seed, gan.uses_labels),
                epochs=epochs,
                initial_epoch=0 if seed else begun,
                # It comes first: the tuner's callbacks read the objective in the logs.
                callbacks=[measuring, *callbacks],
                **{"verbose": 0, **kwargs},
            )
            results.append(measuring.values)
            if events is not None:
                events.end_of_session()
        return results

    def _check_objectives(self, hp, gan, callbacks, validated):
        """End the search if no epoch will have the tuner's objective in its logs.

        KerasTuner notices it after a trial, and would go on after another error.
        """
        objectives = (getattr(each, "objective", None) for each in callbacks)
        wanted = {
            name
            for objective in objectives
            if isinstance(objective, keras_tuner.Objective)
            for name in getattr(objective, "name_to_direction", (objective.name,))
        }
        known = {"loss", *gan.log_means.names}
        if validated:
            known |= {f"val_{name}" for name in known}
        if self._measured is None and wanted - known:
            # Of a model of its own: measures may draw the model's random numbers.
            self._measured = tuple(self.evaluate(self.make(hp, 0)))
        known.update(self._measured or ())
        try:
            check_all("objective", sorted(wanted), sorted(known))
        except ValueError as error:
            raise keras_tuner.errors.FatalValueError(str(error)) from None

    def _events(self, hp, seed):
        """The event file of a run, which begins with its hyperparameters."""
        if self.tensorboard is None:
            return None
        # Not those of Hyperband, such as `tuner/trial_id`: they are no choice of ours.
        chosen = {k: v for k, v in hp.values.items() if not k.startswith("tuner/")}
        name = " ".join(f"{k}={v}" for k, v in chosen.items())
        name = re.sub(r"[^\w=.,+ -]", "_", name)[:150]
        events = EventFile(pathlib.Path(self.tensorboard) / name / f"seed {seed}")
        events.hyperparameters(chosen)
        return events

    def _source(self, seed, labels):
        if isinstance(self.data, ShuffledBatches):
            return self.data
        if hasattr(self.data, "as_dataset"):
            return self.data.as_dataset(
                10_000, self.batch_size, seed=seed, labels=labels
            )
        x, y = self.data if isinstance(self.data, tuple) else (self.data, None)
        return ShuffledBatches(
            np.asarray(x),
            None if y is None else np.asarray(y),
            batch_size=self.batch_size,
            seed=seed,
        )

    def _modes(self, gan):
        coverage = mode_coverage(gan.sample(2500, seed=0), self.data)
        return {name: float(getattr(coverage, name)) for name in MODE_FIGURES}


class _Measuring(keras.callbacks.Callback):
    def __init__(self, evaluate, every, events=None):
        super().__init__()
        self.evaluate, self.every, self.values = evaluate, every, {}
        self.events = events

    def on_epoch_end(self, epoch, logs=None):
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        if (epoch + 1) % self.every == 0 or last:
            self.values = {k: float(v) for k, v in self.evaluate(self.model).items()}
            if self.events is not None:
                self.events.scalars(self.values, epoch)
            if logs is not None:
                logs.update(self.values)
