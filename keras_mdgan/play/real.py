"""The real data that a generator's samples are compared with."""

import numpy as np

from keras_mdgan.commands.sources import images_of
from keras_mdgan.datasets import DATASETS

MOST_IMAGES = 5000  # kept in memory, of a data set


class RealData:
    """Points of a data set with known modes, or images.

    Examples:
        >>> RealData("ring").sample(5).shape
        (5, 2)

    Args:
        source: the name of a data set, with a split as in `mnist:test`, or for images a
            folder or an `.npz` file.
        size: height and width to which the images of a folder are resized.
    """

    def __init__(self, source: str, size: int | None = None):
        self.source, self.size = source, size
        name = source.partition(":")[0]
        self.known = self._images = None
        if name in DATASETS and DATASETS[name].kind == "points":
            self.known = DATASETS[name].make()

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """At most `n` samples, drawn without replacement.

        Raises:
            FileNotFoundError: if the data are not there.
            ValueError: if they are damaged, or are no images.
        """
        if self.known is not None:
            return self.known.sample(n, seed)
        if self._images is None:
            every = images_of(self.source, None, 0, self.size)
            self._images = every[_some(len(every), MOST_IMAGES, seed=0)]
        return self._images[_some(len(self._images), n, seed)]


def _some(n, wanted, seed):
    """The indices of at most `wanted` of `n` samples, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:wanted])


def data_of(name: str) -> str | None:
    """The data set that a model's name begins with, or `None`.

    Examples:
        >>> data_of("ring_mixture_density"), data_of("mnist"), data_of("mine")
        ('ring', 'mnist:test', None)
    """
    for known, entry in DATASETS.items():
        if name == known or name.startswith(f"{known}_"):
            return known if entry.kind == "points" else f"{known}:test"
    return None


def check_like(samples: np.ndarray, subject) -> np.ndarray:
    """The samples, if the generator makes data of their shape.

    Raises:
        ValueError: if it does not.
    """
    if samples.shape[1:] != subject.data_shape:
        raise ValueError(
            f"The real data must be like the samples of {subject.name}, of shape "
            f"{subject.data_shape}. Received: data of shape {samples.shape[1:]}"
        )
    return samples
