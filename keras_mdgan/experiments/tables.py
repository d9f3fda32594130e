"""Tables and figures from the records of runs."""

import json
import pathlib
import statistics

import numpy as np

from keras_mdgan.experiments.published import published
from keras_mdgan.experiments.recipes import SEARCHED
from keras_mdgan.experiments.settings import (
    DATA,
    MODELS,
    SETTINGS,
    setting_for,
    trained_as,
)
from keras_mdgan.files import replaced_when_written


def records(out) -> list[dict]:
    """Every record below the results' folder, in order."""
    paths = sorted(pathlib.Path(out).glob("*/*/seed_*.json"))
    return [json.loads(path.read_text()) for path in paths]


def rows_of(records, setting: str, data: str) -> list[dict]:
    """The records of a setting, with those of another one that are also its own."""
    return [r for r in records if r["setting"] == trained_as(setting, data, r["model"])]


def write(data: str, out) -> str:
    """Write `README.md`, and a panel of samples for each setting; return the table.

    Args:
        data: the data set's name.
        out: the results' folder.
    """
    out = pathlib.Path(out)
    every = records(out)
    text = [
        f"# {data}\n",
        DATA[data].measures.introduction,
        "Means +- standard deviations over the seeds.\n",
    ]
    present = [name for name in SETTINGS if any(r["setting"] == name for r in every)]
    text += [
        _section(data, name, every, out)
        for name in present
        if not SETTINGS[name].change_of
    ]
    for base in {SETTINGS[name].change_of: 0 for name in present}:
        if base:
            text.append(_changes(data, base, present, every))
    text.append("\nCommands that wrote these records:\n")
    commands = sorted({r["command"] for r in every if r["command"]})
    text += [f"    {command}" for command in commands]
    text.append("\nVersions: " + "; ".join(_versions(every)) + "\n")
    table = "\n".join(text)
    with replaced_when_written(out / "README.md") as beside:
        beside.write_text(table)
    return table


def _section(data, setting, every, out):
    rows = rows_of(every, setting, data)
    steps = sorted({r["steps"] for r in rows})
    used, measures = setting_for(setting, data), DATA[data].measures
    titles = " | ".join(column[1] for column in measures.columns)
    lines = [
        f"\n## {setting}: {used.description}\n",
        f"{' and '.join(f'{n:,}' for n in steps)} steps of batch {used.batch_size}, "
        f"{used.n_points:,} points. Seconds are wall time since the last interruption, "
        "pauses and other work included.\n",
        f"| model | seeds | {titles} | s a run "
        f"| published {measures.published_title} |",
        "|---" * (len(measures.columns) + 4) + "|",
        _true_row(measures),
    ]
    samples = {}
    for model in [m for m in MODELS if any(r["model"] == m for r in rows)]:
        of_model = [r for r in rows if r["model"] == model]
        seconds = statistics.mean(r["seconds"] for r in of_model)
        options = SEARCHED.get(data, {}).get(model) if used.searched else None
        label = f"{model} {_options(options)}" if options else model
        trained = trained_as(setting, data, model)
        if trained != setting:
            label += f" (default: as {trained})"
        if any("stopped_at_step" in r for r in of_model):
            label += " (diverged: see records)"
        lines.append(
            f"| {label} | {len(of_model)} | {_cells(of_model, measures)}"
            f" | {seconds:.0f} | {published(data, setting, model)} |"
        )
        path = out / trained / model / "seed_0.npy"
        if path.exists():
            samples[model] = np.load(path, allow_pickle=False)
    lines.append(_by_seed(rows, measures))
    if samples:
        measures.draw(samples, out / f"{setting}.png")
        lines.append(f"\n![samples, seed 0]({setting}.png)\n")
    return "\n".join(lines)


def _changes(data, base, present, every):
    """One row a change to a setting, for MD-GAN."""
    names = [base, *[name for name in present if SETTINGS[name].change_of == base]]
    measures = DATA[data].measures
    lines = [
        f"\n## What the pieces of `{base}` are for\n",
        f"`mixture_density` with one piece changed; the rest as in `{base}`.\n",
        "| changed | seeds | "
        + " | ".join(column[1] for column in measures.columns)
        + f" | published {measures.published_title} |",
        "|---" * (len(measures.columns) + 3) + "|",
    ]
    for name in names:
        rows = [
            r for r in every if r["setting"] == name and r["model"] == "mixture_density"
        ]
        if rows:
            what = "nothing" if name == base else SETTINGS[name].description
            cells = _cells(rows, measures)
            figure = published(data, name, "mixture_density")
            lines.append(f"| {what} (`{name}`) | {len(rows)} | {cells} | {figure} |")
    return "\n".join(lines)


def _options(options):
    return "(" + ", ".join(f"{name}={value}" for name, value in options.items()) + ")"


def _true_row(measures):
    every = measures.of_true_data()
    return f"| true data | {len(every)} | {_cells(every, measures)} | - | - |"


def _cells(rows, measures):
    return " | ".join(
        _mean([row[key] for row in rows if key in row], digits)
        for key, _, digits in measures.columns
    )


def _by_seed(rows, measures):
    lines = [f"\nSeed by seed ({measures.by_seed_title}):\n"]
    for model in [m for m in MODELS if any(r["model"] == m for r in rows)]:
        cells = [measures.by_seed(r) for r in rows if r["model"] == model]
        lines.append(f"* {model}: " + "; ".join(cells))
    return "\n".join(lines)


def _mean(values, digits):
    values = [float(v) for v in values]
    if not values:
        return "-"
    mean = f"{statistics.mean(values):.{digits}f}"
    if len(values) < 2:
        return mean
    return f"{mean} +- {statistics.stdev(values):.{digits}f}"


def _versions(every):
    texts = {
        ", ".join(f"{name} {v}" for name, v in r["versions"].items()) for r in every
    }
    return sorted(texts)
