"""The seeds of one experiment trained at once, by one JAX program over all of them.

For a GPU, where a small network leaves the device idle; on a CPU the seeds take as long
together as one by one. Each seed has the batches, the random numbers and the
evaluations that `runner.run` gives it, and a record of the same form.
"""

import math
import time

import keras

from keras_mdgan.experiments.record import (
    Plan,
    Run,
    evaluated,
    rounded,
    samples_of,
    write_record,
)
from keras_mdgan.experiments.settings import DATA


def check_backend() -> None:
    """Raise a `ValueError` that names the backend unless it is JAX."""
    backend = keras.backend.backend()
    if backend != "jax":
        raise ValueError(
            "Seeds can be stacked on JAX alone: set KERAS_BACKEND=jax. "
            f"Received: KERAS_BACKEND={backend}"
        )


def run_stacked(
    runs: list[Run], out, command: str = "", evaluations: int = 16, report=print
) -> tuple[list[dict], dict[str, str]]:
    """Train, evaluate and record the seeds of one experiment at once.

    A seed whose logs are not finite at an evaluation is given up, with no record; the
    others go on, as no number of one seed enters another. Records are written at the
    end: what is interrupted before starts from step 0 again.

    Args:
        runs: runs that differ in their seed alone.
        out: the results' folder.
        command: what was typed, for the records.
        evaluations: how often to count modes.
        report: called with a line of text for each seed after each evaluation.

    Returns:
        The records, in the order of the runs, also written to `run_.path(out)`, and a
        dictionary from the names of failed runs to the reason. A record's `stacked`
        is the number of runs trained at once, and its `seconds` the wall time of all
        of them divided by it.

    Raises:
        ValueError: if the backend is not JAX, or the runs differ in more than seeds.
    """
    check_backend()
    _check_same(runs)
    from keras_mdgan.training.jax_stacked import Stack

    setting, plan = runs[0].resolved, Plan.of(runs[0].resolved, evaluations)
    data = DATA[runs[0].data].make()
    gans = [setting.build(r.model, r.data, r.seed) for r in runs]
    sources = [
        data.as_dataset(setting.n_points, setting.batch_size, seed=r.seed) for r in runs
    ]
    counts = {r.name: [] for r in runs}
    failed: dict[str, str] = {}
    began, waiting = time.perf_counter(), []
    stack = Stack(gans)
    for epoch in range(1, plan.epochs + 1):
        position = (epoch - 1) * plan.per_epoch
        waiting.append(
            stack.train_epoch([s.take(position, plan.per_epoch) for s in sources])
        )
        if not plan.counts_after(epoch):
            continue
        # Logs of the epochs since the last evaluation: reading them waits for the
        # device, so not after every epoch.
        last = _by_run(runs, waiting, epoch, failed, report)
        waiting = []
        if len(failed) == len(runs):
            break
        stack.unstack()
        for run_, gan in zip(runs, gans):
            if run_.name not in failed:
                entry, line = evaluated(gan, run_, data, plan, epoch)
                counts[run_.name].append(entry)
                report(line)
    seconds = (time.perf_counter() - began) / len(runs)
    records = [
        write_record(
            run_,
            out,
            samples_of(gan, run_),
            data,
            trained={"seconds": round(seconds, 1), "stacked": len(runs)},
            logs=rounded(last[run_.name]),
            evaluations=counts[run_.name],
            command=command,
        )
        for run_, gan in zip(runs, gans)
        if run_.name not in failed
    ]
    return records, failed


def _check_same(runs):
    if not runs:
        raise ValueError("`runs` must hold at least one run. Received: runs=[]")
    kinds = {(r.data, r.setting, r.model, r.steps) for r in runs}
    if len(kinds) > 1 or len({r.seed for r in runs}) < len(runs):
        raise ValueError(
            "`runs` must differ in their seeds, and in nothing else. "
            f"Received: {', '.join(r.name for r in runs)}"
        )


def _by_run(runs, epochs, last, failed, report):
    """Each run's logs of the last epoch; notes in `failed` who has no finite ones.

    Args:
        runs: the runs.
        epochs: for each epoch its logs, a dictionary of arrays `(runs,)`.
        last: the number of the last of these epochs, counted from 1.
        failed: gets the reason for each run that fails here.
        report: called with a line for each.
    """
    host = [
        {name: keras.ops.convert_to_numpy(values) for name, values in sorted(e.items())}
        for e in epochs
    ]
    for i, run_ in enumerate(runs):
        for epoch, logs in enumerate(host, start=last - len(host) + 1):
            bad = [name for name, v in logs.items() if not math.isfinite(v[i])]
            if bad and run_.name not in failed:
                failed[run_.name] = f"`{bad[0]}` is {logs[bad[0]][i]} in epoch {epoch}"
                report(f"{run_.name}: FAILED, no record: {failed[run_.name]}")
    return {
        run_.name: {name: values[i] for name, values in host[-1].items()}
        for i, run_ in enumerate(runs)
    }
