"""One training run of an experiment, resumable, with its record on disk."""

import json
import pathlib
import time
import warnings

import keras

import keras_mdgan as km
from keras_mdgan.experiments.record import (
    Plan,
    Run,
    evaluated,
    rounded,
    write_record,
)
from keras_mdgan.experiments.settings import DATA
from keras_mdgan.files import replaced_when_written


def run(run_: Run, out, command: str = "", evaluations: int = 16, report=print) -> dict:
    """Train, evaluate and record one run.

    A run that was interrupted goes on from the end of its last evaluated stretch. One
    whose losses cease to be finite ends there, with the last good weights, and its
    record says so (`stopped_at_step`).

    Args:
        run_: which run.
        out: the results' folder. Backups go to its `.backup`, and are removed.
        command: what was typed, for the record.
        evaluations: how often to count modes.
        report: called with a line of text after each evaluation.

    Returns:
        The record, also written to `run_.path(out)`.
    """
    setting, plan = run_.resolved, Plan.of(run_.resolved, evaluations)
    run_.measures.prepare()
    data = DATA[run_.data].make()
    gan = run_.build()
    # By length as well: a run of another length has another schedule.
    backup = pathlib.Path(out) / ".backup" / run_.name / f"{setting.steps}_steps"
    record = _Record(run_, plan, backup / "record.json", report)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Training stopped", RuntimeWarning)
        gan.fit(
            data.as_dataset(setting.n_points, setting.batch_size, seed=run_.seed),
            epochs=plan.epochs,
            verbose=0,
            callbacks=[km.callbacks.BackupAndRestore(backup), record],
        )
    trained = {"seconds": round(time.perf_counter() - began, 1)}
    done = int(gan.optimizer.iterations.numpy())
    if done < plan.epochs * plan.per_epoch:  # by the `NaNGuard`
        trained["stopped_at_step"] = done
        report(f"{run_.name}: a loss was not finite; stopped at step {done}")
    return write_record(
        run_,
        out,
        run_.measures.samples(gan, run_.seed),
        trained=trained,
        logs=record.logs,
        evaluations=record.evaluations,
        command=command,
    )


class _Record(keras.callbacks.Callback):
    """Counts modes now and then, and keeps the counts with the backup."""

    def __init__(self, run_, plan, file, report):
        super().__init__()
        self.run, self.plan = run_, plan
        self.file, self.report = file, report
        self.evaluations, self.logs = [], {}

    def on_train_begin(self, logs=None):
        if self.file.exists():
            self.evaluations = json.loads(self.file.read_text())
        done = int(self.model.optimizer.iterations.numpy())
        self.evaluations = [e for e in self.evaluations if e["step"] <= done]
        if done:
            self.report(f"{self.run.name}: goes on from step {done}")

    def on_epoch_end(self, epoch, logs=None):
        self.logs = rounded(logs)
        if not self.plan.counts_after(epoch + 1):
            return
        samples = self.run.measures.samples(self.model, self.run.seed, last=False)
        entry, line = evaluated(samples, self.run, self.plan, epoch + 1)
        self.evaluations.append(entry)
        with replaced_when_written(self.file) as beside:
            beside.write_text(json.dumps(self.evaluations))
        self.report(line)
