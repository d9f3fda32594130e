"""What a run of an experiment is, and its record on disk."""

import dataclasses
import functools
import json
import pathlib
import platform

import keras
import numpy as np

import keras_mdgan as km
from keras_mdgan.experiments.settings import DATA, setting_for
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
        setting = setting_for(self.setting, self.data)
        return (
            setting
            if self.steps is None
            else dataclasses.replace(setting, steps=self.steps)
        )

    @functools.cached_property
    def measures(self):
        """What is measured of its samples."""
        return DATA[self.data].measures

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


@dataclasses.dataclass(frozen=True)
class Plan:
    """A run's epochs, and after which of them modes are counted.

    Examples:
        >>> plan = Plan(per_epoch=20, epochs=5, every=2)
        >>> [epoch for epoch in range(1, 6) if plan.counts_after(epoch)]
        [2, 4, 5]

    Args:
        per_epoch: training steps an epoch.
        epochs: epochs of the run.
        every: epochs from one count to the next.
    """

    per_epoch: int
    epochs: int
    every: int

    @classmethod
    def of(cls, setting, evaluations: int) -> "Plan":
        """Whole epochs for at least the setting's steps, about `evaluations` counts."""
        per_epoch = setting.n_points // setting.batch_size
        epochs = -(-setting.steps // per_epoch)
        return cls(per_epoch, epochs, max(epochs // evaluations, 1))

    def counts_after(self, epoch: int) -> bool:
        """Whether modes are counted after epoch `epoch`, counted from 1."""
        return epoch % self.every == 0 or epoch == self.epochs


def evaluated(samples, run_: Run, plan: Plan, epoch: int) -> tuple[dict, str]:
    """The figures after epoch `epoch`, for a record, and the line that reports them."""
    figures = run_.measures.figures(samples)
    step = epoch * plan.per_epoch
    line = f"{run_.name}: step {step}/{plan.epochs * plan.per_epoch}  "
    line += run_.measures.line(figures)
    kept = {k: v for k, v in figures.items() if k not in ("counts", "n_modes")}
    return {"step": step, **kept}, line


def rounded(logs) -> dict:
    """Logs for a record: floats of five digits, `None` for what is not finite."""
    return {
        name: round(float(value), 5) if np.isfinite(value) else None
        for name, value in (logs or {}).items()
    }


def write_record(
    run_: Run, out, samples, *, trained, logs, evaluations, command
) -> dict:
    """Write what a run has come to, and seed 0's samples beside it.

    Args:
        run_: which run.
        out: the results' folder.
        samples: those of the trained model, as its measures take them.
        trained: how it was trained: `seconds`, and what else belongs beside it.
        logs: means over the last epoch.
        evaluations: the counts so far.
        command: what was typed.

    Returns:
        The record, as written to `run_.path(out)`.
    """
    setting = run_.resolved
    result = {
        "run": run_.name,
        "model": run_.model,
        "setting": run_.setting,
        **run_.details,
        "seed": run_.seed,
        "steps": setting.steps,
        "batch_size": setting.batch_size,
        **trained,
        **run_.measures.figures(samples),
        "logs": logs,
        "evaluations": evaluations,
        "command": command,
        "versions": versions(),
    }
    path = run_.path(out)
    with replaced_when_written(path) as beside:
        beside.write_text(json.dumps(result, indent=1) + "\n")
    if run_.keeps_samples:
        with replaced_when_written(path.with_suffix(".npy")) as beside:
            with open(beside, "wb") as file:
                np.save(file, run_.measures.kept(samples))
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
