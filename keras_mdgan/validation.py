"""Checks of arguments that several parts of the package share."""

import difflib
import math
import numbers
from collections.abc import Collection


def check_choice(argument: str, value: object, choices: Collection[str]) -> None:
    """Raises an error that names the nearest match if `value` is no choice.

    Examples:
        >>> check_choice("split", "trian", ("train", "test"))
        Traceback (most recent call last):
        ValueError: `split` must be one of 'train', 'test'. Received: split='trian'. ...

    Args:
        argument: name of the argument, for the message.
        value: what the caller passed.
        choices: the allowed strings.

    Raises:
        ValueError: if `value` is not in `choices`.
    """
    if isinstance(value, str) and value in choices:
        return
    nearest = difflib.get_close_matches(str(value), choices, n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise ValueError(
        f"`{argument}` must be one of {', '.join(map(repr, choices))}. "
        f"Received: {argument}={value!r}.{hint}"
    )


def check_number(argument: str, value, *, above=None, at_least=None) -> float:
    """The value as a float, if it is a finite number in its range.

    Examples:
        >>> check_number("margin", -1.0, above=0)
        Traceback (most recent call last):
        ValueError: `margin` must be a finite number > 0. Received: margin=-1.0

    Args:
        argument: name of the argument, for the message.
        value: what the caller passed.
        above: the number must be larger than this.
        at_least: the number must be at least this.

    Raises:
        ValueError: if it is not.
    """
    wanted, fine = "", isinstance(value, numbers.Real) and math.isfinite(value)
    if above is not None:
        wanted, fine = f" > {above}", fine and value > above
    if at_least is not None:
        wanted, fine = f" >= {at_least}", fine and value >= at_least
    if not fine:
        raise ValueError(
            f"`{argument}` must be a finite number{wanted}. "
            f"Received: {argument}={value!r}"
        )
    return float(value)


def check_integer(argument: str, value, at_least: int = 1) -> int:
    """The value, if it is an integer of at least `at_least`.

    Examples:
        >>> check_integer("packing", 0)
        Traceback (most recent call last):
        ValueError: `packing` must be an integer >= 1. Received: packing=0

    Args:
        argument: name of the argument, for the message.
        value: what the caller passed.
        at_least: the smallest allowed value.

    Raises:
        ValueError: if it is not.
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < at_least:
        raise ValueError(
            f"`{argument}` must be an integer >= {at_least}. "
            f"Received: {argument}={value!r}"
        )
    return int(value)
