"""Samples of a model in batches: they are never all in memory."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_mdgan.validation import check_integer


class Generated:
    """A model's samples in batches, computed on demand: see `generated`."""

    def __init__(self, gan, n: int, seed: int = 0, batch_size: int = 500):
        self.gan, self.n = gan, check_integer("n", n)
        self.seed = check_integer("seed", seed, at_least=0)
        self.batch_size = min(self.n, check_integer("batch_size", batch_size))

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __iter__(self) -> Iterator[np.ndarray]:
        draw = (
            self._of_a_gan()
            if hasattr(self.gan, "generator_inputs")
            else self._of_others()
        )
        for index, batch in enumerate(draw):
            # The last batch is computed whole and cut afterwards: another size would
            # need another compilation.
            yield batch[max(0, (index + 1) * self.batch_size - self.n) :]

    def _of_a_gan(self):
        inputs = self.gan.generator_inputs(self.n, self.seed)
        for index in range(len(self)):
            end = min(self.n, (index + 1) * self.batch_size)
            chosen = slice(end - self.batch_size, end)
            part = keras.tree.map_structure(lambda x: x[chosen], inputs)  # noqa: B023
            yield np.asarray(self.gan.predict_on_batch(part), "float32")

    def _of_others(self):
        seeds = np.random.default_rng(self.seed).integers(0, 2**31, len(self))
        for seed in seeds:
            yield self.gan.sample(self.batch_size, int(seed))


def generated(gan: Any, n: int, seed: int = 0, batch_size: int = 500) -> Generated:
    """An iterable over `n` samples of a model, one batch at a time.

    Examples:
        >>> class Gray:
        ...     def sample(self, n, seed):
        ...         return np.zeros((n, 2, 2, 1), "float32")
        >>> [len(batch) for batch in generated(Gray(), 25, batch_size=10)]
        [10, 10, 5]

    Args:
        gan: a GAN, a sampler of `keras_mdgan.load_sampler`, or any object with
            `sample(n, seed)`.
        n: how many samples.
        seed: an integer >= 0. A GAN's samples are those of `gan.sample(n, seed)` for
            any `batch_size`. Samples of other objects depend on `batch_size`, because
            each batch has a seed drawn from this one.
        batch_size: samples in a batch.

    Returns:
        An iterable of arrays `(k, height, width, channels)`, the same in each pass.

    Raises:
        ValueError: if `n` or `batch_size` is not an integer >= 1, or `seed` is not an
            integer >= 0.
    """
    return Generated(gan, n, seed, batch_size)
