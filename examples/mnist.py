"""Mixture Density GAN, or another of the zoo, on MNIST; and what its corners stand for.

    KERAS_BACKEND=tensorflow python examples/mnist.py
    python examples/mnist.py --model wasserstein_gp
    python examples/mnist.py --setting papers --epochs 20
    python examples/mnist.py --smoke                 # a look at everything, in a minute

Three passes over the images take about ten minutes on two cores (TensorFlow). Run it
again to go on where it was stopped, by `--minutes`, Ctrl-C or a power cut: the state is
backed up after each epoch. MNIST is read from the folder in the environment variable
KERAS_MDGAN_DATA, or downloaded.

MD-GAN's discriminator embeds images in 9 dimensions, where 10 Gaussians stand on the
corners of a simplex, and draws real digits to them, the same number to each.
`gan.cluster` names the corner that an image is nearest to; the script compares corners
with the true labels, which training did not use, and writes `clusters.json` and
`corners.png`, which has the images of each corner. The papers' assignment, to the
nearest corner, leaves most corners empty: `--options assignment=max`. Comparing
needs SciPy and scikit-learn: `pip install ".[clustering]"`.
"""

import json

import image_training
import numpy as np

import keras_mdgan as km


def report_clusters(gan, args):
    n = 1_000 if args.smoke else 10_000
    images, labels = km.datasets.load("mnist", split="test")
    images, labels = images[:n], labels[:n]
    clusters = km.metrics.clusters_of(gan, images)
    found = km.metrics.clustering(labels, clusters)
    table = np.zeros((10, gan.components), int)
    np.add.at(table, (labels, clusters), 1)
    generated = gan.sample(n, seed=args.seed, batch_size=500)
    generated = km.metrics.clusters_of(gan, generated)
    counts = np.bincount(generated, minlength=gan.components)
    report = {**found.as_dict(), "table": table.tolist(), "generated": counts.tolist()}
    (args.out / "clusters.json").write_text(json.dumps(report, indent=1))
    km.plotting.corners(gan, images, n=n, path=args.out / "corners.png")
    print(f"\n{n:,} test images: true digits (rows) by component (columns)")
    for digit, row in enumerate(report["table"]):
        print(f"{digit:>9}  " + "".join(f"{count:>6}" for count in row))
    print("generated  " + "".join(f"{count:>6}" for count in report["generated"]))
    print(
        f"purity {found.purity:.3f}, accuracy {found.accuracy:.3f}, normalised mutual "
        f"information {found.nmi:.3f}, adjusted Rand index {found.ari:.3f}"
    )


if __name__ == "__main__":
    args = image_training.options("mnist", __doc__.splitlines()[0], epochs=3)
    if args.smoke:
        print("A look at everything: far too short for good digits.")
    km.metrics.clustering([0], [0])  # says what is missing before an hour of training
    gan = image_training.train("mnist", args)
    image_training.measure("mnist", gan, args)
    if isinstance(gan, km.MixtureDensityGAN):
        report_clusters(gan, args)
