"""A small search of options for the methods whose defaults fail on toy data.

python -m keras_mdgan.experiments.search grid --models wasserstein,coulomb

Each method's recipe lists what to try (`Recipe.search`): arguments of its constructor,
and `rate`, a factor for its optimizers' learning rates. Every candidate, the default
included, trains once under the `plain` setting at half its length, with a seed that no
table has; the one with most modes (of 20 samples), and then most samples of high
quality, goes into the method's row of `recipes.SEARCHED`, which the setting `searched`
uses.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shlex
import sys

from keras_mdgan.experiments import commands
from keras_mdgan.experiments.data import TOY
from keras_mdgan.experiments.record import Run
from keras_mdgan.experiments.settings import MODELS
from keras_mdgan.files import replaced_when_written
from keras_mdgan.validation import check_choice

SEED, STEPS = 100, 5_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Candidate(Run):
    """One run of the search: a `Run` with options of its own.

    Examples:
        >>> run = Candidate("grid", "plain", "vanilla", 100, 5000, number=1)
        >>> run.options
        {'rate': 0.2}

    Args:
        number: the place among the recipe's candidates; 0 is the default.
    """

    number: int

    @property
    def options(self) -> dict:
        return [{}, *MODELS[self.model].search][self.number]

    @property
    def name(self) -> str:
        return f"{self.data}/search/{self.model}/candidate_{self.number}"

    @property
    def details(self) -> dict:
        return {"options": self.options}

    @property
    def keeps_samples(self) -> bool:
        return False

    def path(self, out) -> pathlib.Path:
        return pathlib.Path(out) / self.model / f"candidate_{self.number}.json"

    def build(self):
        return self.resolved.build(self.model, self.data, self.seed, self.options)


def parse(arguments=None) -> argparse.Namespace:
    """The command line's arguments, checked."""
    parser = argparse.ArgumentParser(
        prog="python -m keras_mdgan.experiments.search",
        description=__doc__.splitlines()[0],
    )
    parser.add_argument("data", help=f"one of {', '.join(TOY)}")
    parser.add_argument("--models", default="all", help="all, or some with commas")
    parser.add_argument("--steps", type=int, default=STEPS, help="another length")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--out", help="default: results/search/DATA")
    options = parser.parse_args(arguments)
    options.seeds = 1
    try:
        check_choice("data", options.data, TOY)
        every = options.models == "all"
        options.models = list(MODELS) if every else options.models.split(",")
        for model in options.models:
            check_choice("--models", model, MODELS)
        commands.check_options(options)
    except ValueError as error:
        parser.error(str(error))
    options.out = options.out or os.path.join("results", "search", options.data)
    return options


def write(data: str, out) -> str:
    """Write `README.md` from the records of a search; return it."""
    found = {}
    for path in sorted(pathlib.Path(out).glob("*/candidate_*.json")):
        record = json.loads(path.read_text())
        found.setdefault(record["model"], []).append(record)
    lines = [
        f"# Search on {data}\n",
        f"Setting `plain` at half its length, one run each, seed {SEED}. See "
        "`keras_mdgan.experiments.search`. **Chosen**: most modes of 20 samples, then "
        "highest quality.\n",
        "| method | options | modes >= 20 | modes | high quality % | KL |",
        "|---|---|---|---|---|---|",
    ]
    chosen = {}
    for model in [m for m in MODELS if m in found]:
        best = max(found[model], key=_score)
        chosen[model] = best["options"]
        for record in found[model]:
            mark = "**" if record is best else ""
            text = json.dumps(record["options"]) if record["options"] else "default"
            lines.append(
                f"| {model} | {mark}{text}{mark} | {record['modes_strict']:.0f} | "
                f"{record['modes']:.0f} | {record['high_quality']:.1f} | "
                f"{record['kl']:.3f} |"
            )
    lines.append("\nRows of `recipes.SEARCHED`:\n")
    lines += [f"    {m!r}: {options!r}," for m, options in chosen.items() if options]
    commands_ = {r["command"] for records in found.values() for r in records}
    lines += ["\nCommands:\n", *[f"    {c}" for c in sorted(commands_)], ""]
    text = "\n".join(lines)
    with replaced_when_written(pathlib.Path(out) / "README.md") as beside:
        beside.write_text(text)
    return text


def _score(record):
    return record["modes_strict"], record["high_quality"], -record["kl"]


def main(arguments=None) -> int:
    """Run what is not there yet, and write down what was found."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    commands.one_thread_each()
    command = "python -m keras_mdgan.experiments.search " + shlex.join(arguments)
    candidates = [
        Candidate(options.data, "plain", model, SEED, options.steps, number=number)
        for model in options.models
        for number in range(1 + len(MODELS[model].search))
    ]
    code = commands.run_missing(candidates, options.out, command, options.jobs)
    if code == 0:
        print(write(options.data, options.out))
    return code


if __name__ == "__main__":
    sys.exit(main())
