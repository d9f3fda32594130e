"""The data sets of the experiments, by name."""

import functools

import keras_mdgan as km
from keras_mdgan.experiments.images import (
    DigitMeasures,
    ImageData,
    ImageMeasures,
    StackedData,
    StackedMeasures,
)
from keras_mdgan.experiments.parts import PrincipalParts
from keras_mdgan.experiments.toy import ToyData

TOY = {
    "grid": ToyData(km.datasets.grid, output_range=6.0),
    "ring": ToyData(km.datasets.ring, output_range=2.0, scale=3.0),
    "synthetic_1200d": ToyData(
        functools.cache(km.datasets.synthetic_1200d),
        dim=1200,
        changes={
            "ours": {"parts": PrincipalParts, "n_points": 20_000, "steps": 4_000},
            "plain": {"n_points": 20_000},
            "searched": {"n_points": 20_000},
        },
    ),
}


def _papers(n_points, steps):
    """The budget of every setting of the papers."""
    names = ("papers", "papers_8", "papers_8_wide", "papers_10")
    return {name: {"n_points": n_points, "steps": steps} for name in names}


# Of Lucic et al. (2018): batches of 64; 20 epochs of MNIST and Fashion-MNIST (the
# settings' own budget), 100 of CIFAR-10, 40 of CelebA.
IMAGES = {
    "mnist": ImageData("mnist", (28, 28, 1), DigitMeasures, "mnist_classifier"),
    "fashion_mnist": ImageData(
        "fashion_mnist", (28, 28, 1), ImageMeasures, "mnist_classifier"
    ),
    "cifar10": ImageData(
        "cifar10",
        (32, 32, 3),
        ImageMeasures,
        changes=_papers(50_000, 100 * 781),
    ),
    "celeba": ImageData(
        "celeba",
        (64, 64, 3),
        ImageMeasures,
        changes=_papers(162_770, 40 * 2_543),
    ),
    "stacked_mnist": StackedData(
        "stacked_mnist", (28, 28, 3), StackedMeasures, "mnist_classifier"
    ),
}
DATA = TOY | IMAGES
