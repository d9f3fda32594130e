"""One training run of an experiment, resumable, with its record on disk."""

import dataclasses
import json
import pathlib
import platform
import time
import warnings

import keras
import numpy as np

import keras_mdgan as km
from keras_mdgan.experiments.settings import DATA, SETTINGS
from keras_mdgan.files import replaced_when_written


@dataclasses.dataclass(frozen=True)
class Run:
    """Which run: data, setting, model and seed, and optionally another length.

    Examples:
        >>> Run("grid", "ours", "vanilla", seed=3).name
        'grid/ours/vanilla/seed_3'
    """

    data: str
    setting: str
    model: str
    seed: int
    steps: int | None = None

    @property
    def name(self) -> str:
        return f"{self.data}/{self.setting}/{self.model}/seed_{self.seed}"

    @property
    def resolved(self):
        """The setting, with this run's length."""
        setting = SETTINGS[self.setting]
        return (
            setting
            if self.steps is None
            else dataclasses.replace(setting, steps=self.steps)
        )

    @property
    def details(self) -> dict:
        """What a record says of this kind of run beside what all records say."""
        return {}

    @property
    def keeps_samples(self) -> bool:
        """Whether samples are written beside the record, for a figure."""
        return self.seed == 0

    def path(self, out) -> pathlib.Path:
        """The record's path below the results' folder."""
        return pathlib.Path(out) / self.setting / self.model / f"seed_{self.seed}.json"

    def build(self):
        """The compiled model."""
        return self.resolved.build(self.model, self.data, self.seed)


def finished(run_: Run, out) -> bool:
    """Whether a record of this run, at this length, is there."""
    path = run_.path(out)
    if not path.exists():
        return False
    return json.loads(path.read_text())["steps"] == run_.resolved.steps


def run(run_: Run, out, command: str = "", evaluations: int = 16, report=print) -> dict:
    """Train, evaluate and record one run.

    A run that was interrupted goes on from the end of its last evaluated stretch.

    Args:
        run_: which run.
        out: the results' folder. Backups go to its `.backup`, and are removed.
        command: what was typed, for the record.
        evaluations: how often to count modes.
        report: called with a line of text after each evaluation.

    Returns:
        The record, also written to `run_.path(out)`.
    """
    setting = run_.resolved
    data = DATA[run_.data].make()
    gan = run_.build()
    per_epoch = setting.n_points // setting.batch_size
    epochs = -(-setting.steps // per_epoch)
    every = max(epochs // evaluations, 1)
    record = _Record(data, run_, every, per_epoch, report)
    backup = pathlib.Path(out) / ".backup" / run_.name
    record.file = backup / "record.json"
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Training stopped", RuntimeWarning)
        gan.fit(
            data.as_dataset(setting.n_points, setting.batch_size, seed=run_.seed),
            epochs=epochs,
            verbose=0,
            callbacks=[km.callbacks.BackupAndRestore(backup), record],
        )
    seconds = time.perf_counter() - began
    samples = gan.sample(2500, seed=10_000 + run_.seed)
    result = {
        "run": run_.name,
        "model": run_.model,
        "setting": run_.setting,
        "seed": run_.seed,
        "steps": setting.steps,
        "batch_size": setting.batch_size,
        **run_.details,
        "seconds": round(seconds, 1),
        **_figures(km.metrics.mode_coverage(samples, data)),
        "logs": record.logs,
        "evaluations": record.evaluations,
        "command": command,
        "versions": versions(),
    }
    path = run_.path(out)
    with replaced_when_written(path) as beside:
        beside.write_text(json.dumps(result, indent=1) + "\n")
    if run_.keeps_samples:
        with replaced_when_written(path.with_suffix(".npy")) as beside:
            with open(beside, "wb") as file:
                np.save(file, samples.astype("float16"))
    return result


def versions() -> dict:
    """Backend and versions, for a record."""
    backend = keras.backend.backend()
    module = __import__(backend)
    return {
        "keras_mdgan": km.__version__,
        "keras": keras.__version__,
        backend: module.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _figures(coverage) -> dict:
    names = ("modes", "modes_strict", "n_modes", "high_quality", "kl", "spread")
    return {name: round(float(getattr(coverage, name)), 4) for name in names} | {
        "counts": list(coverage.counts)
    }


class _Record(keras.callbacks.Callback):
    """Counts modes now and then, and keeps the counts with the backup."""

    file = None

    def __init__(self, data, run_, every, per_epoch, report):
        super().__init__()
        self.data, self.run, self.every = data, run_, every
        self.per_epoch, self.report = per_epoch, report
        self.evaluations, self.logs = [], {}

    def on_train_begin(self, logs=None):
        if self.file.exists():
            self.evaluations = json.loads(self.file.read_text())
        done = int(self.model.optimizer.iterations.numpy())
        self.evaluations = [e for e in self.evaluations if e["step"] <= done]
        if done:
            self.report(f"{self.run.name}: goes on from step {done}")

    def on_epoch_end(self, epoch, logs=None):
        self.logs = {k: round(float(v), 5) for k, v in (logs or {}).items()}
        if (epoch + 1) % self.every and epoch + 1 != self.params["epochs"]:
            return
        samples = self.model.sample(2500, seed=10_000 + self.run.seed)
        figures = _figures(km.metrics.mode_coverage(samples, self.data))
        figures.pop("counts"), figures.pop("n_modes")
        step = (epoch + 1) * self.per_epoch
        self.evaluations.append({"step": step, **figures})
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with replaced_when_written(self.file) as beside:
            beside.write_text(json.dumps(self.evaluations))
        self.report(
            f"{self.run.name}: step {step}/{self.params['epochs'] * self.per_epoch}  "
            f"modes {figures['modes']:.0f} (>=20: {figures['modes_strict']:.0f})  "
            f"high quality {figures['high_quality']:.1f} %  KL {figures['kl']:.3f}  "
            f"spread {figures['spread']:.2f}"
        )
