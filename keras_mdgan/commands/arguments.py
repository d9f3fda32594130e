"""Types of `argparse`: numbers in their range, refused before anything is trained."""

import argparse
from collections.abc import Callable

from keras_mdgan.validation import check_integer, check_number


def at_least(low: int) -> Callable[[str], int]:
    """A type of integers from `low` on.

    Examples:
        >>> parser = argparse.ArgumentParser()
        >>> option = parser.add_argument("--steps", type=at_least(1))
        >>> parser.parse_args(["--steps", "3"]).steps
        3

    Args:
        low: the smallest allowed value.
    """
    return lambda text: _checked(
        text, lambda: check_integer("value", int(text), low), f"an integer >= {low}"
    )


def above(low: float) -> Callable[[str], float]:
    """A type of finite numbers above `low`, as `at_least`."""
    return lambda text: _checked(
        text,
        lambda: check_number("value", float(text), above=low),
        f"a finite number > {low}",
    )


def _checked(text, value, wanted):
    try:
        return value()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be {wanted}. Received: {text}"
        ) from None
