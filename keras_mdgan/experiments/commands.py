"""What the experiments' commands share: options, and running what is missing."""

import argparse
import concurrent.futures
import functools
import multiprocessing
import os
import sys
from collections.abc import Sequence

from keras_mdgan.experiments.record import Run, finished
from keras_mdgan.experiments.runner import run
from keras_mdgan.experiments.stacked import check_backend, run_stacked


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


def add_stack(parser: argparse.ArgumentParser) -> None:
    """Add `--stack`."""
    parser.add_argument(
        "--stack",
        action="store_true",
        help="train all seeds at once, by one program (JAX; for a GPU). A record's "
        "seconds are then those of all its seeds divided by their number, and an "
        "interrupted stack starts again",
    )


def check_options(options: argparse.Namespace) -> None:
    """Check what `add_options` and `add_stack` added.

    Raises:
        ValueError: if a number is less than 1, or `--stack` cannot be.
    """
    if getattr(options, "stack", False):
        if options.jobs > 1:
            raise ValueError(
                "`--stack` and `--jobs` exclude each other: stacked seeds are one "
                f"process. Received: --stack --jobs {options.jobs}"
            )
        check_backend()
    for argument in ("seeds", "steps", "jobs"):
        value = getattr(options, argument)
        if value is not None and value < 1:
            raise ValueError(f"`--{argument}` must be at least 1. Received: {value}")


def run_missing(
    runs: Sequence[Run], out, command: str, jobs: int = 1, stack: bool = False
) -> int:
    """Run what has no record yet, several at a time if asked, and say so.

    Args:
        runs: all runs of the experiment.
        out: the results' folder.
        command: what was typed, for the records.
        jobs: processes at a time; 1 stays in this process.
        stack: train the seeds of one experiment at once.

    Returns:
        0; 1 if a stacked seed failed; 130 if interrupted, as a shell has it.
    """
    todo = [r for r in runs if not finished(r, out)]
    print(f"{len(runs)} runs, {len(runs) - len(todo)} recorded before", flush=True)
    try:
        if stack:
            return _run_stacks(todo, out, command)
        _run_all(todo, out, command, jobs)
    except KeyboardInterrupt:
        how = "begins this stack again" if stack else "goes on from here"
        print(f"\nInterrupted. The same command {how}.", flush=True)
        return 130
    return 0


def _run_stacks(todo, out, command):
    """Every experiment's seeds at once; 1 if a seed failed, told at the end."""
    stacks, failed, done = {}, {}, 0
    for run_ in todo:
        stacks.setdefault((run_.setting, run_.model), []).append(run_)
    for same in stacks.values():
        _, reasons = run_stacked(same, out, command, report=_say)
        failed |= reasons
        done += len(same)
        _say(f"{done}/{len(todo)} runs done")
    for name, reason in failed.items():
        print(f"{name} failed and has no record: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _run_all(todo, out, command, jobs):
    if jobs == 1:
        for i, run_ in enumerate(todo):
            run(run_, out, command, report=_say)
            _say(f"{i + 1}/{len(todo)} runs done")
        return
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, context) as pool:
        waiting = [pool.submit(run, r, out, command, report=_say) for r in todo]
        try:
            for i, done in enumerate(concurrent.futures.as_completed(waiting)):
                done.result()
                _say(f"{i + 1}/{len(todo)} runs done")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_say = functools.partial(print, flush=True)
