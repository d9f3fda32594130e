"""`python -m keras_mdgan.experiments`: run experiments and write their tables."""

import argparse
import os
import shlex
import sys

from keras_mdgan.experiments import commands, tables
from keras_mdgan.experiments.images import EXTRACTOR_VARIABLE
from keras_mdgan.experiments.record import Run
from keras_mdgan.experiments.settings import DATA, MODELS, SETTINGS, trained_as
from keras_mdgan.validation import check_choice


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
        "--settings",
        help=f"some of {','.join(SETTINGS)}; ours on toy data, papers on images",
    )
    parser.add_argument(
        "--extractor",
        help="network for the features of images, such as inception; "
        "mnist_classifier on MNIST-like data",
    )
    commands.add_options(parser, seeds=5, out="results/DATA")
    commands.add_stack(parser)
    options = parser.parse_args(arguments)
    try:
        check_choice("data", options.data, DATA)
        options.models = (
            list(MODELS) if options.models == "all" else (options.models.split(","))
        )
        data = DATA[options.data]
        options.settings = (options.settings or data.default_setting).split(",")
        fitting = [name for name, setting in SETTINGS.items() if data.has(setting)]
        for argument, values, known in (
            ("--models", options.models, MODELS),
            ("--settings", options.settings, fitting),
        ):
            for value in values:
                check_choice(argument, value, known)
        commands.check_options(options)
    except ValueError as error:
        parser.error(str(error))
    options.out = options.out or os.path.join("results", options.data)
    return options


def main(arguments=None) -> int:
    """Run what is not there yet, and write the table from all records."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    commands.one_thread_each()
    if options.extractor:
        os.environ[EXTRACTOR_VARIABLE] = options.extractor
    command = "python -m keras_mdgan.experiments " + shlex.join(arguments)
    steps = options.steps
    runs = [
        Run(options.data, trained_as(setting, options.data, model), model, seed, steps)
        for setting in options.settings
        for model in options.models
        for seed in range(options.seeds)
    ]
    runs = list(dict.fromkeys(runs))  # those of two settings once
    code = commands.run_missing(runs, options.out, command, options.jobs, options.stack)
    if code != 130:
        print(tables.write(options.data, options.out))
    return code


if __name__ == "__main__":
    sys.exit(main())
