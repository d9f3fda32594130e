"""How results, models and records appear in a prompt or a notebook."""

import html
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

MOST_ENTRIES = 12


def shortened(value: Any) -> str:
    """`repr`, with the middle of long tuples and arrays left out.

    Examples:
        >>> shortened((1, 2)), shortened(tuple(range(1000)))
        ('(1, 2)', '(0, 1, 2, ..., 999) of 1,000')
        >>> shortened(np.zeros((64, 128), "float32"))
        'float32 array (64, 128)'
    """
    if isinstance(value, np.ndarray):
        return f"{value.dtype} array {value.shape}"
    if isinstance(value, (tuple, list)) and len(value) > MOST_ENTRIES:
        first = ", ".join(map(repr, value[:3]))
        return f"({first}, ..., {value[-1]!r}) of {len(value):,}"
    return repr(value)


def readable(value: Any) -> str:
    """A value for a table: four digits, and thousands with commas.

    Examples:
        >>> readable(98.86432), readable(10_000), readable("mnist/test")
        ('98.86', '10,000', 'mnist/test')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if isinstance(value, (float, np.floating)):
        large = math.isfinite(value) and abs(value) >= 1e4
        return f"{value:,.0f}" if large else f"{value:.4g}"
    return shortened(value)


def html_table(title: str, rows: Mapping[str, Any] | Iterable[Iterable]) -> str:
    """A table for a notebook, with a title.

    Examples:
        >>> html_table("A < B", {"value": 0.5})
        '<table><caption>A &lt; B</caption><tr><td>value</td><td>0.5</td></tr></table>'

    Args:
        title: what stands above it.
        rows: names and values, or rows of values.
    """
    if isinstance(rows, Mapping):
        rows = rows.items()
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(readable(v))}</td>' for v in row)}</tr>"
        for row in rows
    )
    return f"<table><caption>{html.escape(title)}</caption>{body}</table>"
