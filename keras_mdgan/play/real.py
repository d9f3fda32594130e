"""The real data that a generator's samples are compared with."""

import numpy as np

from keras_mdgan.commands.sources import images_of
from keras_mdgan.datasets import DATASETS


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
        self.known = None
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
        every = images_of(self.source, None, seed, self.size)
        chosen = np.random.default_rng(seed).permutation(len(every))[:n]
        return every[np.sort(chosen)]


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
    if samples.ndim == 3 and (*samples.shape[1:], 1) == subject.data_shape:
        samples = samples[..., None]
    if samples.shape[1:] != subject.data_shape:
        raise ValueError(
            f"The real data must be like the samples of {subject.name}, of shape "
            f"{subject.data_shape}. Received: data of shape {samples.shape[1:]}"
        )
    return samples
