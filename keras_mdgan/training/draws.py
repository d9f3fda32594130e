"""Sources of random numbers.

Losses, latents and layers ask a *source of draws* for numbers. The same code then
serves four cases: training (a `SeedGenerator` whose state is saved with the model),
sampling (a NumPy generator, the same numbers on every backend), a recorded PyTorch step
and an exported TensorFlow graph.
"""

import contextlib
import contextvars
from typing import Protocol

import keras
import numpy as np

from keras_mdgan.validation import is_integer


class Source(Protocol):
    """The draws that latents and layers may ask for. Shapes are tuples."""

    def uniform(self, shape, low: float = 0.0, high: float = 1.0): ...

    def normal(self, shape): ...

    def integers(self, shape, high: int): ...


# Per context, and so per thread: TensorFlow runs each replica in a thread.
_tape: contextvars.ContextVar = contextvars.ContextVar("tape", default=None)


@contextlib.contextmanager
def use_tape(tape):
    """Let `tape.draw(seed_generator, kind, shape, arguments)` answer every draw."""
    token = _tape.set(tape)
    try:
        yield tape
    finally:
        _tape.reset(token)


def draw(seed_generator, kind, shape, arguments):
    """Draw from Keras' generators, advancing the state of `seed_generator`."""
    if kind == "uniform":
        low, high = arguments
        return keras.random.uniform(shape, low, high, "float32", seed=seed_generator)
    if kind == "normal":
        return keras.random.normal(shape, dtype="float32", seed=seed_generator)
    return keras.random.randint(shape, 0, arguments[0], seed=seed_generator)


class Draws:
    """Draws of a `keras.random.SeedGenerator`: the source used in training.

    Examples:
        >>> import keras
        >>> draws = Draws(keras.random.SeedGenerator(0))
        >>> tuple(draws.uniform((4, 2), -1.0, 1.0).shape)
        (4, 2)

    Args:
        seed_generator: owned by a layer or model, which saves its state.
    """

    def __init__(self, seed_generator: keras.random.SeedGenerator):
        self.seed_generator = seed_generator

    def _draw(self, kind, shape, *arguments):
        tape = _tape.get()
        source = draw if tape is None else tape.draw
        return source(self.seed_generator, kind, tuple(shape), arguments)

    def uniform(self, shape, low=0.0, high=1.0):
        return self._draw("uniform", shape, low, high)

    def normal(self, shape):
        return self._draw("normal", shape)

    def integers(self, shape, high):
        return self._draw("integers", shape, high)


class HostDraws:
    """Draws of a NumPy generator: the same numbers on every backend.

    Examples:
        >>> HostDraws(0).integers((3,), 10).tolist()
        [8, 6, 5]

    Args:
        seed: an integer, or `None` for numbers that cannot be reproduced.
    """

    def __init__(self, seed: int | None = None):
        self.generator = np.random.default_rng(seed)

    def uniform(self, shape, low=0.0, high=1.0):
        return self.generator.uniform(low, high, shape).astype("float32")

    def normal(self, shape):
        return self.generator.standard_normal(shape).astype("float32")

    def integers(self, shape, high):
        return self.generator.integers(0, high, shape).astype("int32")


def as_source(seed) -> Source:
    """A source of draws from an integer, `None`, a `SeedGenerator` or a source."""
    if hasattr(seed, "uniform"):
        return seed
    if isinstance(seed, keras.random.SeedGenerator):
        return Draws(seed)
    if seed is None or is_integer(seed, at_least=0):
        return HostDraws(seed)
    raise ValueError(
        "`seed` must be None, an integer >= 0, a `keras.random.SeedGenerator` or a "
        f"source of draws. Received: seed={seed!r}"
    )
