"""Any GAN of the zoo on MNIST; and what Mixture Density GAN's corners stand for.

    KERAS_BACKEND=tensorflow python examples/mnist.py --minutes 30
    python examples/mnist.py --model wasserstein_gp
    python examples/mnist.py --smoke                 # a look at everything, in a minute

The papers' budget, 20 epochs in batches of 64, takes an hour on one core. Run it again
to go on where it was stopped, by `--minutes`, Ctrl-C or a power cut: the state is
backed up after each epoch. MNIST is read from the folder in the environment variable
KERAS_MDGAN_DATA, or downloaded.

MD-GAN's discriminator embeds images in 9 dimensions, where 10 Gaussians stand on the
corners of a simplex, and draws real digits to them. `gan.cluster` names the corner that
an image is nearest to; the script compares corners with the true labels, which training
did not use, and writes `clusters.json`. The losses do not ask that every corner be
used: the table says how many were, and often it is one.
"""

import json

import image_training
import keras
import numpy as np

import keras_mdgan as km


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


def report_clusters(gan, args):
    n = 1_000 if args.smoke else 10_000
    images, labels = km.datasets.load("mnist", split="test")
    images, labels = km.datasets.to_unit_range(images[:n]), labels[:n]
    report = compare(labels, clusters_of(gan, images), gan.components)
    generated = gan.sample(n, seed=args.seed, batch_size=500)
    counts = np.bincount(clusters_of(gan, generated), minlength=gan.components)
    report["generated"] = counts.tolist()
    (args.out / "clusters.json").write_text(json.dumps(report, indent=1))
    print(f"\n{n:,} test images: true digits (rows) by component (columns)")
    for digit, row in enumerate(report["table"]):
        print(f"{digit:>9}  " + "".join(f"{count:>6}" for count in row))
    print("generated  " + "".join(f"{count:>6}" for count in report["generated"]))
    print(
        f"purity {report['purity']:.3f}, normalised mutual information "
        f"{report['normalised_mutual_information']:.3f}"
    )


if __name__ == "__main__":
    args = image_training.options("mnist", __doc__.splitlines()[0])
    gan = image_training.train("mnist", args)
    image_training.measure("mnist", gan, args)
    if isinstance(gan, km.MixtureDensityGAN):
        report_clusters(gan, args)
