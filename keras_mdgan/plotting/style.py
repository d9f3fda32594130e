"""The common style of all figures: size, colours, titles and saving."""

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mdgan.files import replaced_when_written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours without yellow, which is invisible on white, then Tol's.
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#332288",
    "#882255",
    "#999933",
    "#000000",
)
INK = "#333333"
QUIET = "#8A8A8A"
PANEL_LETTERS = 20  # letters in a line of a title, in a panel of 2.5 inches


def new_figure(width: float, height: float, dpi: int = 130, **kwargs: Any) -> "Figure":
    """Makes an empty white figure; `width` and `height` in inches."""
    # Its module imports Matplotlib, so not at the head of this one.
    from keras_mdgan.plotting.shown import ShownFigure

    return ShownFigure(figsize=(width, height), dpi=dpi, facecolor="white", **kwargs)


def save(figure: "Figure", path: str | os.PathLike | None) -> "Figure":
    """Saves the figure if there is a path, in the suffix' format, and returns it."""
    if path is not None:
        suffix = Path(path).suffix.removeprefix(".") or "png"
        with replaced_when_written(path) as beside:
            figure.savefig(beside, format=suffix, dpi=figure.dpi)
    return figure


def panel_title(axes: "Axes", name: str) -> None:
    """Writes a name over one of many panels, in two lines if it is long.

    Panels are often shown at a third of their size or less, so letters must be large.
    """
    lines = textwrap.wrap(name.replace("_", " "), PANEL_LETTERS) or [""]
    size = min(12.0, 12.0 * PANEL_LETTERS / max(map(len, lines)))
    axes.set_title("\n".join(lines), fontsize=size, fontweight="bold", color=INK, pad=4)


def panel_note(axes: "Axes", note: str) -> None:
    """Writes lines with results below one of many panels."""
    axes.set_xlabel(note, fontsize=11, color=INK)


def headline(axes: "Axes", title: str, subtitle: str) -> None:
    """Writes a bold title and a line of results under it, flush left."""
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=22)
    axes.annotate(
        subtitle,
        (0, 1),
        xytext=(0, 8),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8.5,
        color=INK,
    )


def quiet(axes: "Axes") -> None:
    """Reduces the axes to two thin spines and small ticks."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(QUIET)
    axes.tick_params(labelsize=8, colors=QUIET, labelcolor=INK, length=3)


def label_colors(n: int) -> np.ndarray:
    """Colours of `n` labels, `(n, 4)`: the palette, or a colour map for many labels."""
    import matplotlib
    from matplotlib.colors import to_rgba_array

    if n <= len(PALETTE):
        return to_rgba_array(PALETTE[:n])
    return matplotlib.colormaps["viridis"](np.linspace(0.0, 0.95, n))
