"""Published experiments that are more than a table of methods, and their page.

Each is a list of trials, which `run.train` trains and records as any run, and the
measures of its paper. All records are in one folder, `results/repeated`.
"""

import pathlib
import statistics

from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.experiments import measures as measures_
from keras_mdgan.experiments import repeat_measures as own
from keras_mdgan.experiments import tables
from keras_mdgan.experiments.records import (
    DamagedRecords,
    Records,
    samples_name,
    text_of,
)
from keras_mdgan.experiments.repeat_measures import Experiment, Trial
from keras_mdgan.experiments.run import Run
from keras_mdgan.files import replaced_when_written
from keras_mdgan.recipes import METHODS, SETTINGS, settings_of
from keras_mdgan.validation import check_choice

FOLDER = "repeated"  # in the folder of all results

_IMAGES = {"images": "compact"}
_COLOUR_FIRST = ("cifar10", "mnist", "fashion_mnist", "celeba")
_GREY_FIRST = ("mnist", "fashion_mnist", "cifar10", "celeba")
# The papers' generators are not averaged, and their GAN has no penalty.
_AS_THEN = {"ema_momentum": None}
_GAN = {**_AS_THEN, "penalty_weight": 0.0}
_NOTE = " As then, generators are not averaged, and GAN has no penalty."
_RATES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def _mode_scores(n_classes):
    pairs = [
        (
            Trial("vanilla", {**_GAN, "rate": rate}, f"GAN, rate {rate}"),
            Trial(
                "mode_regularized", {**_AS_THEN, "rate": rate}, f"Reg-GAN, rate {rate}"
            ),
        )
        for rate in _RATES
    ]
    return tuple(trial for pair in pairs for trial in pair)


def _missing_modes(n_classes):
    return (
        Trial("vanilla", _GAN, "GAN", "5463 / 590; 17089 / 15832"),
        Trial("mode_regularized", _AS_THEN, "Reg-GAN", "754 / 42; 3644 / 391"),
        Trial("manifold_diffusion", _AS_THEN, "MDGAN", "-; 74 / 13"),
        Trial("mixture_density", _AS_THEN, "MD-GAN"),
    )


def _inference(n_classes):
    ali = "adversarially_learned_inference"
    return (
        Trial("vanilla", _GAN, "GAN", ".00844 +- .002"),
        Trial(ali, _AS_THEN, "ALI", ".0067 +- .004"),
        Trial("unrolled", _AS_THEN, "unrolled GAN", ".013 +- .0009"),
        Trial("veegan", _AS_THEN, "VEEGAN", ".0068 +- .0001"),
        Trial("mixture_density", _AS_THEN, "MD-GAN"),
    )


def _gaussian_mixtures(n_classes):
    static = {"dynamic": False, "latent_dim": 200, "components": n_classes}

    def sweep(published, what="", **options):
        return [
            Trial(
                "gaussian_mixture",
                {**static, **options, "stddev": stddev},
                f"static{what}, sigma {stddev}",
                published if stddev == 1.0 else "-",
            )
            for stddev in (0.25, 0.5, 1.0, 1.4, 2.0)
        ]

    supervised = {**static, "supervised": True, "stddev": 1.0}
    dynamic = {"dynamic": True, "components": n_classes, "stddev": 1.4}
    return (
        Trial("vanilla", {}, "GAN", "27.73"),
        Trial(
            "gaussian_mixture", supervised, "static, supervised, sigma 1.0", "258.61"
        ),
        *sweep("-"),
        *sweep("110.47", ", gradient penalty", gradient_penalty=10.0),
        Trial("gaussian_mixture", dynamic, "dynamic, from sigma 1.4", "15.67"),
    )


def _first_version(n_classes):
    published = iter(("25 / 79.36", "25 / 77.48", "25 / 59.56", "25 / 68.48"))
    return tuple(
        Trial(
            "mixture_density",
            {"components": components, "variance_real": variance},
            f"C {components}, varR {variance}, varF 0.25",
            next(published),
        )
        for components in (8, 10)
        for variance in (0.25, 0.28)
    )


EXPERIMENTS = {
    "first_version": Experiment(
        "MD-GAN's first version: components and variances",
        "Table 1 of the first version of MD-GAN's paper: the best component's "
        "likelihood, vertices at distance one, minimax. Published figures are means of "
        "5 runs, as long as those of VEEGAN.",
        _first_version,
        ("grid", "ring"),
        {"points": "v1"},
        published="published modes by one sample / %",
    ),
    "gaussian_mixtures": Experiment(
        "GM-GAN: static, a sweep of sigma, and dynamic",
        "The slides of GM-GAN: one Gaussian of latents for each class, fixed (200 "
        "dimensions) or trained (100). Their Frechet distances are of MNIST, so beside "
        "points they say only which variant was better. The slides draw their sweep of "
        "sigma and print its best value alone.",
        _gaussian_mixtures,
        ("ring", "grid", "mnist", "fashion_mnist"),
        {"points": "plain", "images": "papers"},
        published="published FID on MNIST",
    ),
    "mode_scores": Experiment(
        "Reg-GAN: MODE scores of GAN and Reg-GAN",
        "Figure 3 of Reg-GAN's paper: how the MODE scores of many configurations are "
        "distributed. Theirs differ in networks, optimizers and rates; ours in the "
        "rates of both players, as factors of the setting's. The paper prints a "
        "histogram and no numbers: Reg-GAN's scores are mostly high there, those of "
        "the GAN are spread from the lowest to the highest." + _NOTE,
        _mode_scores,
        ("mnist",),
        _IMAGES,
        measures=own.ModeScores,
    ),
    "missing_modes": Experiment(
        "Reg-GAN: missing modes by a third-party discriminator",
        "Table 3 of Reg-GAN's paper, which is of CelebA: images on missing modes, of "
        "generators with 100; 200 latents. Other data, networks and lengths have other "
        "counts: compare the order." + _NOTE,
        _missing_modes,
        _GREY_FIRST,
        _IMAGES,
        published="published on CelebA, sigma 3.5 / 4.0",
        measures=own.MissingModes,
    ),
    "inference": Experiment(
        "VEEGAN: inference via optimization and nearest images",
        "Table 2 and figure 3a of VEEGAN's paper: how near to real images a generator "
        "comes. The paper does not state its range of pixels; its values suggest "
        "[0, 1]. Fully trained generators come nearer than short runs." + _NOTE,
        _inference,
        _COLOUR_FIRST,
        _IMAGES,
        published="published IvOM on CIFAR-10",
        measures=own.Inference,
    ),
}


def runs(experiment: str, data: str, setting: str, seeds: int, steps=None) -> list[Run]:
    """The runs of an experiment, seed by seed.

    Examples:
        >>> runs("first_version", "grid", "v1", seeds=1)[0].name
        'first_version/grid/v1/mixture_density/components_8/variance_real_0.25/seed_0'
    """
    return [
        Run(data, setting, trial.model, seed, trial.options, steps, experiment)
        for seed in range(seeds)
        for trial in EXPERIMENTS[experiment].trials_on(data)
    ]


def add_arguments(sub) -> None:
    """Add the arguments of the sub-command `repeat`."""
    sub.add_argument("experiment", help=f"one of {', '.join(EXPERIMENTS)}")
    sub.add_argument("--data", help="another data set than the default")
    sub.add_argument("--setting", help="default: the experiment's own")


def check(options) -> None:
    """Check the arguments of the sub-command, and fill in their defaults.

    Raises:
        ValueError: if one is unknown.
    """
    check_choice("EXPERIMENT", options.experiment, EXPERIMENTS)
    experiment = EXPERIMENTS[options.experiment]
    options.data = options.data or experiment.data[0]
    check_choice("--data", options.data, experiment.data)
    data = dataset(options.data)
    options.setting = options.setting or experiment.settings[data.kind]
    check_choice("--setting", options.setting, settings_of(data))
    options.out = options.out or f"results/{FOLDER}"


def write(out) -> str:
    """Write the page of all experiments with its figures; return the text.

    Args:
        out: the folder of the records.

    Raises:
        DamagedRecords: if a line of the records is not a record of an experiment.
    """
    records, out = Records(out).read(), pathlib.Path(out)
    _check(records, out)
    text = [
        "# Published experiments, repeated\n",
        "Experiments of the papers that are more than a table of methods, by "
        "`python -m keras_mdgan.experiments repeat`. Most runs here are much shorter "
        "than the papers': steps stand above each table, means +- standard deviations "
        "are over the seeds.",
    ]
    for name, experiment in EXPERIMENTS.items():
        found = [r for r in records if r["experiment"] == name]
        if found:
            text.append(f"\n## {experiment.title}\n\n{experiment.text}")
        for data, setting in dict.fromkeys((r["data"], r["setting"]) for r in found):
            rows = [r for r in found if (r["data"], r["setting"]) == (data, setting)]
            text.append(_section(name, data, setting, rows, out))
    text = "\n".join([*text, tables.provenance(records)])
    with replaced_when_written(out / "README.md") as beside:
        beside.write_text(text)
    return text


def _check(records, out):
    known = {"experiment": EXPERIMENTS, "data": DATASETS}
    known |= {"setting": SETTINGS, "model": METHODS}
    for r in records:
        wrong = [f"{k} {r.get(k)!r}" for k in known if r.get(k) not in known[k]]
        if wrong:
            raise DamagedRecords(
                f"{out / 'records.jsonl'} has a record, seed {r['seed']}, that is of "
                f"no experiment: {', '.join(wrong)}"
            )


def _section(name, data, setting, records, out):
    experiment = EXPERIMENTS[name]
    measures, used = measures_.of(dataset(data), name), SETTINGS[setting]
    ours, theirs = measures.columns, measures.by_papers
    true, lines = measures.of_true_data(), []
    if true:
        first = ["true data", str(len(true)), *tables.cells(true, ours), "-"]
        lines.append([*first, *tables.cells(true, theirs), "-"])
    grouped = _by_trial(experiment.trials_on(data), records)
    for trial, found in grouped:
        seconds = statistics.mean(r["seconds"] for r in found)
        label = trial.label or trial.model
        if any("stopped_at_step" in r for r in found):
            label += " (diverged: see records)"
        row = [label, str(len(found)), *tables.cells(found, ours), f"{seconds:.0f}"]
        lines.append([*row, *tables.cells(found, theirs), trial.published])
    steps = tables.budget(
        (r["steps"] for r in records), used.on(dataset(data)).batch_size
    )
    titles = ["", "seeds", *tables.titles(ours), "s a run", *tables.titles(theirs)]
    text = [
        f"\n### {data}, `{setting}`: {used.description}\n",
        f"{steps}. {measures.introduction.strip()}\n",
        *tables.table([*titles, experiment.published], lines),
    ]
    figure = f"{name}_{data}_{setting}.png"
    of, samples = f"{name}/{data}", Records(out).samples()
    kept = {
        t.label: samples.get(samples_name(setting, t.model, of)) for t, _ in grouped
    }
    kept = {label: samples for label, samples in kept.items() if samples is not None}
    if measures.figure({t.label: found for t, found in grouped}, kept, out / figure):
        text.append(f"\n![{name}]({figure})")
    return "\n".join(text)


def _by_trial(trials, records):
    """The trials in their order with their records; then options that none has."""
    groups = {(t.model, text_of(t.options)): (t, []) for t in trials}
    for record in records:
        model, options = record["model"], record["options"]
        label = ", ".join([model, *[f"{k}={v}" for k, v in options.items()]])
        new = Trial(model, options, label), []
        groups.setdefault((model, text_of(options)), new)[1].append(record)
    return [(trial, found) for trial, found in groups.values() if found]
