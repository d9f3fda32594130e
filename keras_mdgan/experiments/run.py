"""One training run of an experiment, resumable, with its record on disk."""

import dataclasses
import functools
import pathlib
import warnings
from collections.abc import Mapping
from typing import Any

import keras

import keras_mdgan as km
from keras_mdgan.datasets import dataset
from keras_mdgan.experiments import measures
from keras_mdgan.experiments.curve import Curve, Plan
from keras_mdgan.experiments.records import Records
from keras_mdgan.files import remove_folder
from keras_mdgan.recipes import METHODS, setting_for, trained_as
from keras_mdgan.saving.versions import versions


@dataclasses.dataclass(frozen=True)
class Run:
    """A run: its data, setting, model, seed, options and, if given, its length.

    Examples:
        >>> Run("grid", "ours", "vanilla", seed=3).name
        'grid/ours/vanilla/seed_3'
        >>> Run("grid", "ours", "vanilla", seed=3, options={"rate": 0.2}).name
        'grid/ours/vanilla/rate_0.2/seed_3'

    Args:
        data: a key of `keras_mdgan.datasets.DATASETS`.
        setting: a key of `keras_mdgan.recipes.SETTINGS`.
        model: a key of `keras_mdgan.recipes.METHODS`.
        seed: an integer >= 0.
        options: further arguments of the model, as in `Setting.build`.
        steps: training steps; by default the setting's number.
        experiment: a key of `repeats.EXPERIMENTS`, whose measures the run then has.
    """

    data: str
    setting: str
    model: str
    seed: int
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    steps: int | None = None
    experiment: str = ""

    @property
    def name(self) -> str:
        options = [f"{name}_{value}" for name, value in self.options.items()]
        parts = [self.data, self.setting, self.model, *options, f"seed_{self.seed}"]
        return "/".join([self.experiment, *parts] if self.experiment else parts)

    @property
    def resolved(self):
        """The setting with this run's length and the batch size of its steps."""
        return setting_for(
            self.setting, self.data, self.steps, self.model, self.options
        )

    @functools.cached_property
    def measures(self):
        """The measures of its samples."""
        return measures.of(dataset(self.data), self.experiment)

    @property
    def keeps_samples(self) -> bool:
        """Whether samples are kept for a figure."""
        if self.experiment:  # those with figures of samples have their own measures
            return self.seed == 0 and not self.measures.during_training
        return self.seed == 0 and not self.options

    def build(self):
        """The compiled model."""
        with warnings.catch_warnings():
            # No warning: tables of components and variances mark crowded mixtures.
            if self.options:
                warnings.filterwarnings("ignore", "The vertices of", UserWarning)
            return self.resolved.build(
                self.model, dataset(self.data), self.seed, self.options
            )

    def batches(self):
        """The batches of the run's training, with labels if the model uses them."""
        setting, data = self.resolved, dataset(self.data)
        return data.as_dataset(
            setting.n_points,
            setting.batch_size,
            seed=self.seed,
            labels=METHODS[self.model].uses_labels(self.options),
        )

    def backup(self, folder) -> pathlib.Path:
        """The folder of its state during training.

        The folder depends on the length, because a run of another length has another
        schedule.
        """
        steps = f"{self.resolved.steps}_steps"
        return pathlib.Path(folder) / self.name / steps


def runs_of(
    data: str, settings, models, seeds: int, options=None, steps: int | None = None
) -> list[Run]:
    """The runs of a table: seeds 0 to `seeds - 1` of each model and setting.

    Two settings may be trained as one: each run is there only once.
    """
    wanted = [
        Run(data, trained_as(setting, data, model), model, seed, options or {}, steps)
        for setting in settings
        for model in models
        for seed in range(seeds)
    ]
    return list({each.name: each for each in wanted}.values())


def train(run: Run, out, command="", evaluations: int = 16, report=print) -> dict:
    """Train, evaluate and record one run.

    An interrupted run resumes from its last backup. If a loss is not finite, the run
    ends with the last good weights, and its record has `stopped_at_step`.

    Args:
        run: the run.
        out: the folder of the data set's results. Backups are in its `.backup`, and are
            removed after the record is written.
        command: the command line, for the record.
        evaluations: the number of evaluations.
        report: a function that is called with a line of text after each evaluation.

    Returns:
        The record, also written to the folder's `records.jsonl`.
    """
    run.measures.prepare()
    batches = run.batches()  # there may be fewer samples than the setting asks for
    plan = Plan.of(run.resolved.steps, len(batches), evaluations)
    gan, backup = run.build(), run.backup(pathlib.Path(out) / ".backup")
    curve = Curve(run, plan, backup / "evaluations.json", report)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Training stopped", RuntimeWarning)
        gan.fit(
            batches,
            epochs=plan.epochs,
            verbose=0,
            callbacks=[
                # Before the backup: after a kill in between, the epoch and its
                # evaluation are made again.
                curve,
                km.callbacks.BackupAndRestore(backup, delete_checkpoint=False),
                keras.callbacks.LambdaCallback(on_train_begin=curve.restore),
            ],
        )
    trained = curve.spent.as_dict()
    done = int(gan.optimizer.iterations.numpy())
    if done < plan.epochs * plan.per_epoch:  # stopped by the `NaNGuard`
        trained["stopped_at_step"] = done
        report(f"{run.name}: a loss was not finite; stopped at step {done}")
    trained |= run.measures.of_model(gan)
    samples = run.measures.samples(gan, run.seed)
    found = write(run, out, samples, trained, curve.logs, curve.evaluations, command)
    # At the end: a run that is killed while its record is written can still resume.
    remove_folder(backup)
    return found


def write(run: Run, out, samples, trained, logs, evaluations, command) -> dict:
    """Write the record of a run and, for a figure, seed 0's samples.

    Args:
        run: the run.
        out: the folder of the data set's results.
        samples: the trained model's samples, from `run.measures.samples`.
        trained: `seconds` of training, and further entries about it and the model.
        logs: means over the last epoch.
        evaluations: a dictionary of figures for each evaluation.
        command: the command line.

    Returns:
        The record.
    """
    setting = run.resolved
    record = {
        "data": run.data,
        "setting": run.setting,
        "model": run.model,
        "seed": run.seed,
        "options": dict(run.options),
        "command": command,  # early, so that a truncated line still has the command
        **({"experiment": run.experiment} if run.experiment else {}),
        "steps": setting.steps,
        "batch_size": setting.batch_size,
        **trained,
        **run.measures.figures(samples),
        "logs": logs,
        # One list per figure takes half the space of one dictionary per evaluation.
        "evaluations": {
            name: [entry.get(name) for entry in evaluations]
            for name in dict.fromkeys(key for entry in evaluations for key in entry)
        },
        "versions": versions(),
    }
    kept = run.measures.kept(samples) if run.keeps_samples else None
    Records(out).add(record, kept)
    return record
