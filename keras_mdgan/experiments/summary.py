"""One table over all data sets: `python -m keras_mdgan.experiments.summary`.

Reads the records below `results/` and writes `results/README.md`.
"""

import argparse
import pathlib
import statistics
import sys

from keras_mdgan.experiments import tables
from keras_mdgan.experiments.data import TOY
from keras_mdgan.experiments.published import published as published_of
from keras_mdgan.experiments.settings import MODELS, SETTINGS
from keras_mdgan.files import replaced_when_written

SHOWN = ("plain", "searched", "ours")


def write(results="results") -> str:
    """Write `README.md` in the results' folder; return it.

    Args:
        results: the folder with one folder a data set.
    """
    results = pathlib.Path(results)
    records = {data: tables.records(results / data) for data in TOY}
    described = [data for data in TOY if (results / data / "README.md").exists()]
    lines = [
        "# Every method on every toy data set\n",
        "Modes with at least 20 of 2,500 samples / high quality in percent, means over "
        "the seeds; the true data score 98.9 %. Deviations, KL and spread stand in the "
        "tables of each data set, with seeds, versions and commands: "
        + ", ".join(f"[{data}]({data}/README.md)" for data in described)
        + ".\n",
    ]
    for setting in SHOWN:
        lines += _section(setting, records)
    text = "\n".join(lines) + "\n"
    with replaced_when_written(results / "README.md") as beside:
        beside.write_text(text)
    return text


def _section(setting, records):
    shown = [d for d in TOY if any(r["setting"] == setting for r in records[d])]
    if not shown:
        return []
    head = [f"{data} ({_modes(records[data])})" for data in shown]
    lines = [
        f"\n## {setting}: {SETTINGS[setting].description}\n",
        "| method | " + " | ".join(head) + " | published, in this order |",
        "|---" * (len(shown) + 2) + "|",
    ]
    for model in MODELS:
        cells = [_cell(records[d], d, setting, model) for d in shown]
        if any(cells):
            published = [published_of(d, setting, model) for d in shown]
            lines.append(
                f"| {model} | "
                + " | ".join(cell or "not run" for cell in cells)
                + f" | {'; '.join(published)} |"
            )
    return lines


def _cell(records, data, setting, model):
    rows = tables.rows_of(records, setting, data)
    rows = [r for r in rows if r["model"] == model]
    if not rows:
        return ""
    modes = statistics.mean(r["modes_strict"] for r in rows)
    quality = statistics.mean(r["high_quality"] for r in rows)
    few = f" ({len(rows)} seeds)" if len(rows) != 5 else ""
    return f"{modes:.1f} / {quality:.1f}{few}"


def _modes(records):
    return f"{records[0]['n_modes']:.0f} modes"


def main(arguments=None) -> int:
    """Write the table and print it."""
    parser = argparse.ArgumentParser(
        prog="python -m keras_mdgan.experiments.summary",
        description=__doc__.splitlines()[0],
    )
    parser.add_argument("--results", default="results", help="default: results")
    print(write(parser.parse_args(arguments).results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
