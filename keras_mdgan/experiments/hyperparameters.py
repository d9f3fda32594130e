"""Mixture Density GANs with several numbers of components and variances.

This repeats the slides' search on points and draws it beside the published figures.
"""

import math
import statistics
import warnings

import numpy as np

from keras_mdgan.datasets import dataset
from keras_mdgan.experiments import tables
from keras_mdgan.experiments.literature import (
    COMPONENTS,
    SEARCH_NOTES,
    VARIANCES,
    published_search,
)
from keras_mdgan.experiments.run import Run
from keras_mdgan.mixtures import SimplexGaussianMixture
from keras_mdgan.recipes import SETTINGS
from keras_mdgan.validation import check_all

# The data sets and settings of the search. Other settings differ from these only in
# one piece or in length.
DATA = tuple(SEARCH_NOTES)
SEARCHED_SETTINGS = ("ours", "plain")

# The percentage of a two-dimensional Gaussian within 3 standard deviations.
_TRUE_QUALITY = 100 * (1 - math.exp(-4.5))


def runs(data, setting, components, variances, seeds, steps=None) -> list[Run]:
    """The runs of the search, seed by seed.

    An interrupted search then has complete tables for fewer seeds.
    """
    return [
        Run(
            data,
            setting,
            "mixture_density",
            seed,
            # The variance of both real and generated data, as published.
            {"components": n, "variance": variance},
            steps,
        )
        for seed in range(seeds)
        for n in components
        for variance in variances
    ]


def some(argument: str, text: str | None, known: tuple) -> list:
    """The values of `known` that a list with commas names, or all."""
    if text is None:
        return list(known)
    by_name = {f"{value:g}": value for value in known}
    check_all(argument, text.split(","), by_name)
    return [by_name[name] for name in text.split(",")]


def sections(data: str, records: list[dict], out) -> list[str]:
    """The section of a data set's page, with one figure per setting.

    Args:
        data: the data set's name.
        records: the records of the data set.
        out: the folder of its results.
    """
    found = [r for r in records if r["options"].keys() == {"components", "variance"}]
    if not found:
        return []
    n_modes = len(dataset(data).make().centers)
    text = [
        "\n## Components and variance of MD-GAN\n",
        f"How to read it: modes of {n_modes}, by the published count of one "
        "high-quality sample among 2,500, "
        "and the percentage of high quality (within 3 standard deviations of the "
        "nearest mode), each mean +- standard deviation over the seeds. The true data "
        f"score {n_modes} modes and {_TRUE_QUALITY:.1f} %: clearly more means "
        "modes that are too narrow.\n",
        "Published: the slides' tables. Their deviations are those of populations "
        f"(ours of samples), and as the figures tell, {SEARCH_NOTES[data]}.",
    ]
    for setting in SEARCHED_SETTINGS:
        rows = [r for r in found if r["setting"] == setting]
        if rows:
            text.append(_section(data, setting, rows, out, n_modes))
    return text


def _section(data, setting, rows, out, n_modes):
    cells = {
        (c, v): [r for r in rows if r["options"] == {"components": c, "variance": v}]
        for c in COMPONENTS
        for v in VARIANCES
    }
    spent = _budget(setting, rows, cells)
    figure = f"hyperparameters_{setting}.png"
    _draw(data, setting, cells, spent, n_modes, out / figure)
    seconds = statistics.mean(r["seconds"] for r in rows)
    lines = [
        f"\n### {setting}: {SETTINGS[setting].description}\n",
        f"{spent}, {SETTINGS[setting].on(dataset(data)).n_points:,} points, "
        f"{seconds:.0f} s a run. {_assignment_in_words(setting)}\n",
        "Modes by one sample / high quality in percent:\n",
        *_beside_published(data, setting, cells),
        "\nOurs, modes as in all other tables, by 20 samples / KL divergence of the "
        "histogram of the modes from the uniform one / spread (root mean square "
        "radius in units of the true one; true data 0.97):\n",
        *tables.table(
            ["components", *[f"variance {v:g}" for v in VARIANCES]],
            [[str(c), *[_further(cells[c, v]) for v in VARIANCES]] for c in COMPONENTS],
        ),
        f"\n![published and ours]({figure})",
    ]
    return "\n".join(lines)


def _beside_published(data, setting, cells):
    theirs, any_star, rows = published_search(data), False, []
    for i, c in enumerate(COMPONENTS):
        row = [str(c)]
        for j, v in enumerate(VARIANCES):
            modes, modes_deviation, quality, quality_deviation = (
                figures[i, j] for figures in theirs.values()
            )
            star = "" if not cells[c, v] or _has_peaks(setting, c, v) else " \\*"
            any_star |= bool(star)
            row += [
                f"{modes:.2f} +- {modes_deviation:.2f} / "
                f"{quality:.2f} +- {quality_deviation:.2f}",
                _ours(cells[c, v]) + star,
            ]
        rows.append(row)
    titles = ["components"]
    for v in VARIANCES:
        titles += [f"variance {v:g}, published", "ours"]
    lines = tables.table(titles, rows)
    if any_star:
        lines.append(
            "\n\\* The sum of the Gaussians is one bell at the origin: it has no peaks "
            "at the vertices, and these runs no clusters there "
            "(`SimplexGaussianMixture.n_peaks`). So it is in the published cells, if "
            "they were made with the mixture of the slides, as here."
        )
    return lines


def _budget(setting, rows, cells):
    counts = sorted({len(runs) for runs in cells.values() if runs})
    seeds = " to ".join(str(n) for n in dict.fromkeys((counts[0], counts[-1])))
    seeds += " seed" if counts[-1] == 1 else " seeds"
    steps = tables.budget((r["steps"] for r in rows), SETTINGS[setting].batch_size)
    return f"{steps}, {seeds} a cell"


def _draw(data, setting, cells, spent, n_modes, path):
    from keras_mdgan import plotting

    theirs = published_search(data)
    ours = {
        name: np.array([_mean(runs, name) for runs in cells.values()]).reshape(
            len(COMPONENTS), len(VARIANCES)
        )
        for name in ("modes", "high_quality")
    }
    modes, quality = "modes by one sample", "% high quality"
    plotting.heat_maps(
        {
            title: {"published": theirs[name], "ours": ours[name]}
            for title, name in ((modes, "modes"), (quality, "high_quality"))
        },
        COMPONENTS,
        VARIANCES,
        row_name="components",
        column_name="variance",
        highest={modes: n_modes, quality: 100.0},
        title=f"MD-GAN on the {data}",
        subtitle=f"ours: {SETTINGS[setting].description}\n{spent}; "
        f"true data: {n_modes} modes, {_TRUE_QUALITY:.1f} %",
        path=path,
    )


def _assignment_in_words(setting):
    arguments = {"assignment": "max", **SETTINGS[setting].mixture_density}
    if arguments["assignment"] == "max":
        return "Assignment: the likelihood of the nearest component."
    return "Assignment: the sum of all components."


def _has_peaks(setting, components, variance):
    """Whether the mixture has peaks at its vertices."""
    known = SETTINGS[setting].mixture_density
    shape = {name: known[name] for name in ("assignment", "scale") if name in known}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The vertices of", UserWarning)
        mixture = SimplexGaussianMixture(components - 1, variance, **shape)
    return mixture.n_peaks() >= components


def _mean(runs, name):
    return statistics.mean(r[name] for r in runs) if runs else math.nan


def _ours(runs):
    if not runs:
        return "-"
    return " / ".join(tables.mean(runs, name, 2) for name in ("modes", "high_quality"))


def _further(runs):
    if not runs:
        return "-"
    return (
        f"{_mean(runs, 'modes_strict'):.1f} / {_mean(runs, 'kl'):.3f} / "
        f"{_mean(runs, 'spread'):.2f}"
    )
