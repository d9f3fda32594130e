"""`keras-mdgan measure`: how far generated images are from real ones."""

import json

import keras_mdgan as km
from keras_mdgan.commands.sources import images_of
from keras_mdgan.validation import check_integer

# Below, the neighbourhoods of precision and recall have no meaning.
FEWEST = 10


def add_arguments(sub) -> None:
    """Add the command's arguments to its parser."""
    what = "a folder of images, an .npz file, a data set such as mnist:test, or a model"
    sub.add_argument("real", help=what)
    sub.add_argument("generated", help=f"the same: {what}")
    sub.add_argument(
        "--extractor",
        default="inception",
        help="network for the features: inception (default; its weights are "
        "downloaded), or one that ships, such as mnist_classifier",
    )
    sub.add_argument("-n", type=int, help="images of each, drawn at random")
    sub.add_argument("--size", type=int, help="resize the images of folders")
    sub.add_argument("--seed", type=int, default=0, help="default: 0")
    sub.add_argument("--json", action="store_true", help="print JSON")


def run(options) -> None:
    """Measure, and print a table or JSON."""
    check_integer("--seed", options.seed, at_least=0)
    for name, value in (("-n", options.n), ("--size", options.size)):
        if value is not None:
            check_integer(name, value)
    figures = measured(
        options.real,
        options.generated,
        options.extractor,
        options.n,
        options.size,
        options.seed,
    )
    if options.json:
        print(json.dumps(figures, indent=1))
        return
    print(
        f"{figures['n_real']:,} real and {figures['n_generated']:,} generated images, "
        f"features of {figures['extractor']}"
    )
    for name, value in figures.items():
        if isinstance(value, float):
            print(f"{name.replace('_', ' '):>18}  {value:.6g}")


def measured(real, generated, extractor, n=None, size=None, seed=0) -> dict:
    """The figures of two sets of images, see `images_of`.

    Raises:
        ValueError: if the sets have images of different shapes, or one has too few.
    """
    network = km.metrics.extractor(extractor)  # before images are decoded
    images = {s: images_of(s, n, seed, size) for s in (real, generated)}
    a, b = images[real], images[generated]
    if a.shape[1:] != b.shape[1:]:
        raise ValueError(
            f"The images must have one shape. Received: {real} with {a.shape[1:]} and "
            f"{generated} with {b.shape[1:]}"
        )
    if min(len(a), len(b)) < FEWEST:
        raise ValueError(
            f"At least {FEWEST} images are needed. Received: {real} with {len(a)} and "
            f"{generated} with {len(b)}"
        )
    n_real, n_generated = len(a), len(b)
    a, b = (network.features(x, name) for name, x in (("real", a), ("generated", b)))
    # As in the paper, or all images if there are fewer.
    subset = min(1000, n_real, n_generated)
    distance = km.metrics.kernel_distance(a, b, subset_size=subset)
    neighbours = km.metrics.precision_recall(a, b)
    coverage = km.metrics.density_coverage(a, b)
    return {
        "real": real,
        "generated": generated,
        "extractor": network.label,
        "n_real": n_real,
        "n_generated": n_generated,
        "frechet_distance": km.metrics.frechet_distance(a, b).value,
        "kernel_distance": distance.value,
        "precision": neighbours.precision,
        "recall": neighbours.recall,
        "density": coverage.density,
        "coverage": coverage.coverage,
    }
