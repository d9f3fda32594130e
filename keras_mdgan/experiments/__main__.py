"""`python -m keras_mdgan.experiments`: the command line, with sub-commands."""

import argparse
import difflib
import os
import pathlib
import shlex
import sys

from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.experiments import hyperparameters, publish, repeats, search, tables
from keras_mdgan.experiments.image_measures import EXTRACTOR_VARIABLE
from keras_mdgan.experiments.literature import COMPONENTS, VARIANCES
from keras_mdgan.experiments.many_seeds import check_backend
from keras_mdgan.experiments.options import parsed
from keras_mdgan.experiments.records import DamagedRecords
from keras_mdgan.experiments.run import Run, runs_of
from keras_mdgan.experiments.workers import INTERRUPTED, one_thread_each, run_missing
from keras_mdgan.recipes import DEFAULT_SETTINGS, METHODS, methods_for, settings_of
from keras_mdgan.recipes.setting import check_options
from keras_mdgan.validation import check_all, check_choice

PROGRAM = "python -m keras_mdgan.experiments"
SUBCOMMANDS = ("run", "search", "hyperparameters", "repeat", "tables", "publish")
POINTS = tuple(name for name, entry in DATASETS.items() if entry.kind == "points")


def run(options) -> int:
    """Train the runs without a record, and write the data set's page."""
    if options.extractor:
        os.environ[EXTRACTOR_VARIABLE] = options.extractor
    names = options.data, options.settings, options.models
    wanted = runs_of(*names, options.seeds, options.options, options.steps)
    return _run_and_write(wanted, options, vmap=options.vmap)


def run_search(options) -> int:
    """Train the search's runs without a record, and write the page."""
    wanted = search.runs(options.data, options.models, options.steps)
    return _run_and_write(wanted, options)


def run_hyperparameters(options) -> int:
    """Train the cells without a record, and write the page."""
    wanted = hyperparameters.runs(
        options.data,
        options.setting,
        options.components,
        options.variances,
        options.seeds,
        options.steps,
    )
    return _run_and_write(wanted, options)


def run_repeat(options) -> int:
    """Train the runs of an experiment without a record, and write the page."""
    named = options.experiment, options.data, options.setting
    wanted = repeats.runs(*named, options.seeds, options.steps)
    return _run_and_write(wanted, options, write=lambda _, out: repeats.write(out))


def write_tables(options) -> int:
    """Write the data sets' pages and the summary page, from the records."""
    results = pathlib.Path(options.results)
    there = [d for d in DATASETS if (results / d / "records.jsonl").exists()]
    for data in options.data or there:
        if data not in there:
            raise FileNotFoundError(f"{results / data} has no records.jsonl")
        tables.write(data, results / data)
        print(results / data / "README.md", flush=True)
    if not there:
        raise FileNotFoundError(f"{results} has no folder with a records.jsonl")
    tables.write_summary(results)
    print(results / "README.md", flush=True)
    if not options.data and (results / repeats.FOLDER / "records.jsonl").exists():
        repeats.write(results / repeats.FOLDER)
    return 0


def run_publish(options) -> int:
    """Train a generator, export it, and write its card."""
    names = options.data, options.setting, options.model
    wanted = Run(*names, options.seed, steps=options.steps)
    print(wanted.measures.line(publish.publish(wanted, options.out, options.command)))
    return 0


def _run_and_write(wanted, options, vmap=False, write=tables.write):
    code = run_missing(wanted, options.out, options.command, options.jobs, vmap)
    if code != INTERRUPTED:
        print(write(options.data, options.out))
    return code


def parser() -> argparse.ArgumentParser:
    """The parser of all sub-commands."""
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="The papers' experiments: runs, their records and their tables. "
        "Runs that have a record are not made again, and interrupted ones go on.",
        epilog="COMMAND --help says more, with examples.",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="subcommand")

    def add(name, function, line, examples):
        sub = commands.add_parser(
            name,
            help=line,
            description=line,
            epilog="examples:\n" + "\n".join(f"  {PROGRAM} {e}" for e in examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(function=function, parser=sub)
        return sub

    sub = add(
        "run",
        run,
        "Train methods on a data set and write its tables.",
        [
            "run grid --models mixture_density,vanilla --seeds 5",
            "run ring --settings plain,ours --jobs 2",
            "run mnist --models mixture_density --options assignment=balanced",
        ],
    )
    _add_data(sub, DATASETS)
    _add_models(sub)
    usual = ", ".join(f"{name} on {kind}" for kind, name in DEFAULT_SETTINGS.items())
    sub.add_argument("--settings", help=f"names with commas; default: {usual}")
    arguments = "arguments of the models, NAME=VALUE with commas"
    sub.add_argument("--options", help=f"{arguments}; they have a table of their own")
    sub.add_argument(
        "--extractor",
        help="network for the features of images, such as inception; default: the "
        "data set's own",
    )
    sub.add_argument(
        "--vmap",
        action="store_true",
        help="train all seeds at once, by one program (JAX; for a GPU). A record's "
        "seconds are then those of all its seeds divided by their number, and an "
        "interrupted program starts again",
    )
    _add_running(sub, seeds=5)
    sub = add(
        "search",
        run_search,
        "Search options for the methods whose defaults fail on points.",
        ["search grid --models wasserstein,coulomb", "search ring --jobs 2"],
    )
    _add_data(sub, POINTS)
    _add_models(sub)
    _add_running(sub)
    sub = add(
        "hyperparameters",
        run_hyperparameters,
        "Train MD-GAN with several components and variances, beside the slides'.",
        [
            "hyperparameters grid --seeds 3",
            "hyperparameters ring --setting plain --components 8,10 --variances 0.25",
        ],
    )
    _add_data(sub, hyperparameters.DATA)
    known = hyperparameters.SEARCHED_SETTINGS
    sub.add_argument("--setting", default="ours", help=f"one of {', '.join(known)}")
    for name, values in (("components", COMPONENTS), ("variances", VARIANCES)):
        sub.add_argument(f"--{name}", help=f"some of {values}; default: all")
    _add_running(sub, seeds=3)
    examples = ["repeat inference --steps 500", "repeat missing_modes --data celeba"]
    sub = add("repeat", run_repeat, "Repeat a published experiment.", examples)
    repeats.add_arguments(sub)
    _add_running(sub, seeds=1)
    sub = add(
        "tables",
        write_tables,
        "Write all tables and figures from the records.",
        ["tables", "tables grid ring", "tables --results elsewhere"],
    )
    sub.add_argument("data", nargs="*", help="data sets; default: all with records")
    sub.add_argument("--results", default="results", help="default: results")
    sub = add(
        "publish",
        run_publish,
        "Train a generator, export it as a SavedModel, and write its card.",
        ["publish grid", "publish mnist --model vanilla --out runs/shipped"],
    )
    _add_data(sub, publish.DATA)
    sub.add_argument("--model", default="mixture_density")
    sub.add_argument("--setting", help="default: the data's own")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--steps", type=int, help="another length")
    sub.add_argument("--out", default="saved_models", help="default: saved_models")
    return top


def _add_data(sub, known):
    sub.add_argument("data", help=f"one of {', '.join(known)}")
    sub.set_defaults(known=tuple(known))


def _add_models(sub):
    sub.add_argument(
        "--models", default="all", help=f"all, or some of {','.join(METHODS)}"
    )


def _add_running(sub, seeds=None):
    if seeds:
        sub.add_argument("--seeds", type=int, default=seeds, help="seeds 0 to N-1")
    sub.add_argument("--steps", type=int, help="another length of the runs")
    sub.add_argument("--jobs", type=int, default=1, help="runs at a time")
    sub.add_argument("--out", help="default: results/DATA")


def parse(arguments) -> argparse.Namespace:
    """The arguments, checked and with their defaults filled in.

    Raises:
        SystemExit: with code 2, after a line that names a wrong argument.
    """
    if arguments and arguments[0] in DATASETS:
        arguments = ["run", *arguments]  # the command's former spelling
    top = parser()
    try:
        if arguments and not arguments[0].startswith("-"):
            # A name that is nearly a data set's is answered with the data sets.
            near = difflib.get_close_matches(arguments[0], DATASETS, n=1)
            known = SUBCOMMANDS if not near else (*SUBCOMMANDS, *DATASETS)
            check_choice("COMMAND", arguments[0], known)
        options = top.parse_args(arguments)
        top = options.parser  # its usage is that of the sub-command
        _check(options)
    except ValueError as error:
        top.error(str(error))
    options.command = f"{PROGRAM} {shlex.join(arguments)}"
    return options


def _check(options):
    for argument in ("seeds", "steps", "jobs"):
        value = getattr(options, argument, None)
        if value is not None and value < 1:
            raise ValueError(f"`--{argument}` must be at least 1. Received: {value}")
    if options.subcommand == "tables":
        for name in options.data:
            check_choice("data", name, DATASETS)
        return
    if options.subcommand == "repeat":
        return repeats.check(options)
    check_choice("data", options.data, options.known)
    if hasattr(options, "out") and options.out is None:
        options.out = os.path.join("results", options.data)
    if hasattr(options, "models"):
        every = options.models == "all" and methods_for(dataset(options.data))
        options.models = every or options.models.split(",")
        check_all("--models", options.models, METHODS)
    if hasattr(options, "model"):
        check_choice("--model", options.model, publish.models_of(options.data))
    if hasattr(options, "settings"):
        entry = dataset(options.data)
        if options.settings is None:
            options.settings = DEFAULT_SETTINGS[entry.kind]
        options.settings = options.settings.split(",")
        check_all("--settings", options.settings, settings_of(entry))
    if hasattr(options, "options"):
        options.options = parsed(options.options)
        for model in options.models:
            check_options(model, options.options)
    if hasattr(options, "setting"):
        known = hyperparameters.SEARCHED_SETTINGS
        if options.subcommand == "publish":
            entry = dataset(options.data)
            known = settings_of(entry)
            options.setting = options.setting or DEFAULT_SETTINGS[entry.kind]
        check_choice("--setting", options.setting, known)
    if getattr(options, "seed", 0) < 0:
        raise ValueError(f"`--seed` must be at least 0. Received: {options.seed}")
    if hasattr(options, "components"):
        some = hyperparameters.some
        options.components = some("--components", options.components, COMPONENTS)
        options.variances = some("--variances", options.variances, VARIANCES)
    if getattr(options, "vmap", False):
        check_backend(options.jobs)


def main(arguments=None) -> int:
    """Run a sub-command and return its exit code."""
    options = parse(sys.argv[1:] if arguments is None else list(arguments))
    one_thread_each()
    try:
        return options.function(options)
    except (DamagedRecords, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
