"""Checks of arguments that several parts of the package share."""

import difflib
import math
import numbers
from collections.abc import Collection, Iterable


def check_choice(argument: str, value: object, choices: Collection[str]) -> None:
    """Raises an error that names the nearest match if `value` is not a choice.

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


def check_all(argument: str, values: Iterable, choices: Collection[str]) -> None:
    """Raises an error, with the nearest match, for each value that is no choice.

    Examples:
        >>> check_all("models", ["vanila"], ("vanilla",))
        Traceback (most recent call last):
        ValueError: `models` must be one of 'vanilla'. ... Did you mean 'vanilla'?
    """
    for value in values:
        check_choice(argument, value, choices)


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
    wanted, fine = "", is_number(value)
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


def check_bool(argument: str, value) -> bool:
    """Returns `value` as a bool: strings such as `"False"` are true for Python.

    Examples:
        >>> check_bool("shuffle", "False")
        Traceback (most recent call last):
        ValueError: `shuffle` must be True or False. Received: shuffle='False'

    Args:
        argument: name of the argument, for the message.
        value: what the caller passed: a bool of Python or NumPy, or 0 or 1.

    Raises:
        ValueError: for anything else.
    """
    if isinstance(value, str) or value not in (False, True):
        raise ValueError(
            f"`{argument}` must be True or False. Received: {argument}={value!r}"
        )
    return bool(value)


def is_number(value) -> bool:
    """Whether the value is a finite real number, and no bool.

    Examples:
        >>> is_number(0.5), is_number(True), is_number("0.5")
        (True, False, False)
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return real and math.isfinite(value)


def is_integer(value, at_least: int = 1) -> bool:
    """Whether a value is an integer (of Python or NumPy, not a bool) in its range.

    Examples:
        >>> import numpy as np
        >>> is_integer(np.int64(3)), is_integer(True), is_integer(2.0)
        (True, False, False)
    """
    # `True` is an integer in Python, but as an argument it is a mistake.
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return whole and bool(value >= at_least)


def check_seed(seed, argument: str = "seed") -> int | None:
    """The seed, if it is `None` or an integer of at least 0.

    Examples:
        >>> check_seed(None), check_seed(3)
        (None, 3)
        >>> check_seed(True)
        Traceback (most recent call last):
        ValueError: `seed` must be None or an integer >= 0. Received: seed=True

    Args:
        seed: what the caller passed.
        argument: name of the argument, for the message.

    Raises:
        ValueError: if it is neither.
    """
    if seed is None:
        return None
    try:
        return check_integer(argument, seed, at_least=0)
    except ValueError:
        raise ValueError(
            f"`{argument}` must be None or an integer >= 0. "
            f"Received: {argument}={seed!r}"
        ) from None


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
    if not is_integer(value, at_least):
        raise ValueError(
            f"`{argument}` must be an integer >= {at_least}. "
            f"Received: {argument}={value!r}"
        )
    return int(value)
