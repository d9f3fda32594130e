"""Samples from a SavedModel that another example, or `gan.export`, has written.

    python examples/sample_saved_model.py runs/ring/saved_model -n 2500 --seed 1

writes `samples.npy` and, for points in the plane and for images, `samples.png`. It
needs TensorFlow, beside whichever backend. A program that has TensorFlow needs neither
Keras nor this package:

    import tensorflow as tf

    generator = tf.saved_model.load("runs/ring/saved_model")
    samples = generator.sample(2500, 1)               # (2500, 2); n and the seed
    samples = generator.serving_default(latents)      # of latents of your own
"""

import argparse
import pathlib

import numpy as np

import keras_mdgan as km
from keras_mdgan.commands.arguments import at_least


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=pathlib.Path, help="the SavedModel's folder")
    parser.add_argument("-n", type=at_least(1), default=64, help="how many samples")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path("runs/samples")
    )
    args = parser.parse_args()

    samples = km.load_sampler(args.path).sample(args.n, seed=args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    np.save(args.out / "samples.npy", samples)
    print(f"{args.out / 'samples.npy'}: {samples.shape}, {samples.dtype}")
    figure = args.out / "samples.png"
    if samples.ndim == 4:
        km.plotting.image_grid(samples, path=figure)
    elif samples.shape[1] == 2:
        km.plotting.scatter(samples, title=str(args.path), path=figure)
    else:
        return
    print(figure)


if __name__ == "__main__":
    main()
