"""Training the runs without a record, one at a time or in several processes."""

import concurrent.futures
import functools
import itertools
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Sequence

from keras_mdgan.experiments.many_seeds import train_many_seeds
from keras_mdgan.experiments.records import Records
from keras_mdgan.experiments.run import Run, train

INTERRUPTED = 130  # a shell's exit code after Ctrl-C


def one_thread_each() -> None:
    """Ask for one thread per process: networks are small, and processes are several.

    Variables that the user has set are unchanged. Call it before the first array.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def run_missing(
    runs: Sequence[Run], out, command: str, jobs: int = 1, vmap: bool = False
) -> int:
    """Train the runs without a record, several at a time if `jobs` or `vmap` says so.

    Args:
        runs: all runs of the experiment.
        out: the folder of the data set's results.
        command: the command line, for the records.
        jobs: processes at a time; 1 trains in this process.
        vmap: train the seeds of one experiment at once.

    Returns:
        0; 1 if a seed failed under `vmap`; 130 if interrupted, as in a shell.
    """
    records = Records(out)
    for problem in records.set_damaged_aside():
        print(problem, file=sys.stderr)
    todo = [r for r in runs if records.find(r) is None]
    print(f"{len(runs)} runs, {len(runs) - len(todo)} recorded before", flush=True)
    try:
        if vmap:
            return _train_by_vmap(todo, out, command)
        _train_all(todo, out, command, jobs)
    except concurrent.futures.process.BrokenProcessPool:
        print("A worker was killed. The same command goes on.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        how = "begins these seeds again" if vmap else "goes on from here"
        print(f"\nInterrupted. The same command {how}.", flush=True)
        return INTERRUPTED
    return 0


def _train_by_vmap(todo, out, command):
    """Train each experiment's seeds at once; 1 if a seed failed, printed at the end."""
    experiments, failed, done = {}, {}, 0
    for run in todo:
        experiments.setdefault((run.setting, run.model), []).append(run)
    for same in experiments.values():
        _, reasons = train_many_seeds(same, out, command, report=_say)
        failed |= reasons
        done += len(same)
        _say(f"{done}/{len(todo)} runs done")
    for name, reason in failed.items():
        print(f"{name} failed and has no record: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _train_all(todo, out, command, jobs):
    if jobs == 1:
        for i, run in enumerate(todo):
            train(run, out, command, report=_say)
            _say(f"{i + 1}/{len(todo)} runs done")
        return
    # Not "fork": the backends' threads do not survive it.
    context = multiprocessing.get_context("spawn")
    left, running, done = iter(todo), set(), 0
    with concurrent.futures.ProcessPoolExecutor(
        jobs, context, initializer=_end_with, initargs=(os.getpid(),)
    ) as pool:
        while done < len(todo):
            # No more than can run: after Ctrl-C, a run that waits would still begin.
            for run in itertools.islice(left, jobs - len(running)):
                running.add(pool.submit(train, run, out, command, report=_say))
            finished, running = concurrent.futures.wait(
                running, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for each in finished:
                each.result()
                done += 1
                _say(f"{done}/{len(todo)} runs done")


def _end_with(parent: int) -> None:
    """End this worker when its parent has ended, by whatever signal."""

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


_say = functools.partial(print, flush=True)
