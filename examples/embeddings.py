"""Figure 3 (f-o) of the paper: samples and embeddings over epochs.

    python examples/embeddings.py grid                          # a minute
    python examples/embeddings.py mnist --epochs 4              # ten minutes
    python examples/embeddings.py mnist --assignment balanced   # all corners are used

Real data are coloured by mode or digit, which training does not see. MNIST is read from
the folder in the environment variable KERAS_MDGAN_DATA, or downloaded.

Any backend: set KERAS_BACKEND to jax, tensorflow or torch. Writes `samples.png` (f-j)
and `embeddings.png` (k-o, with generated data below) into `--out`.
"""

import argparse
import pathlib

import numpy as np

import keras_mdgan as km
from keras_mdgan.commands.arguments import at_least


def recipe_of(args):
    """The recipe, and real data with labels to embed."""
    n, options = 1000, {"assignment": args.assignment}
    if args.data == "mnist":
        images, labels = km.datasets.load("mnist", split="test")
        steps = args.steps or args.epochs * (60_000 // 64)
        recipe = km.recipes.images(
            "mnist", steps=steps, seed=args.seed, options=options
        )
        return recipe, km.datasets.to_unit_range(images[:n]), labels[:n]
    data = km.datasets.grid() if args.data == "grid" else km.datasets.ring()
    steps = args.steps or args.epochs * (10_000 // 250)
    recipe = km.recipes.points(data, steps=steps, seed=args.seed, options=options)
    return recipe, *data.sample_with_labels(n, seed=args.seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default="grid", choices=EPOCHS)
    parser.add_argument("--epochs", type=at_least(1), help="150 on points, 4 on MNIST")
    parser.add_argument(
        "--steps", type=at_least(1), help="training steps instead of epochs"
    )
    parser.add_argument(
        "--columns", type=at_least(1), default=5, help="epochs in the figure"
    )
    parser.add_argument(
        "--assignment", default="max", choices=("max", "balanced", "mixture")
    )
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--out", type=pathlib.Path, default="runs/embeddings")
    args = parser.parse_args()
    args.epochs = args.epochs or EPOCHS[args.data]

    recipe, x, labels = recipe_of(args)
    # Most happens early: epoch 0, which is before training, then ever longer ways.
    shown = np.geomspace(1, recipe.epochs + 1, args.columns).round().astype(int) - 1
    path = args.out / "embeddings.png"
    panel = km.callbacks.EmbeddingPanel(x, labels, path, sorted(set(shown.tolist())))
    recipe.fit([panel], verbose=2)
    samples = args.out / "samples.png"
    if args.data == "mnist":
        images = {name: made[:25] for name, made in panel.samples.items()}
        km.plotting.image_panel(images, columns=args.columns, path=samples)
    else:
        data = km.datasets.dataset(args.data).make()
        km.plotting.panel(panel.samples, data, columns=args.columns, path=samples)
    print(f"The figures, of the epochs {panel.epochs}, are {samples} and {path}")


EPOCHS = {"grid": 150, "ring": 150, "mnist": 4}

if __name__ == "__main__":
    main()
