"""Training all seeds of one experiment at once, in one JAX program.

This is for a GPU, which a small network leaves idle. On a CPU the seeds take as long
together as one by one. Each seed has the same batches, random numbers and evaluations
as in `run.train`, and a record of the same form.
"""

import dataclasses

import keras
import numpy as np

from keras_mdgan.callbacks.interrupt import Interruptible
from keras_mdgan.experiments.curve import Plan, Spent, evaluated, rounded
from keras_mdgan.experiments.run import Run, write
from keras_mdgan.training import ShuffledBatches
from keras_mdgan.training.logs import first_not_finite


def check_backend(jobs: int = 1) -> None:
    """Raise a `ValueError` unless the backend is JAX and `jobs`, of `--jobs`, is 1."""
    if jobs > 1:
        raise ValueError(
            "`--vmap` and `--jobs` exclude each other: all seeds are one process. "
            f"Received: --vmap --jobs {jobs}"
        )
    backend = keras.backend.backend()
    if backend != "jax":
        raise ValueError(
            "All seeds can be trained at once on JAX alone: set KERAS_BACKEND=jax. "
            f"Received: KERAS_BACKEND={backend}"
        )


def train_many_seeds(
    runs: list[Run], out, command: str = "", evaluations: int = 16, report=print
) -> tuple[list[dict], dict[str, str]]:
    """Train, evaluate and record the seeds of one experiment at once.

    Each evaluation checks the samples and the logs since the last evaluation. A seed
    with a value that is not finite fails and gets no record. The others continue,
    because seeds do not influence each other. Records are written at the end. After an
    interruption, seeds start from step 0 again.

    Args:
        runs: runs that differ only in their seeds.
        out: the folder of the data set's results.
        command: the command line, for the records.
        evaluations: the number of evaluations.
        report: a function that is called with a line of text for each seed after each
            evaluation.

    Returns:
        The records in the order of the runs, and a dictionary from the names of failed
        runs to the reason. The records are also in the folder's `records.jsonl`.
        A record's `seeds_at_once` is the number of runs trained at once. Its `seconds`
        and `processor_seconds` are those of all of them divided by this number.

    Raises:
        ValueError: if the backend is not JAX, or the runs differ in more than seeds.
    """
    check_backend()
    _check_same(runs)
    seeds = [_Seed(run, run.build(), run.batches()) for run in runs]
    steps, per_epoch = runs[0].resolved.steps, len(seeds[0].source)
    plan = Plan.of(steps, per_epoch, evaluations)
    spent = Spent()
    spent.go_on()
    with Interruptible() as interruptible:
        _train(seeds, plan, interruptible, report)
    spent.pause()
    trained = {k: round(v / len(runs), 1) for k, v in spent.as_dict().items()}
    records = [
        write(
            seed.run,
            out,
            seed.samples,
            {
                **trained,
                "seeds_at_once": len(runs),
                **seed.run.measures.of_model(seed.gan),
            },
            rounded(seed.logs),
            seed.evaluations,
            command,
        )
        for seed in seeds
        if seed.failure is None
    ]
    return records, {s.run.name: s.failure for s in seeds if s.failure is not None}


@dataclasses.dataclass
class _Seed:
    """One of the runs trained at once, and its results so far."""

    run: Run
    gan: keras.Model
    source: ShuffledBatches
    evaluations: list = dataclasses.field(default_factory=list)
    logs: dict | None = None
    samples: np.ndarray | None = None
    failure: str | None = None

    def fail(self, failure, report):
        self.failure = failure
        report(f"{self.run.name}: FAILED, no record: {failure}")


def _train(seeds, plan, interruptible, report):
    from keras_mdgan.training.backends.jax_vmapped import VmappedModels

    models, waiting = VmappedModels([seed.gan for seed in seeds]), []
    for epoch in range(1, plan.epochs + 1):
        position = (epoch - 1) * plan.per_epoch
        batches = [seed.source.take(position, plan.per_epoch) for seed in seeds]
        waiting.append(models.train_epoch(batches))
        interruptible.on_epoch_end(epoch)
        if not plan.measures_after(epoch):
            continue
        # Reading logs waits for the device, so logs are only read at evaluations.
        _keep_logs(seeds, waiting, epoch, report)
        models.update_models()
        waiting = []
        for seed in seeds:
            if seed.failure is None:
                _evaluate(seed, plan, epoch, report)
        if all(seed.failure is not None for seed in seeds):
            return


def _keep_logs(seeds, epochs, last, report):
    """Give each seed its logs of epoch `last`; a seed with a NaN or infinity fails.

    Args:
        seeds: the seeds.
        epochs: the logs of each epoch up to `last`, dictionaries of arrays `(seeds,)`.
        last: the number of the last of these epochs, counted from 1.
        report: a function that is called with a line for each seed that fails.
    """
    first = last - len(epochs) + 1
    for epoch, logs in enumerate(epochs, start=first):
        logs = {name: keras.ops.convert_to_numpy(v) for name, v in sorted(logs.items())}
        for i, seed in enumerate(seeds):
            seed.logs = {name: values[i] for name, values in logs.items()}
            bad = first_not_finite(seed.logs)
            if bad and seed.failure is None:
                seed.fail(f"`{bad[0]}` is {bad[1]} in epoch {epoch}", report)


def _evaluate(seed, plan, epoch, report):
    measures = seed.run.measures
    samples = measures.samples(seed.gan, seed.run.seed, last=False)
    # The losses were finite, but the last update may have given infinite weights.
    if not np.isfinite(samples).all():
        seed.fail(f"samples are not finite after epoch {epoch}", report)
        return
    entry, line = evaluated(samples, seed.run, plan, epoch)
    entry |= measures.of_model(seed.gan, last=False)
    seed.evaluations.append(entry)
    report(line)
    if epoch == plan.epochs:
        seed.samples = measures.samples(seed.gan, seed.run.seed)


def _check_same(runs):
    if not runs:
        raise ValueError("`runs` must hold at least one run. Received: runs=[]")
    kinds = {(r.data, r.setting, r.model, str(r.options), r.steps) for r in runs}
    if len(kinds) > 1 or len({r.seed for r in runs}) < len(runs):
        raise ValueError(
            "`runs` must differ in their seeds, and in nothing else. "
            f"Received: {', '.join(r.name for r in runs)}"
        )
