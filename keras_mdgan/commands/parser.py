"""The command line of `keras-mdgan`, and its exit codes."""

import argparse
import importlib
import os
import sys

PROGRAM = "keras-mdgan"
# Code 2 is argparse's, for a wrong argument.
FAILED, WRONG, INTERRUPTED = 1, 2, 130

COMMANDS = {
    "train": (
        "Train a GAN on images or points, and export it.",
        [
            "train pictures/ --steps 5000",
            "train mnist --model wasserstein_gp --out runs/digits",
            "train ring --steps 2000 --seed 1",
            "train pictures/ --model projection  # a sub-folder a class",
        ],
    ),
    "sample": (
        "Draw samples of a trained generator.",
        [
            "sample ring -n 1000 --out ring.png",
            "sample runs/digits -n 64 --out digits/ --seed 3",
            "sample runs/digits/model.keras --corner 4 --out corner.png",
            "sample runs/digits --label 7 --out sevens.png",
        ],
    ),
    "measure": (
        "Compare two sets of images.",
        [
            "measure real/ generated/",
            "measure mnist:test runs/digits --extractor mnist_classifier --json",
        ],
    ),
    "play": (
        "Play with a generator on a page in the browser, on this machine alone.",
        [
            "play ring",
            "play mnist --data mnist:test",
            "play runs/digits --data pictures/ --port 8000",
        ],
    ),
}
EXPERIMENTS = "experiments"


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="GANs for Keras 3 that keep the modes of their data.",
        epilog="COMMAND --help says more, with examples.",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, (line, examples) in COMMANDS.items():
        sub = commands.add_parser(
            name,
            help=line,
            description=line,
            epilog="examples:\n" + "\n".join(f"  {PROGRAM} {e}" for e in examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module = importlib.import_module(f"keras_mdgan.commands.{name}")
        module.add_arguments(sub)
        sub.set_defaults(function=module.run, parser=sub)
    commands.add_parser(
        EXPERIMENTS, help="The papers' experiments: runs, their records and tables."
    )
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    Examples:
        >>> main(["sample", "ring", "-n", "0"])
        2

    Args:
        arguments: those of the command line; by default the process's.

    Returns:
        0; 1 after a failure, such as a missing file; 2 after a wrong argument; 130
        after an interruption. An error is one line on the standard error output.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments[:1] == [EXPERIMENTS]:
        from keras_mdgan.experiments.__main__ import main as experiments

        return experiments(arguments[1:])
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has printed why
        return end.code or 0
    try:
        return options.function(options) or 0
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `| head`
        sys.stdout = open(os.devnull, "w")
        return FAILED
    except (ValueError, OSError, ImportError) as error:
        print(f"{PROGRAM} {options.command}: error: {error}", file=sys.stderr)
        return WRONG if isinstance(error, ValueError) else FAILED
