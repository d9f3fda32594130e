"""`python -m keras_mdgan.experiments`: run experiments and write their tables."""

import argparse
import concurrent.futures
import functools
import multiprocessing
import os
import shlex
import sys

# Small networks: one thread a process; several processes use the cores better.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from keras_mdgan.experiments import tables
from keras_mdgan.experiments.record import Run, finished
from keras_mdgan.experiments.runner import run
from keras_mdgan.experiments.settings import DATA, MODELS, SETTINGS
from keras_mdgan.experiments.stacked import check_backend, run_stacked
from keras_mdgan.validation import check_choice

# Processes of `--jobs` cannot look up functions of this file, which is `__main__` here
# and not there; what is handed to them must come from elsewhere.
_say = functools.partial(print, flush=True)


def parse(arguments=None) -> argparse.Namespace:
    """The command line's arguments, checked."""
    parser = argparse.ArgumentParser(
        prog="python -m keras_mdgan.experiments", description=__doc__
    )
    parser.add_argument("data", help=f"one of {', '.join(DATA)}")
    parser.add_argument(
        "--models", default="all", help=f"all, or some of {','.join(MODELS)}"
    )
    parser.add_argument(
        "--settings", default="ours", help=f"some of {','.join(SETTINGS)}"
    )
    parser.add_argument("--seeds", type=int, default=5, help="seeds 0 to N-1")
    parser.add_argument("--steps", type=int, help="another length of the runs")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument(
        "--stack",
        action="store_true",
        help="train all seeds at once, by one program (JAX; for a GPU). A record's "
        "seconds are then those of all its seeds divided by their number, and an "
        "interrupted stack starts again",
    )
    parser.add_argument("--out", help="default: results/DATA")
    options = parser.parse_args(arguments)
    try:
        check_choice("data", options.data, DATA)
        options.models = (
            list(MODELS) if options.models == "all" else (options.models.split(","))
        )
        options.settings = options.settings.split(",")
        for argument, values, known in (
            ("--models", options.models, MODELS),
            ("--settings", options.settings, SETTINGS),
        ):
            for value in values:
                check_choice(argument, value, known)
        for argument in ("seeds", "steps", "jobs"):
            value = getattr(options, argument)
            if value is not None and value < 1:
                raise ValueError(
                    f"`--{argument}` must be at least 1. Received: {value}"
                )
        if options.stack and options.jobs > 1:
            raise ValueError(
                "`--stack` and `--jobs` exclude each other: stacked seeds are one "
                f"process. Received: --stack --jobs {options.jobs}"
            )
        if options.stack:
            check_backend()
    except ValueError as error:
        parser.error(str(error))
    options.out = options.out or os.path.join("results", options.data)
    return options


def main(arguments=None) -> int:
    """Run what is not there yet, and write the table from all records."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    command = "python -m keras_mdgan.experiments " + shlex.join(arguments)
    runs = [
        Run(options.data, setting, model, seed, options.steps)
        for setting in options.settings
        for model in options.models
        for seed in range(options.seeds)
    ]
    todo = [r for r in runs if not finished(r, options.out)]
    print(f"{len(runs)} runs, {len(runs) - len(todo)} recorded before", flush=True)
    failed = {}
    try:
        if options.stack:
            failed = _run_stacks(todo, options, command)
        else:
            _run_all(todo, options, command)
    except KeyboardInterrupt:
        how = "begins this stack again" if options.stack else "goes on from here"
        print(f"\nInterrupted. The same command {how}.", flush=True)
        return 130
    print(tables.write(options.data, options.out))
    for name, reason in failed.items():
        print(f"{name} failed and has no record: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _run_stacks(todo, options, command):
    """Every experiment's seeds at once; the runs that failed, with the reasons."""
    stacks, failed, done = {}, {}, 0
    for run_ in todo:
        stacks.setdefault((run_.setting, run_.model), []).append(run_)
    for stack in stacks.values():
        _, reasons = run_stacked(stack, options.out, command, report=_say)
        failed |= reasons
        done += len(stack)
        print(f"{done}/{len(todo)} runs done", flush=True)
    return failed


def _run_all(todo, options, command):
    if options.jobs == 1:
        for i, run_ in enumerate(todo):
            run(run_, options.out, command, report=_say)
            print(f"{i + 1}/{len(todo)} runs done", flush=True)
        return
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(options.jobs, context) as pool:
        waiting = [pool.submit(run, r, options.out, command, report=_say) for r in todo]
        try:
            for i, done in enumerate(concurrent.futures.as_completed(waiting)):
                done.result()
                print(f"{i + 1}/{len(todo)} runs done", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


if __name__ == "__main__":
    sys.exit(main())
