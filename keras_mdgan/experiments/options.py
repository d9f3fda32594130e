"""Runs with options of a model: their table, and the clusters of those with corners."""

import ast
import json

from keras_mdgan.experiments import tables
from keras_mdgan.experiments.literature import published_clusterings
from keras_mdgan.metrics.clustering import CLUSTER_FIGURES

_CLUSTER_TITLES = ("NMI", "accuracy", "adjusted Rand index")


def parsed(text: str | None) -> dict:
    """Options of a model from the command line.

    Examples:
        >>> parsed("assignment=balanced,components=20,balance_temperature=0.1")
        {'assignment': 'balanced', 'components': 20, 'balance_temperature': 0.1}
        >>> parsed(None)
        {}
        >>> parsed("balanced")
        Traceback (most recent call last):
        ValueError: `--options` must be NAME=VALUE with commas. Received: 'balanced'

    Args:
        text: `NAME=VALUE` with commas. Numbers, `True`, `False` and `None` are those of
            Python; other values are strings.

    Raises:
        ValueError: if it is not so written, or names an option twice.
    """
    found = {}
    for part in text.split(",") if text else []:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name.isidentifier() and equals and value) or name in found:
            twice = f", {name} twice" if name in found else ""
            raise ValueError(
                f"`--options` must be NAME=VALUE with commas. Received: {text!r}{twice}"
            )
        found[name] = _value(value)
    return found


def _value(text):
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return value if value is None or isinstance(value, (bool, int, float)) else text


def sections(data: str, records: list[dict], measures) -> list[str]:
    """The sections of a data set's page: runs with options, and clusters.

    Args:
        data: the data set's name.
        records: the records of the data set.
        measures: its `Measures`.
    """
    return [*_with_options(records, measures), *_clusters(data, records)]


def _with_options(records, measures):
    """Runs with options that no other section shows."""
    searched = ({"components", "variance"}, set())
    found = [
        r
        for r in records
        if r["setting"] != "search" and r["options"].keys() not in searched
    ]
    if not found:
        return []
    rows = [
        [*_names(runs), *tables.cells(runs, measures.columns)] for runs in _alike(found)
    ]
    titles = ["setting", "model", "options", "seeds"]
    return [
        "\n## With options\n",
        "As in the settings of these names, but for the options.\n",
        *tables.table([*titles, *tables.titles(measures.columns)], rows),
    ]


def _clusters(data, records):
    """Our runs' clusters beside published ones."""
    found = [r for r in records if "nmi" in r]
    if not found:
        return []
    rows = [
        [
            _described(runs),
            str(len(runs)),
            f"{runs[0]['steps']:,}",
            tables.mean(runs, "clusters", 1),
            *[tables.mean(runs, name, 3) for name in CLUSTER_FIGURES],
        ]
        for runs in _alike(found)
    ]
    rows += [
        [f"{each.method}, {each.source}", each.runs, "-", "-", *each.figures]
        for each in published_clusterings(data)
    ]
    titles = ["method", "seeds", "steps", "clusters used", *_CLUSTER_TITLES]
    return [
        "\n## Clustering\n",
        "Ours: the clusters of the test images (for Mixture Density GAN the nearest "
        "corner) against their classes, which training did not see; one-to-one "
        "accuracy. See `keras_mdgan.metrics.clustering`. Published figures are of "
        "the images and the run that their authors chose; with a number of seeds they "
        "are means.\n",
        *tables.table(titles, rows),
    ]


def _alike(records):
    """Lists of records that differ only in their seeds, in the order of the models."""
    groups = {}
    for record in records:
        key = record["setting"], record["steps"], json.dumps(record["options"])
        groups.setdefault(key, []).append(record)
    return [runs for same in groups.values() for runs in tables.of_model(same).values()]


def _names(runs):
    first = runs[0]
    return [first["setting"], first["model"], _options(first), str(len(runs))]


def _options(record):
    return ", ".join(f"{name}={value}" for name, value in record["options"].items())


def _described(runs):
    first = runs[0]
    inside = [first["setting"], *filter(None, [_options(first)])]
    return f"{first['model']} ({', '.join(inside)})"
