"""Mixture Density GAN on MNIST: digits, and the corners they are embedded at.

The discriminator embeds images in 9 dimensions, where 10 Gaussians stand on the corners
of a simplex, and draws real digits to them. `gan.cluster` names the corner an image is
nearest to; the script compares corners with the true labels, which training did not
use. The losses do not ask that every corner be used: the table at the end says how
many were, and often it is one.

    KERAS_BACKEND=tensorflow python examples/mnist.py --minutes 30
    python examples/mnist.py --smoke           # a look at everything, in a minute

Run it again to go on where it was stopped, by `--minutes`, Ctrl-C or a power cut: the
state is backed up after each epoch, here `--steps-per-epoch` training steps. MNIST is
read from the folder in the environment variable KERAS_MDGAN_DATA, or downloaded.

The folder `--out` receives a grid of samples for each epoch (`grids/`), and at the end
`samples.png`, `losses.png`, `clusters.json`, `model.keras` and a SavedModel, from which
`sample_saved_model.py` draws images.
"""

import argparse
import json
import pathlib
import time

import keras
import numpy as np

import keras_mdgan as km


class TimeLimit(keras.callbacks.Callback):
    """Stops training after some minutes, in the middle of an epoch if need be."""

    def __init__(self, minutes):
        super().__init__()
        self.minutes = minutes

    def on_train_begin(self, logs=None):
        self.end = time.monotonic() + 60 * self.minutes

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() > self.end:
            self.model.stop_training = True


def build(generator_loss, generator_rate, discriminator_rate, seed):
    gan = km.MixtureDensityGAN(
        generator=km.networks.dcgan_generator((28, 28, 1), latent_dim=64, seed=seed),
        discriminator=km.networks.dcgan_discriminator(
            (28, 28, 1), outputs=9, seed=seed + 100
        ),
        latents=km.latents.Uniform(64),
        variance_real=0.25,
        generator_loss=generator_loss,
        seed=seed,
    )
    gan.compile(
        {
            "generator": keras.optimizers.Adam(generator_rate, beta_1=0.5),
            "discriminator": keras.optimizers.Adam(discriminator_rate, beta_1=0.5),
        }
    )
    return gan


def clusters_of(gan, images):
    """The component of each image, a batch at a time."""
    parts = np.array_split(images, -(-len(images) // 500))
    parts = [keras.ops.convert_to_numpy(gan.cluster(part)) for part in parts]
    return np.concatenate(parts)


def compare(labels, clusters, n_clusters):
    """The contingency table, its purity and its normalised mutual information."""
    table = np.zeros((10, n_clusters), int)
    np.add.at(table, (labels, clusters), 1)
    joint = table / table.sum()
    by_label, by_cluster = joint.sum(axis=1), joint.sum(axis=0)
    information = entropy(by_label) + entropy(by_cluster) - entropy(joint)
    mean_entropy = (entropy(by_label) + entropy(by_cluster)) / 2
    return {
        "table": table.tolist(),
        "purity": float(joint.max(axis=0).sum()),
        "normalised_mutual_information": float(information / mean_entropy),
    }


def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=75)
    parser.add_argument("--steps-per-epoch", type=int, default=250)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--generator-loss", default="non_saturating")
    parser.add_argument("--generator-rate", type=float, default=2e-4)
    parser.add_argument("--discriminator-rate", type=float, default=2e-4)
    parser.add_argument("--minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--smoke", action="store_true", help="a short run, for a look")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, default="runs/mnist")
    args = parser.parse_args()
    if args.smoke:
        args.epochs, args.steps_per_epoch = 2, min(args.steps_per_epoch, 40)
    n_test = 1_000 if args.smoke else 10_000

    images = km.datasets.load(
        "mnist", as_="batches", batch_size=args.batch_size, seed=args.seed
    )
    gan = build(
        args.generator_loss, args.generator_rate, args.discriminator_rate, args.seed
    )
    callbacks = [
        keras.callbacks.BackupAndRestore(
            args.out / "backup", double_checkpoint=True, delete_checkpoint=False
        ),
        km.callbacks.SampleGrid(args.out / "grids"),
    ]
    if args.minutes:
        callbacks.append(TimeLimit(args.minutes))
    history = gan.fit(
        images,
        epochs=args.epochs,
        steps_per_epoch=args.steps_per_epoch,
        callbacks=callbacks,
        verbose=2,
    )

    gan.save(args.out / "model.keras")
    gan.export(args.out / "saved_model")
    generated = gan.sample(n_test, seed=args.seed, batch_size=500)
    km.plotting.image_grid(generated[:100], rows=10, path=args.out / "samples.png")
    if history.epoch:
        km.plotting.loss_curves(history, path=args.out / "losses.png")

    test_images, labels = km.datasets.load("mnist", split="test")
    test_images = km.datasets.to_unit_range(test_images)[:n_test]
    clusters = clusters_of(gan, test_images)
    report = compare(labels[:n_test], clusters, gan.components)
    of_generated = np.bincount(clusters_of(gan, generated), minlength=gan.components)
    report["generated"] = of_generated.tolist()
    (args.out / "clusters.json").write_text(json.dumps(report, indent=1))

    print(f"\n{n_test:,} test images: true digits (rows) by component (columns)")
    for digit, row in enumerate(report["table"]):
        print(f"{digit:>9}  " + "".join(f"{count:>6}" for count in row))
    print("generated  " + "".join(f"{count:>6}" for count in report["generated"]))
    print(
        f"purity {report['purity']:.3f}, normalised mutual information "
        f"{report['normalised_mutual_information']:.3f}"
    )
    print(f"Figures and models are in {args.out}")


if __name__ == "__main__":
    main()
