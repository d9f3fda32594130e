"""The data sets by name."""

from keras_mdgan.datasets.base import ImageSet, PointSet
from keras_mdgan.datasets.celeba import CELEBA
from keras_mdgan.datasets.stacked import STACKED_MNIST
from keras_mdgan.datasets.toy import GRID, RING, SYNTHETIC_1200D
from keras_mdgan.validation import check_choice

MNIST = ImageSet(
    name="mnist",
    shape=(28, 28, 1),
    n_points=60_000,
    source="MNIST, LeCun et al. 1998",
    tfds_name="mnist",
    extractor="mnist_classifier",
    classified=True,
)
FASHION_MNIST = ImageSet(
    name="fashion_mnist",
    shape=(28, 28, 1),
    n_points=60_000,
    source="Fashion-MNIST, Xiao et al. 2017 (MIT licence)",
    tfds_name="fashion_mnist",
    extractor="fashion_mnist_classifier",
    classified=True,
)
CIFAR10 = ImageSet(
    name="cifar10",
    shape=(32, 32, 3),
    n_points=50_000,
    source="CIFAR-10, Krizhevsky 2009",
    tfds_name="cifar10",
    extractor="cifar10_classifier",
    classified=True,
)

DATASETS: dict[str, PointSet | ImageSet] = {
    entry.name: entry
    for entry in (
        GRID,
        RING,
        SYNTHETIC_1200D,
        MNIST,
        FASHION_MNIST,
        CIFAR10,
        CELEBA,
        STACKED_MNIST,
    )
}


def dataset(name: str) -> PointSet | ImageSet:
    """The entry of a data set: its shape, source, size and so on.

    Examples:
        >>> dataset("grid").output_range, dataset("mnist").shape
        (6.0, (28, 28, 1))
        >>> dataset("mnsit")
        Traceback (most recent call last):
        ValueError: `data` must be one of 'grid', ... Did you mean 'mnist'?

    Args:
        name: a key of `DATASETS`.

    Raises:
        ValueError: if there is no such data set.
    """
    check_choice("data", name, DATASETS)
    return DATASETS[name]
