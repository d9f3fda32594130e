"""Mixture Density GANs of several numbers of components and variances.

The slides' search on the toy data, made anew and drawn beside the published figures:

python -m keras_mdgan.experiments.hyperparameters grid --setting ours --seeds 3
"""

import argparse
import dataclasses
import os
import pathlib
import shlex
import sys
import warnings

from keras_mdgan.experiments import commands, hyperparameter_tables
from keras_mdgan.experiments.hyperparameter_tables import COMPONENTS, VARIANCES
from keras_mdgan.experiments.record import Run
from keras_mdgan.validation import check_choice


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cell(Run):
    """One run of a cell of the table: a `Run` with its own mixture.

    The variance is that of real and of generated data, as in the published search.

    Examples:
        >>> cell = Cell("grid", "ours", "mixture_density", 3, components=6, variance=.5)
        >>> cell.name
        'grid/ours/components_6_variance_0.5/seed_3'
        >>> cell.resolved.n_outputs
        5

    Args:
        components: Gaussians of the mixture, one more than the embeddings' dimension.
        variance: of every Gaussian.
    """

    components: int
    variance: float

    @property
    def folder(self) -> str:
        return f"components_{self.components}_variance_{self.variance:g}"

    @property
    def name(self) -> str:
        return f"{self.data}/{self.setting}/{self.folder}/seed_{self.seed}"

    @property
    def resolved(self):
        """The setting, with this cell's mixture and this run's length."""
        setting = super().resolved
        # Both: a setting may name the second, which then would not follow the first.
        variances = {"variance_real": self.variance, "variance_fake": self.variance}
        return dataclasses.replace(
            setting,
            n_outputs=self.components - 1,
            mixture_density={**setting.mixture_density, **variances},
        )

    @property
    def details(self) -> dict:
        return {"components": self.components, "variance": self.variance}

    @property
    def keeps_samples(self) -> bool:
        return False

    def path(self, out) -> pathlib.Path:
        return pathlib.Path(out) / self.setting / self.folder / f"seed_{self.seed}.json"

    def build(self):
        """The compiled model, without a word on its mixture: the table has a mark."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The vertices of", UserWarning)
            return super().build()


def parse(arguments=None) -> argparse.Namespace:
    """The command line's arguments, checked."""
    parser = argparse.ArgumentParser(
        prog="python -m keras_mdgan.experiments.hyperparameters",
        description=__doc__.splitlines()[0],
    )
    parser.add_argument("data", help=f"one of {', '.join(_DATA)}")
    parser.add_argument(
        "--setting", default="ours", help=f"one of {', '.join(_SETTINGS)}"
    )
    for name, values in (("components", COMPONENTS), ("variances", VARIANCES)):
        parser.add_argument(f"--{name}", help=f"some of {_joined(values)}, not all")
    commands.add_options(parser, seeds=3, out="results/hyperparameters/DATA")
    options = parser.parse_args(arguments)
    try:
        check_choice("data", options.data, _DATA)
        check_choice("--setting", options.setting, _SETTINGS)
        options.components = _some("--components", options.components, COMPONENTS)
        options.variances = _some("--variances", options.variances, VARIANCES)
        commands.check_options(options)
    except ValueError as error:
        parser.error(str(error))
    if options.out is None:
        options.out = os.path.join("results", "hyperparameters", options.data)
    return options


def main(arguments=None) -> int:
    """Run what is not there yet, and write the tables from all records."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    commands.one_thread_each()
    command = "python -m keras_mdgan.experiments.hyperparameters "
    command += shlex.join(arguments)
    # Seed by seed: a search that is cut short has whole tables of fewer seeds.
    cells = [
        Cell(
            options.data,
            options.setting,
            "mixture_density",
            seed,
            options.steps,
            components=components,
            variance=variance,
        )
        for seed in range(options.seeds)
        for components in options.components
        for variance in options.variances
    ]
    interrupted = commands.run_missing(cells, options.out, command, options.jobs)
    if interrupted:
        return interrupted
    print(hyperparameter_tables.write(options.data, options.out))
    return 0


# The other settings differ in one piece from these, or only in length.
_SETTINGS = ("ours", "plain")
# Those that were published.
_DATA = ("grid", "ring")


def _joined(values):
    return ",".join(f"{value:g}" for value in values)


def _some(argument, text, known):
    """The values that a list with commas names."""
    if text is None:
        return list(known)
    by_name = {f"{value:g}": value for value in known}
    names = text.split(",")
    for name in names:
        check_choice(argument, name, by_name)
    return [by_name[name] for name in names]


if __name__ == "__main__":
    sys.exit(main())
