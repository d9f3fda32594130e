"""Mixture Density GAN on 10 Gaussians of dimension 700 in 1,200 dimensions.

    python examples/synthetic_1200d.py          # one to two minutes

The modes differ in 9 directions, in each of which the data are 80 times as wide as in
the other 1,191. Noise in all of them would hide the modes, and steps of one size would
shake the narrow directions out of a mode's radius. Both networks therefore work in
principal components measured from the training data (`layers.PrincipalComponents`):
noise meets the leading ones alone, and the generator's outputs are all of about 1. For
the discriminator the residual is small, and so the spread inside a mode is hardly
learned: samples are nearer to the centres than data are.

Any backend: set KERAS_BACKEND to jax, tensorflow or torch. Prints the modes found
beside the true data and the published figures, and how far the samples are from the
centres; writes `losses.png` and `model.keras` into `--out`.
"""

import argparse
import pathlib

import numpy as np

import keras_mdgan as km
from keras_mdgan.commands.arguments import at_least


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=at_least(1), default=4_000)
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path("runs/synthetic_1200d")
    )
    args = parser.parse_args()

    data = km.datasets.synthetic_1200d()
    recipe = km.recipes.points(data, steps=args.steps, seed=args.seed)
    gan, history = recipe.model, recipe.fit(verbose=2)
    km.plotting.loss_curves(history, path=args.out / "losses.png")
    gan.save(args.out / "model.keras")

    truth = data.sample(2500, seed=args.seed)
    for name, x in (("this run", gan.sample(2500, seed=args.seed)), ("truth", truth)):
        nearest, distances = km.metrics.modes.nearest_centers(x, data.centers)
        print(f"\n{name}: {km.plotting.describe(km.metrics.mode_coverage(x, data))}")
        print(f"samples by nearest mode: {np.bincount(nearest, minlength=10)}")
        print(f"median distance from its centre: {np.median(distances):.2f}")
    print("\npublished, a mode from one sample on: VEEGAN 5.5 of 10 modes · 28.3 %,")
    print("ALI 3 · 5.4 %, vanilla 1.6 · 2 %")
    print(f"The figure and the model are in {args.out}")


if __name__ == "__main__":
    main()
