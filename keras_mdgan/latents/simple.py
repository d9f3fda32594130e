"""The base of the priors, and those with independent dimensions."""

import keras
import numpy as np
from keras import ops

from keras_mdgan.training.draws import as_source
from keras_mdgan.validation import check_integer, check_number

_register = keras.saving.register_keras_serializable("keras_mdgan")


class Prior(keras.layers.Layer):
    """Base of the priors. A subclass defines `shape` and `draw(n, source)`.

    Args:
        dim: the number of latent dimensions, an integer >= 1.
    """

    def __init__(self, dim: int, **kwargs):
        super().__init__(**kwargs)
        self.dim = check_integer("dim", dim)
        self.built = True

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one latent, without the batch axis."""
        return (self.dim,)

    def sample(self, n: int, seed=None):
        """`n` latents `(n, dim)`, float32.

        Args:
            n: how many, an integer >= 1.
            seed: an integer, `None`, a `keras.random.SeedGenerator` or a source of
                draws.
        """
        if not ops.is_tensor(n):  # in a compiled step, a batch size known only there
            n = check_integer("n", n)
        return self.draw(n, as_source(seed))

    def draw(self, n, source):
        raise NotImplementedError(f"{type(self).__name__} must define `draw`.")

    def get_config(self):
        return {"name": self.name, "dim": self.dim}


@_register
class Uniform(Prior):
    """Independent uniform latents on `[low, high]`.

    Examples:
        >>> Uniform(2).sample(5, seed=0).shape
        (5, 2)

    Args:
        dim: latent dimensions.
        low: lower bound.
        high: upper bound, above `low`.

    Raises:
        ValueError: if `dim` is not a positive integer or `high <= low`.
    """

    def __init__(self, dim: int, low: float = -1.0, high: float = 1.0, **kwargs):
        super().__init__(dim, **kwargs)
        low, high = check_number("low", low), check_number("high", high)
        if not low < high:
            raise ValueError(
                f"`high` must be above `low`. Received: low={low}, high={high}"
            )
        self.low, self.high = low, high

    def draw(self, n, source):
        return source.uniform((n, self.dim), self.low, self.high)

    def get_config(self):
        return {**super().get_config(), "low": self.low, "high": self.high}


@_register
class Normal(Prior):
    """Independent normal latents with mean 0.

    Examples:
        >>> Normal(64).sample(3, seed=0).shape
        (3, 64)

    Args:
        dim: latent dimensions.
        stddev: standard deviation, above 0.

    Raises:
        ValueError: if `dim` is not a positive integer or `stddev <= 0`.
    """

    def __init__(self, dim: int, stddev: float = 1.0, **kwargs):
        super().__init__(dim, **kwargs)
        self.stddev = check_number("stddev", stddev, above=0)

    def draw(self, n, source):
        return source.normal((n, self.dim)) * self.stddev

    def get_config(self):
        return {**super().get_config(), "stddev": self.stddev}


@_register
class Signs(Prior):
    """Independent fair signs, -1 or +1: a discrete latent.

    Signs help mode coverage. A continuous latent space is connected, and so is its
    image under a continuous generator. The generator therefore makes filaments between
    separate modes, or loses modes to avoid filaments. `k` signs divide the latent space
    into `2^k` pieces, which the generator can map to different modes. Join signs with a
    continuous prior for the variation inside a mode.

    Examples:
        >>> Signs(3).sample(2, seed=0).tolist()
        [[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]]

    Args:
        dim: the number of signs.

    Raises:
        ValueError: if `dim` is not a positive integer.
    """

    def draw(self, n, source):
        bits = source.integers((n, self.dim), 2)
        return 2.0 * _float(bits) - 1.0


@_register
class Categorical(Prior):
    """A one-hot code, each of `dim` categories with the same probability.

    Examples:
        >>> Categorical(4).sample(2, seed=0).tolist()
        [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]]

    Args:
        dim: the number of categories.

    Raises:
        ValueError: if `dim` is not a positive integer.
    """

    def draw(self, n, source):
        index = source.integers((n,), self.dim)
        if isinstance(index, np.ndarray):
            return np.eye(self.dim, dtype="float32")[index]
        # Not `one_hot`: on PyTorch it reads values, and then no step can be recorded.
        categories = ops.arange(self.dim, dtype=index.dtype)
        return _float(ops.expand_dims(index, -1) == categories)


def _float(x):
    return x.astype("float32") if isinstance(x, np.ndarray) else ops.cast(x, "float32")
