"""Tables and figures from the records of runs: one page per data set, and a summary."""

import pathlib
import statistics
from collections.abc import Iterable, Sequence

from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.experiments import measures as measures_
from keras_mdgan.experiments.literature import published
from keras_mdgan.experiments.records import (
    DamagedRecords,
    Records,
    samples_name,
)
from keras_mdgan.files import replaced_when_written
from keras_mdgan.recipes import (
    METHODS,
    SEARCHED,
    SETTINGS,
    setting_for,
    settings_of,
    trained_as,
)

# The settings in the table over all data sets of points.
SUMMARISED = ("plain", "searched", "ours")


def write(data: str, out) -> str:
    """Write a data set's `README.md` with its figures; return the text.

    Args:
        data: a key of `keras_mdgan.datasets.DATASETS`.
        out: the folder of its results.

    Raises:
        DamagedRecords: if a line of its records is not a record.
    """
    from keras_mdgan.experiments import hyperparameters, options, search

    records, out = Records(out).read(), pathlib.Path(out)
    measures = measures_.of(dataset(data))
    _check(data, records, measures, out)
    plain = [r for r in records if not r["options"] and r["setting"] != "search"]
    text = [f"# {data}\n", measures.introduction]
    text.append("Means +- standard deviations over the seeds.\n")
    present = [s for s in SETTINGS if any(r["setting"] == s for r in plain)]
    for setting in present:
        if not SETTINGS[setting].change_of:
            text.append(_section(data, setting, plain, out, measures))
    for base in dict.fromkeys(SETTINGS[name].change_of for name in present):
        if base:
            text.append(_changes(data, base, present, plain, measures))
    text += hyperparameters.sections(data, records, out)
    text += search.sections(data, records)
    text += options.sections(data, records, measures)
    text.append(provenance(records))
    return _written(out / "README.md", "\n".join(text))


def write_summary(results) -> str:
    """Write `README.md` in the folder of all results; return the text.

    Args:
        results: the folder with one folder per data set.
    """
    results = pathlib.Path(results)
    points = [name for name, entry in DATASETS.items() if entry.kind == "points"]
    records = {
        data: [r for r in Records(results / data).read() if not r["options"]]
        for data in points
    }
    pages = [data for data in points if (results / data / "README.md").exists()]
    lines = [
        "# Every method on every data set of points\n",
        "Modes with at least 20 of 2,500 samples / high quality in percent, means over "
        "the seeds; the true data score 98.9 %. Published figures count a mode from "
        "one sample on, and stand beside ours by that count. Deviations, KL and spread "
        "stand in the tables of each data set, with seeds, versions and commands: "
        + ", ".join(f"[{data}]({data}/README.md)" for data in pages)
        + ".\n",
    ]
    for setting in SUMMARISED:
        lines += _summary_section(setting, records)
    return _written(results / "README.md", "\n".join(lines) + "\n")


def _check(data, records, measures, out):
    """Refuse records that tables would misread or leave out."""
    known = {"data": [data], "setting": settings_of(dataset(data)), "model": METHODS}
    by_papers = getattr(measures, "by_papers", ())
    keys = [key for key, *_ in (*measures.columns, *by_papers)]
    for record in records:
        wrong = [f"{k} {record[k]!r}" for k in known if record[k] not in known[k]]
        wrong += [
            f"{key} {record[key]!r}"
            for key in keys
            if not isinstance(record.get(key, 0), (int, float))
        ]
        if wrong:
            run = "/".join(str(record[name]) for name in ("setting", "model", "seed"))
            raise DamagedRecords(
                f"{out / 'records.jsonl'} has a record, {run}, that is none of {data}: "
                f"{', '.join(wrong)}"
            )


# For all tables.


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table.

    Examples:
        >>> table(["model", "modes"], [["vanilla", "8"]])
        ['| model | modes |', '|---|---|', '| vanilla | 8 |']
    """
    lines = [titles, *rows]
    written = ["| " + " | ".join(cells) + " |" for cells in lines]
    return [written[0], "|---" * len(titles) + "|", *written[1:]]


def mean(records: list[dict], key: str, digits: int) -> str:
    """Mean +- standard deviation of a figure, or `"-"` if no record has it."""
    values = [float(record[key]) for record in records if key in record]
    if not values:
        return "-"
    text = f"{statistics.mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" +- {statistics.stdev(values):.{digits}f}"
    return text


def of_model(records: list[dict]) -> dict[str, list[dict]]:
    """Records by model, in the order of `METHODS`."""
    found = {m: [r for r in records if r["model"] == m] for m in METHODS}
    return {model: rows for model, rows in found.items() if rows}


def provenance(records: list[dict]) -> str:
    """The commands and versions of records."""
    commands = sorted({r["command"] for r in records if r["command"]})
    found = {", ".join(f"{k} {v}" for k, v in r["versions"].items()) for r in records}
    lines = ["\nCommands that wrote these records:\n"]
    lines += [f"    {command}" for command in commands]
    return "\n".join([*lines, "\nVersions: " + "; ".join(sorted(found)) + "\n"])


def budget(steps: Iterable[int], batch_size: int) -> str:
    """Steps and batch size in words."""
    numbers = " and ".join(f"{n:,}" for n in sorted(set(steps)))
    return f"{numbers} steps of batch {batch_size}"


def _written(path, text):
    with replaced_when_written(path) as beside:
        beside.write_text(text)
    return text


def cells(records: list[dict], columns) -> list[str]:
    """Mean +- standard deviation of each of a measure's columns."""
    return [mean(records, key, digits) for key, _, digits in columns]


def titles(columns) -> list[str]:
    """The titles of a measure's columns."""
    return [title for _, title, _ in columns]


def _of_setting(records, setting, data):
    """The records of a setting, with those of another setting that count for it."""
    return [r for r in records if r["setting"] == trained_as(setting, data, r["model"])]


def _section(data, setting, records, out, measures):
    used, rows = setting_for(setting, data), _of_setting(records, setting, data)
    true = measures.of_true_data()
    ours, theirs = measures.columns, measures.by_papers
    first = ["true data", str(len(true)), *cells(true, ours), "-"]
    lines = [[*first, *cells(true, theirs), "-"]]
    kept, samples = Records(out).samples(), {}
    for model, runs in of_model(rows).items():
        seconds = statistics.mean(r["seconds"] for r in runs)
        lines.append(
            [
                _label(data, setting, model, runs),
                str(len(runs)),
                *cells(runs, ours),
                f"{seconds:.0f}",
                *cells(runs, theirs),
                published(data, setting, model),
            ]
        )
        name = samples_name(trained_as(setting, data, model), model)
        if name in kept:
            samples[model] = kept[name]
    row = ["model", "seeds", *titles(ours), "s a run", *titles(theirs)]
    text = [
        f"\n## {setting}: {used.description}\n",
        f"{budget((r['steps'] for r in rows), used.batch_size)}, "
        f"{used.n_points:,} points. Seconds are wall time since the last interruption, "
        "pauses and other work included.\n",
        *table([*row, f"published {measures.published_title}"], lines),
        f"\nSeed by seed ({measures.by_seed_title}):\n",
    ]
    for model, runs in of_model(rows).items():
        text.append(f"* {model}: " + "; ".join(measures.by_seed(r) for r in runs))
    text += measures.notes(samples, {m: published(data, setting, m) for m in samples})
    if samples:
        measures.draw(samples, out / f"{setting}.png")
        text.append(f"\n![samples, seed 0]({setting}.png)\n")
    return "\n".join(text)


def _label(data, setting, model, runs):
    label, trained = model, trained_as(setting, data, model)
    options = SEARCHED.get(data, {}).get(model)
    if SETTINGS[setting].searched and options:
        chosen = ", ".join(f"{name}={value}" for name, value in options.items())
        label += f" ({chosen})"
    if trained != setting:
        label += f" (default: as {trained})"
    if any("stopped_at_step" in r for r in runs):
        label += " (diverged: see records)"
    return label


def _changes(data, base, present, records, measures):
    """A table for MD-GAN with one row per change to a setting."""
    names = [base, *[name for name in present if SETTINGS[name].change_of == base]]
    mixture = [r for r in records if r["model"] == "mixture_density"]
    columns, lines = (*measures.columns, *measures.by_papers), []
    for name in names:
        rows = [r for r in mixture if r["setting"] == name]
        if rows:
            what = "nothing" if name == base else SETTINGS[name].description
            figure = published(data, name, "mixture_density")
            first = [f"{what} (`{name}`)", str(len(rows))]
            lines.append([*first, *cells(rows, columns), figure])
    row = ["changed", "seeds", *titles(columns)]
    return "\n".join(
        [
            f"\n## What the pieces of `{base}` are for\n",
            f"`mixture_density` with one piece changed; the rest as in `{base}`.\n",
            *table([*row, f"published {measures.published_title}"], lines),
        ]
    )


def _summary_section(setting, records):
    shown = [d for d in records if any(r["setting"] == setting for r in records[d])]
    if not shown:
        return []
    lines = []
    for model in METHODS:
        rows = {
            data: [
                r
                for r in _of_setting(records[data], setting, data)
                if r["model"] == model
            ]
            for data in shown
        }
        if any(rows.values()):
            strict = [_strict(rows[data]) for data in shown]
            beside = [_beside_published(d, setting, model, rows[d]) for d in shown]
            lines.append([model, *strict, *beside])
    ours = [f"{d} ({records[d][0]['n_modes']:.0f} modes)" for d in shown]
    theirs = [f"{data}: ours by one sample, published" for data in shown]
    return [
        f"\n## {setting}: {SETTINGS[setting].description}\n",
        *table(["method", *ours, *theirs], lines),
    ]


def _strict(rows):
    if not rows:
        return "not run"
    modes = statistics.mean(r["modes_strict"] for r in rows)
    quality = statistics.mean(r["high_quality"] for r in rows)
    few = f" ({len(rows)} seeds)" if len(rows) != 5 else ""
    return f"{modes:.1f} / {quality:.1f}{few}"


def _beside_published(data, setting, model, rows):
    """Our figures and the published ones; a mode counts from one sample on in both."""
    theirs = published(data, setting, model)
    if theirs == "-" or not rows:
        return "-"
    modes = statistics.mean(r["modes"] for r in rows)
    quality = statistics.mean(r["high_quality"] for r in rows)
    return f"{modes:.1f} / {quality:.1f}, {theirs}"
