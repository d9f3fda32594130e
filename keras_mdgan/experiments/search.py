"""A small search of options for the methods whose defaults fail on points.

Each method's row lists the options to try (`Method.search`): arguments of its
constructor, and `rate`, a factor for its optimizers' learning rates. All of them, and
the default, are trained once under the setting `search`. This is `plain` at half its
length, with a seed that no table has. The best options have most modes (of 20
samples), and then most samples of high quality. They go into the method's row of
`recipes.SEARCHED`, which the setting `searched` uses.
"""

import json

from keras_mdgan.experiments import tables
from keras_mdgan.experiments.run import Run
from keras_mdgan.recipes import METHODS

SEED = 100


def runs(data: str, models: list[str], steps: int | None = None) -> list[Run]:
    """The runs of the search."""
    return [
        Run(data, "search", model, SEED, options, steps)
        for model in models
        for options in ({}, *METHODS[model].search)
    ]


def sections(data: str, records: list[dict]) -> list[str]:
    """The section of a data set's page."""
    found = [r for r in records if r["setting"] == "search"]
    if not found:
        return []
    rows, chosen = [], {}
    for model, tried in tables.of_model(found).items():
        # In the order of the method's row, since `max` takes the first of equals.
        order = [{}, *METHODS[model].search]
        order += [r["options"] for r in tried if r["options"] not in order]
        tried = [r for o in order for r in tried if r["options"] == o]
        best = max(tried, key=_score)
        chosen[model] = best["options"]
        for record in tried:
            mark = "**" if record is best else ""
            text = json.dumps(record["options"]) if record["options"] else "default"
            rows.append(
                [
                    model,
                    f"{mark}{text}{mark}",
                    f"{record['modes_strict']:.0f}",
                    f"{record['high_quality']:.1f}",
                    f"{record['kl']:.3f}",
                ]
            )
    titles = ["method", "options", "modes", "high quality %", "KL"]
    kept = [f"    {m!r}: {options!r}," for m, options in chosen.items() if options]
    return [
        "\n## Search\n",
        f"Setting `plain` at half its length, one run each, seed {SEED}. See "
        "`keras_mdgan.experiments.search`. **Chosen**: most modes, then "
        "highest quality.\n",
        *tables.table(titles, rows),
        "\nRows of `recipes.SEARCHED`:\n",
        *kept,
    ]


def _score(record):
    return record["modes_strict"], record["high_quality"], -record["kl"]
