"""What the experiments' commands share: options, and running what is missing."""

import argparse
import concurrent.futures
import multiprocessing
import os
from collections.abc import Sequence

from keras_mdgan.experiments.runner import Run, finished, run


def one_thread_each() -> None:
    """Ask for one thread a process: the networks are small, the processes several.

    What the user has set stays. It must come before the first array.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def add_options(parser: argparse.ArgumentParser, seeds: int, out: str) -> None:
    """Add `--seeds`, `--steps`, `--jobs` and `--out`, with two of their defaults."""
    parser.add_argument("--seeds", type=int, default=seeds, help="seeds 0 to N-1")
    parser.add_argument("--steps", type=int, help="another length of the runs")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--out", help=f"default: {out}")


def check_options(options: argparse.Namespace) -> None:
    """Check what `add_options` added.

    Raises:
        ValueError: if a number is less than 1.
    """
    for argument in ("seeds", "steps", "jobs"):
        value = getattr(options, argument)
        if value is not None and value < 1:
            raise ValueError(f"`--{argument}` must be at least 1. Received: {value}")


def run_missing(runs: Sequence[Run], out, command: str, jobs: int = 1) -> int:
    """Run what has no record yet, several at a time if asked, and say so.

    Args:
        runs: all runs of the experiment.
        out: the results' folder.
        command: what was typed, for the records.
        jobs: processes at a time; 1 stays in this process.

    Returns:
        0, or 130 if interrupted, as a shell has it.
    """
    todo = [r for r in runs if not finished(r, out)]
    print(f"{len(runs)} runs, {len(runs) - len(todo)} recorded before", flush=True)
    try:
        _run_all(todo, out, command, jobs)
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on from here.", flush=True)
        return 130
    return 0


def _run_all(todo, out, command, jobs):
    if jobs == 1:
        for i, run_ in enumerate(todo):
            _one(run_, out, command)
            print(f"{i + 1}/{len(todo)} runs done", flush=True)
        return
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, context) as pool:
        waiting = [pool.submit(_one, r, out, command) for r in todo]
        try:
            for i, done in enumerate(concurrent.futures.as_completed(waiting)):
                done.result()
                print(f"{i + 1}/{len(todo)} runs done", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one(run_, out, command):
    run(run_, out, command, report=lambda line: print(line, flush=True))
