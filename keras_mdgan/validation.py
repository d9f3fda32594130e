"""Checks of arguments that several parts of the package share."""

import difflib
from collections.abc import Collection


def check_choice(argument: str, value: object, choices: Collection[str]) -> None:
    """Raises an error that names the nearest match if `value` is no choice.

    Examples:

    >>> check_choice("split", "trian", ("train", "test"))
    Traceback (most recent call last):
    ValueError: `split` must be one of 'train', 'test'. Received: split='trian'. Did ...

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
