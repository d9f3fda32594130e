"""Tables and figures from the records of runs."""

import json
import pathlib
import statistics

import numpy as np

from keras_mdgan.experiments.recipes import SEARCHED
from keras_mdgan.experiments.record import kept_samples
from keras_mdgan.experiments.settings import DATA, MODELS, SETTINGS, setting_for
from keras_mdgan.files import replaced_when_written
from keras_mdgan.metrics import mode_coverage

# Published modes / high quality in percent: VEEGAN's table (Srivastava et al. 2017,
# table 1), the slides of MD-GAN (tables 1 and 2, marked s) and the first version of its
# paper (marked v1).
PUBLISHED = {
    "grid": {
        "vanilla": "3.3 / 0.5",
        "adversarially_learned_inference": "15.8 / 1.6",
        "unrolled": "23.6 / 16",
        "veegan": "24.6 / 40",
        "deligan": "21 / 74.92 (s)",
        "infogan": "17.2 / 75.12 (s)",
        "spectral_norm": "23.8 / 90.96 (s)",
        "wasserstein_gp": "24 / 12.69 (v1)",
        "mixture_density": "25 / 99.36 (s); 25 / 59.56 (v1, C 10)",
    },
    "ring": {
        "vanilla": "1 / 99.3",
        "adversarially_learned_inference": "2.8 / 0.13",
        "unrolled": "7.6 / 35.6",
        "veegan": "8 / 52.9",
        "deligan": "6.4 / 98.28 (s)",
        "infogan": "3 / 98.88 (s)",
        "spectral_norm": "6.8 / 86.64 (s)",
        "mixture_density": "8 / 89.03 (s)",
    },
    "synthetic_1200d": {
        "vanilla": "1.6 / 2.0",
        "adversarially_learned_inference": "3 / 5.4",
        "unrolled": "0 / 0.0",
        "veegan": "5.5 / 28.29",
    },
}
COLUMNS = (
    ("modes", "modes", 1),
    ("modes_strict", "modes >= 20", 1),
    ("high_quality", "high quality %", 2),
    ("kl", "KL", 3),
    ("spread", "spread", 3),
)


def records(out) -> list[dict]:
    """Every record below the results' folder, in order."""
    paths = sorted(pathlib.Path(out).glob("*/*/seed_*.json"))
    return [json.loads(path.read_text()) for path in paths]


def write(data: str, out) -> str:
    """Write `README.md`, and a panel of samples for each setting; return the table.

    Args:
        data: the data set's name.
        out: the results' folder.
    """
    out = pathlib.Path(out)
    every = records(out)
    text = [f"# {data}\n", _introduction(data)]
    present = [name for name in SETTINGS if any(r["setting"] == name for r in every)]
    text += [
        _section(data, name, every, out)
        for name in present
        if not SETTINGS[name].ablation
    ]
    if any(SETTINGS[name].ablation for name in present):
        text.append(_ablations(present, every))
    text.append("\nCommands that wrote these records:\n")
    commands = sorted({r["command"] for r in every if r["command"]})
    text += [f"    {command}" for command in commands]
    text.append("\nVersions: " + "; ".join(_versions(every)) + "\n")
    table = "\n".join(text)
    with replaced_when_written(out / "README.md") as beside:
        beside.write_text(table)
    return table


def _introduction(data):
    return (
        "2,500 samples a run; a sample is of high quality within 3 standard deviations "
        "of the nearest mode, a mode is found by one such sample, or, stricter, by 20. "
        "KL: divergence of their histogram over the modes from the uniform one. "
        "Spread: their root mean square radius in units of the true one. Mean +- "
        "standard deviation over the seeds. See `keras_mdgan.metrics.mode_coverage`.\n"
    )


def _section(data, setting, every, out):
    rows = [r for r in every if r["setting"] == setting]
    steps = sorted({r["steps"] for r in rows})
    used = setting_for(setting, data)
    lines = [
        f"\n## {setting}: {used.description}\n",
        f"{' and '.join(f'{n:,}' for n in steps)} steps of batch {used.batch_size}, "
        f"{used.n_points:,} points.\n",
        "| model | seeds | " + " | ".join(c[1] for c in COLUMNS) + " | s a run "
        "| published modes / % |",
        "|---" * (len(COLUMNS) + 4) + "|",
        _truth_row(data),
    ]
    samples = {}
    for model in [m for m in MODELS if any(r["model"] == m for r in rows)]:
        of_model = [r for r in rows if r["model"] == model]
        cells = [_mean([r[key] for r in of_model], n) for key, _, n in COLUMNS]
        seconds = statistics.mean(r["seconds"] for r in of_model)
        options = SEARCHED.get(data, {}).get(model) if used.searched else None
        label = f"{model} {_options(options)}" if options else model
        if any("stopped_at_step" in r for r in of_model):
            label += " (diverged: see records)"
        lines.append(
            f"| {label} | {len(of_model)} | "
            + " | ".join(cells)
            + f" | {seconds:.0f} | {PUBLISHED.get(data, {}).get(model, '-')} |"
        )
        path = out / setting / model / "seed_0.npy"
        if path.exists():
            samples[model] = np.load(path, allow_pickle=False).astype("float32")
    lines.append(_by_seed(rows))
    if samples:
        from keras_mdgan import plotting

        truth = DATA[data].make()
        panel = {"true data": kept_samples(truth.sample(2500, seed=0), truth)}
        draw = plotting.panel if DATA[data].dim == 2 else plotting.distance_panel
        draw({**panel, **samples}, truth, columns=6, path=out / f"{setting}.png")
        lines.append(f"\n![samples, seed 0]({setting}.png)\n")
    return "\n".join(lines)


def _ablations(present, every):
    """One row a change to our recipe, for MD-GAN."""
    names = ["ours", *[name for name in present if SETTINGS[name].ablation]]
    lines = [
        "\n## What each piece of our recipe is for\n",
        "`mixture_density` with one piece changed; the rest as in `ours`.\n",
        "| changed | seeds | " + " | ".join(c[1] for c in COLUMNS) + " |",
        "|---" * (len(COLUMNS) + 2) + "|",
    ]
    for name in names:
        rows = [
            r for r in every if r["setting"] == name and r["model"] == "mixture_density"
        ]
        if not rows:
            continue
        cells = [_mean([r[key] for r in rows], n) for key, _, n in COLUMNS]
        what = "nothing" if name == "ours" else SETTINGS[name].description
        lines.append(f"| {what} (`{name}`) | {len(rows)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _options(options):
    return "(" + ", ".join(f"{name}={value}" for name, value in options.items()) + ")"


def _truth_row(data):
    truth = DATA[data].make()
    coverages = [
        mode_coverage(truth.sample(2500, seed=seed), truth) for seed in range(20)
    ]
    cells = [_mean([getattr(c, key) for c in coverages], n) for key, _, n in COLUMNS]
    return "| true data | 20 | " + " | ".join(cells) + " | - | - |"


def _by_seed(rows):
    lines = ["\nSeed by seed (modes >= 20 / high quality % / KL / spread):\n"]
    for model in [m for m in MODELS if any(r["model"] == m for r in rows)]:
        cells = [
            f"{r['modes_strict']:.0f} / {r['high_quality']:.2f} / {r['kl']:.3f} / "
            f"{r['spread']:.2f}"
            for r in rows
            if r["model"] == model
        ]
        lines.append(f"* {model}: " + "; ".join(cells))
    return "\n".join(lines)


def _mean(values, digits):
    values = [float(v) for v in values]
    mean = f"{statistics.mean(values):.{digits}f}"
    if len(values) < 2:
        return mean
    return f"{mean} +- {statistics.stdev(values):.{digits}f}"


def _versions(every):
    texts = {
        ", ".join(f"{name} {v}" for name, v in r["versions"].items()) for r in every
    }
    return sorted(texts)
