"""A search over MD-GAN's clusters and variance, beside the slides' own.

    KERAS_BACKEND=jax python examples/tune_clusters.py --data ring --out runs/tune_ring
    python examples/tune_clusters.py --smoke         # four cells, in a minute

KerasTuner trains a model for each cell of the slides' table, 4 to 12 components and
variances 0.16, 0.25 and 0.5, under our recipe: 6,000 steps, about half a minute a cell
on one core. Run it again to go on where it was stopped. `--tuner bayesian --trials 8`
looks for the best cell without trying all.

The folder `--out` receives `heat_map.png`, the search beside the published one,
`search.json`, and a SavedModel of the best generator.
"""

import argparse
import json
import pathlib
import warnings

import keras_tuner

import keras_mdgan as km
from keras_mdgan.commands.arguments import at_least
from keras_mdgan.datasets import dataset
from keras_mdgan.experiments.literature import (
    COMPONENTS,
    VARIANCES,
    published_search,
)

TUNERS = {
    "grid": km.tuning.GridSearch,
    "random": keras_tuner.RandomSearch,
    "bayesian": keras_tuner.BayesianOptimization,
}


def our_recipe(data, steps, components, variances, seeds):
    """The hypermodel: our recipe with the mixture that a trial asks for."""
    known = dataset(data).make()

    def make(seed, **mixture):
        return km.recipes.points(known, steps=steps, seed=seed, options=mixture).model

    per_epoch = 10_000 // 250
    return km.tuning.ClustersAndVariance(
        known,
        recipe=make,
        components=components,
        variances=variances,
        epochs=max(1, steps // per_epoch),
        batch_size=250,
        seeds=seeds,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="ring", choices=["ring", "grid"])
    parser.add_argument("--tuner", default="grid", choices=TUNERS)
    parser.add_argument("--trials", type=at_least(1), help="at most so many cells")
    parser.add_argument("--steps", type=at_least(1), default=6_000)
    parser.add_argument("--seeds", type=at_least(1), default=1, help="runs a cell")
    parser.add_argument("--smoke", action="store_true", help="a short search")
    parser.add_argument("--out", type=pathlib.Path, default="runs/tune_clusters")
    args = parser.parse_args()
    components, variances = (COMPONENTS, VARIANCES)
    if args.smoke:
        components, variances, args.steps = (4, 10), (0.25, 0.5), 40
    # The table has these cells, whatever their mixtures look like.
    warnings.filterwarnings("ignore", "The vertices of", UserWarning)
    options = {"max_trials": args.trials} if args.trials else {}
    if args.tuner != "grid":
        options.setdefault("max_trials", 8)
    tuner = TUNERS[args.tuner](
        our_recipe(args.data, args.steps, components, variances, args.seeds),
        keras_tuner.Objective("high_quality", "max"),
        directory=args.out,
        project_name=f"{args.tuner}_{args.steps}_steps",
        seed=0,
        **options,
    )
    tuner.search()

    figures, rows, columns = {}, None, None
    for measure in ("modes", "high_quality", "kl", "spread"):
        figures[measure], rows, columns = km.tuning.table(tuner, measure)
    theirs = {
        measure: table[[COMPONENTS.index(r) for r in rows]][
            :, [VARIANCES.index(c) for c in columns]
        ]
        for measure, table in published_search(args.data).items()
    }
    km.plotting.heat_maps(
        {
            "modes": {"published": theirs["modes"], "ours": figures["modes"]},
            "% high quality": {
                "published": theirs["high_quality"],
                "ours": figures["high_quality"],
            },
        },
        rows,
        columns,
        row_name="components",
        column_name="variance",
        title=f"MD-GAN on the {args.data}",
        subtitle=f"ours: {args.steps:,} steps, {args.seeds} a cell",
        path=args.out / "heat_map.png",
    )
    found = {name: table.tolist() for name, table in figures.items()}
    found |= {"components": rows, "variances": columns, "steps": args.steps}
    (args.out / "search.json").write_text(json.dumps(found, indent=1))

    print(f"\n{'components':>12}{'variance':>10}{'published':>18}{'ours':>18}   KL")
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            published_, ours = (
                f"{modes[i, j]:.1f} / {quality[i, j]:.1f} %"
                for modes, quality in (
                    (theirs["modes"], theirs["high_quality"]),
                    (figures["modes"], figures["high_quality"]),
                )
            )
            kl = figures["kl"][i, j]
            print(f"{row:>12}{column:>10}{published_:>18}{ours:>18}   {kl:.3f}")
    best = tuner.get_best_models()[0]
    best.export(args.out / "saved_model")
    chosen = tuner.get_best_hyperparameters()[0].values
    print(f"Best: {chosen}. Heat map and SavedModel are in {args.out}")


if __name__ == "__main__":
    main()
