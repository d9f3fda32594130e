"""Any GAN of the zoo on 25 Gaussians in the plane: counts, figures, model on disk.

    python examples/grid.py                     # Mixture Density GAN, about a minute
    python examples/grid.py --model vanilla     # the same with a vanilla GAN's losses

Any backend: set KERAS_BACKEND to jax, tensorflow or torch. The folder `--out` receives
`samples.png`, `losses.png`, `embedding.png`, `epochs/training.gif`, `model.keras` and a
SavedModel, from which `sample_saved_model.py` draws.
"""

import argparse
import pathlib

import keras

import keras_mdgan as km
from keras_mdgan.commands.arguments import at_least


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--model", default="mixture_density", choices=km.recipes.METHODS
    )
    parser.add_argument("--steps", type=at_least(1), default=6_000)
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/grid"))
    args = parser.parse_args()

    data = km.datasets.grid()
    recipe = km.recipes.points(
        data, args.model, args.steps, args.seed, folder=args.out / "epochs"
    )
    gan, history = recipe.model, recipe.fit(verbose=2)

    samples = gan.sample(2500, seed=args.seed)
    km.plotting.scatter(samples, data, path=args.out / "samples.png")
    km.plotting.loss_curves(history, path=args.out / "losses.png")
    if args.model == "mixture_density":
        points, modes = data.sample_with_labels(2500, seed=args.seed)
        embeddings = keras.ops.convert_to_numpy(gan.embed(points))
        km.plotting.embedding(
            embeddings,
            modes,
            gan.mixture_real.vertices,
            title="Embeddings of real data, coloured by mode",
            path=args.out / "embedding.png",
        )
    gan.save(args.out / "model.keras")
    gan.export(args.out / "saved_model")

    def measured(points):
        return km.plotting.describe(km.metrics.mode_coverage(points, data))

    print(f"\n{args.model}, {args.steps:,} steps: {measured(samples)}")
    print(f"true data: {measured(data.sample(2500, seed=args.seed))}")
    print("as published, a mode from one sample on: MD-GAN 25 of 25 modes · 79.4 %")
    print("(paper), 99.4 % (slides); vanilla GAN 3.3 of 25 modes · 0.5 %")
    print(f"Figures and models are in {args.out}")


if __name__ == "__main__":
    main()
