"""What a run measures while it trains: its curve, and the time that it took."""

import dataclasses
import json
import time

import keras
import numpy as np

from keras_mdgan.files import replaced_when_written


@dataclasses.dataclass(frozen=True)
class Plan:
    """The number of a run's epochs, and the epochs after which samples are measured.

    Examples:
        >>> plan = Plan(per_epoch=20, epochs=5, every=2)
        >>> [epoch for epoch in range(1, 6) if plan.measures_after(epoch)]
        [2, 4, 5]

    Args:
        per_epoch: training steps per epoch.
        epochs: the number of epochs.
        every: the number of epochs from one evaluation to the next.
    """

    per_epoch: int
    epochs: int
    every: int

    @classmethod
    def of(cls, steps: int, per_epoch: int, evaluations: int) -> "Plan":
        """Whole epochs for at least `steps`, with about so many evaluations."""
        epochs = -(-steps // per_epoch)
        return cls(per_epoch, epochs, max(epochs // evaluations, 1))

    def measures_after(self, epoch: int) -> bool:
        """Whether samples are measured after epoch `epoch`, counted from 1."""
        return epoch % self.every == 0 or epoch == self.epochs


def evaluated(samples, run, plan: Plan, epoch: int) -> tuple[dict, str]:
    """The figures after epoch `epoch` for the record, and a line of text with them."""
    figures = run.measures.figures(samples)
    step = epoch * plan.per_epoch
    line = f"{run.name}: step {step}/{plan.epochs * plan.per_epoch}  "
    line += run.measures.line(figures)
    kept = {k: v for k, v in figures.items() if k not in ("counts", "n_modes")}
    return {"step": step, **kept}, line


def rounded(logs) -> dict:
    """Logs for a record: floats of five digits, or `None` if they are not finite."""
    return {
        name: round(float(value), 5) if np.isfinite(value) else None
        for name, value in (logs or {}).items()
    }


class Spent:
    """The time that training took, over all interruptions and without evaluations.

    Args:
        seconds: of the clock.
        processor_seconds: of all threads together. They do not depend on what else the
            machine did.
    """

    def __init__(self, seconds: float = 0.0, processor_seconds: float = 0.0):
        self.seconds, self.processor_seconds = seconds, processor_seconds

    def go_on(self):
        self._began = time.perf_counter(), time.process_time()

    def pause(self):
        self.seconds += time.perf_counter() - self._began[0]
        self.processor_seconds += time.process_time() - self._began[1]

    def as_list(self) -> list[float]:
        return [round(self.seconds, 1), round(self.processor_seconds, 1)]

    def as_dict(self) -> dict:
        return dict(zip(("seconds", "processor_seconds"), self.as_list()))


class Curve(keras.callbacks.Callback):
    """Measures samples at the plan's epochs, and keeps the figures with the backup."""

    def __init__(self, run, plan, file, report):
        super().__init__()
        self.run, self.plan = run, plan
        self.file, self.report = file, report
        self.evaluations, self.logs, self.spent = [], {}, Spent()

    def restore(self, logs=None):
        """Read the evaluations up to the step of the restored backup."""
        if self.file.exists():
            try:
                kept = json.loads(self.file.read_text())
                self.evaluations, self.logs = kept["evaluations"], kept["logs"]
                self.spent = Spent(*kept.get("spent", ()))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{self.file} is damaged: {error}. Remove its folder, "
                    f"{self.file.parent}, to train this run from the start"
                ) from error
        done = self._done()
        # An evaluation after the last backup will be made again.
        self.evaluations = [e for e in self.evaluations if e["step"] <= done]
        if done:
            self.report(f"{self.run.name}: goes on from step {done}")
        self.spent.go_on()

    def _done(self):
        return int(self.model.optimizer.iterations.numpy())

    def on_epoch_end(self, epoch, logs=None):
        self.logs = rounded(logs)
        if self._done() < (epoch + 1) * self.plan.per_epoch:
            return  # undone by the `NaNGuard`: measured before, if it was to be
        self.spent.pause()
        if self.plan.measures_after(epoch + 1) and self.run.measures.during_training:
            self._evaluate(epoch)
        elif self.plan.measures_after(epoch + 1):
            done = (epoch + 1) * self.plan.per_epoch
            self.report(f"{self.run.name}: step {done}")
        kept = {"evaluations": self.evaluations, "logs": self.logs}
        with replaced_when_written(self.file) as beside:
            beside.write_text(json.dumps(kept | {"spent": self.spent.as_list()}))
        self.spent.go_on()

    def _evaluate(self, epoch):
        samples = self.run.measures.samples(self.model, self.run.seed, last=False)
        entry, line = evaluated(samples, self.run, self.plan, epoch + 1)
        entry |= self.run.measures.of_model(self.model, last=False)
        self.evaluations.append(entry)
        self.report(line)
