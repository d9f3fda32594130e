"""Stacked MNIST: a thousand modes made of three digits."""

import dataclasses
from pathlib import Path

import keras
import numpy as np

from keras_mdgan.datasets.base import ImageSet
from keras_mdgan.datasets.scaling import to_unit_range
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.training.data.gathered import Gathered
from keras_mdgan.validation import check_integer

# As many as MNIST has test images.
N_TEST = 10_000


class StackedDigits(Gathered):
    """Colour images of three digits, composed on demand.

    An integer, a slice or an array of integers as index gives uint8 images
    `(..., height, width, 3)`. The channels are first if Keras' `image_data_format` says
    so.

    Args:
        digits: grey images, uint8, `(n_digits, height, width)`.
        labels: the class of each digit, 0 to 9, `(n_digits,)`.
        triples: the indices of the three digits of each image, `(n, 3)`.

    Attributes:
        labels: `(n,)`, int64: the class of the first channel's digit times 100, plus
            that of the second times 10, plus that of the third.
        triples: the argument.
        n_modes: 1000.
    """

    n_modes = 1000

    def __init__(self, digits: np.ndarray, labels: np.ndarray, triples: np.ndarray):
        self.digits, self.triples = digits, triples
        self.labels = labels[triples].astype("int64") @ np.array([100, 10, 1])
        self.first = keras.config.image_data_format() == "channels_first"
        side, n = digits.shape[1:], len(triples)
        self.shape = (n, 3, *side) if self.first else (n, *side, 3)
        self.dtype = digits.dtype

    def gather(self, indices: np.ndarray) -> np.ndarray:
        """The images at `indices`."""
        images = np.empty((len(indices), *self.shape[1:]), self.dtype)
        for channel, chosen in enumerate(self.triples[indices].T):
            place = (slice(None), channel) if self.first else (..., channel)
            images[place] = self.digits[chosen]
        return images

    def as_dataset(
        self, batch_size: int, seed: int = 0, shuffle: bool = True
    ) -> ShuffledBatches:
        """Batches for `fit`: float32 images in [-1, 1], and labels.

        `seed` only decides the order of the batches; see `ShuffledBatches`.
        """
        return ShuffledBatches(
            self,
            self.labels,
            batch_size=batch_size,
            seed=seed,
            shuffle=shuffle,
            transform=to_unit_range,
        )

    def __repr__(self) -> str:
        return f"<stacked_mnist: {len(self)} images, {self.n_modes} modes>"


def stacked_mnist(
    n: int = 128_000,
    seed: int = 0,
    data_dir: str | Path | None = None,
    split: str = "train",
) -> StackedDigits:
    """Draws images of Stacked MNIST: three random digits as red, green and blue.

    The digits of an image are drawn independently and uniformly from the images of the
    split. MNIST has more ones than fives, so the 1,000 labels are not quite equally
    likely. Their divergence from the uniform distribution is 0.0043 nats for the
    training digits. A perfect model of these data cannot have less.

    Unrolled GAN introduced the data set. It draws an endless stream of images in
    training, and judges 25,600 samples. VEEGAN and PacGAN train on 128,000 fixed
    images, the default here, and judge 26,000. PacGAN draws its digits from all 70,000
    of MNIST, training and test. MD-GAN judges 25,000. For an endless stream pass an `n`
    as large as the run: an image takes 24 bytes, and 8 for its label.

    Examples:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> x, y = np.zeros((10, 28, 28), "uint8"), np.arange(10)
        >>> np.savez(f"{folder}/mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
        >>> data = stacked_mnist(1000, seed=0, data_dir=folder)
        >>> data, data[0].shape, data[:20].shape
        (<stacked_mnist: 1000 images, 1000 modes>, (28, 28, 3), (20, 28, 28, 3))
        >>> images, labels = data.as_dataset(batch_size=50, seed=0)[0]
        >>> images.shape, images.dtype, labels.shape
        ((50, 28, 28, 3), dtype('float32'), (50,))

    Args:
        n: the number of images.
        seed: the seed of the choice of digits.
        data_dir: see `load`.
        split: the split of the digits, `"train"` or `"test"`.

    Raises:
        ValueError: if `n` or `seed` is not an integer in its range; see also `load`.
        FileNotFoundError: see `load`.

    References:
        Metz et al., "Unrolled Generative Adversarial Networks", ICLR 2017, section
        3.3.1.
        Srivastava et al., "VEEGAN", NeurIPS 2017, section 4.2.
        Lin et al., "PacGAN", NeurIPS 2018, section 4.2.
    """
    n = check_integer("n", n)
    seed = check_integer("seed", seed, at_least=0)
    from keras_mdgan.datasets.registry import DATASETS

    digits, labels = DATASETS["mnist"].load(data_dir, split)
    triples = np.random.default_rng(seed).integers(len(digits), size=(n, 3))
    return StackedDigits(digits.reshape(-1, 28, 28), labels, triples)


@dataclasses.dataclass(frozen=True)
class StackedMNIST(ImageSet):
    """Stacked MNIST: a seed draws the digits of any number of images."""

    kind = "stacked"
    n_modes = StackedDigits.n_modes

    def load(self, data_dir=None, split="train", **options):
        """`n_points` images of training digits, or ten thousand of test digits.

        Drawn from MNIST by the seed 0; see `stacked_mnist` for others.
        """
        # There is no file of Stacked MNIST, and MNIST's own would have another shape.
        self._check_taken({k: v for k, v in options.items() if v is not None})
        n = self.n_points if split == "train" else N_TEST
        stacked = stacked_mnist(n, data_dir=data_dir, split=split)
        last = (0, 2, 3, 1) if stacked.first else (0, 1, 2, 3)
        return stacked[:].transpose(last), stacked.labels

    def as_dataset(self, n, batch_size, seed=0, labels=True):
        """Batches for `fit`: `n` images drawn by `seed`, and always their labels."""
        return stacked_mnist(n, seed).as_dataset(batch_size, seed)

    def test_images(self):
        """Ten thousand images of three test digits, uint8."""
        return stacked_mnist(N_TEST, split="test")[:]


STACKED_MNIST = StackedMNIST(
    name="stacked_mnist",
    shape=(28, 28, 3),
    n_points=128_000,
    source="MNIST, LeCun et al. 1998, three digits stacked",
    n_classes=1000,
    tfds_name="mnist",
    extractor="mnist_classifier",
    classified=True,
)
