"""Initializers and checks that the networks share."""

from collections.abc import Iterable

import keras

from keras_mdgan.validation import check_seed, is_integer


class Kernels:
    """Initializers for successive layers, each with its own seed.

    Args:
        initializer: a Keras initializer; `None` for `N(0, 0.02)`.
        output_initializer: the initializer of the last layer; `None` for `initializer`.
        seed: the first layer's seed, or `None`. Each further layer adds 1.
    """

    def __init__(self, initializer=None, output_initializer=None, seed=None):
        self.initializer = keras.initializers.get(
            initializer or keras.initializers.RandomNormal(stddev=0.02)
        )
        self.output_initializer = keras.initializers.get(
            output_initializer or self.initializer
        )
        self.seed = check_seed(seed)

    def next(self):
        return self._seeded(self.initializer)

    def last(self):
        return self._seeded(self.output_initializer)

    def _seeded(self, initializer):
        # A copy per layer: an initializer with a seed gives the same numbers each time.
        config = initializer.get_config()
        if "seed" in config:
            config["seed"] = self.seed
            if self.seed is not None:
                self.seed += 1
        return type(initializer).from_config(config)


def check_sizes(argument: str, values) -> tuple[int, ...]:
    """The values as integers, if all of them are integers of at least 1.

    Args:
        argument: name of the argument, for the message.
        values: what the caller passed, such as a shape.

    Raises:
        ValueError: if one of them is not.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(
            f"`{argument}` must be a sequence of integers >= 1. "
            f"Received: {argument}={values!r}"
        )
    if not all(is_integer(value) for value in values):
        raise ValueError(
            f"`{argument}` must hold integers >= 1. Received: {argument}={values!r}"
        )
    return tuple(map(int, values))
