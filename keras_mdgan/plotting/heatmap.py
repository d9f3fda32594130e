"""Tables of numbers as heat maps, one per measure and source."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_mdgan.plotting.style import INK, PALETTE, QUIET, new_figure, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = "#E4E4E4"


def heat_maps(
    tables: Mapping[str, Mapping[str, np.ndarray]],
    rows: Sequence[float | str],
    columns: Sequence[float | str],
    *,
    row_name: str = "",
    column_name: str = "",
    highest: Mapping[str, float] | None = None,
    title: str = "",
    subtitle: str = "",
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws tables as heat maps: one row per measure, one column per source.

    The maps of one measure share a colour scale, from their smallest value to their
    largest, so that they can be compared. Every cell shows its number; a NaN is grey.

    Examples:
        >>> published = np.array([[22.7, 24], [25, 25]])
        >>> tables = {"modes": {"published": published, "ours": [[25, 25]] * 2}}
        >>> figure = heat_maps(tables, [4, 6], [0.5, 0.25], row_name="components")

    Args:
        tables: for each measure's name, a dictionary from the names of sources to
            arrays of shape `(len(rows), len(columns))`. Every measure has the same
            sources.
        rows: the labels of a table's rows.
        columns: the labels of a table's columns.
        row_name: name of the quantity in `rows`.
        column_name: name of the quantity in `columns`.
        highest: the value of the darkest colour for some measures' names, such as the
            best possible value.
        title: title of the figure.
        subtitle: lines under the title.
        path: the file to save the figure to.

    Returns:
        The figure.

    Raises:
        ValueError: if there is no table, a table does not have the shape given by
            `rows` and `columns`, the measures' sources differ, or `highest` names an
            unknown measure.
    """
    tables = _check(tables, rows, columns)
    highest = dict(highest or {})
    if not set(highest) <= set(tables):
        raise ValueError(
            f"`highest` must name measures of {list(tables)}. Received: {highest}"
        )
    sources = list(next(iter(tables.values())))
    map_width = 0.78 + 0.62 * len(columns)
    map_height = 0.62 + 0.36 * len(rows)
    head = 0.1 + 0.3 * bool(title) + 0.19 * len(subtitle.splitlines())
    width = map_width * len(sources) + 0.9
    height = map_height * len(tables) + head
    figure = new_figure(width, height, layout="constrained")
    figure.get_layout_engine().set(
        rect=(0, 0, 1, 1 - head / height), w_pad=0.08, h_pad=0.08
    )
    grid = figure.subplots(len(tables), len(sources), squeeze=False)
    for axes_row, (measure, by_source) in zip(grid, tables.items()):
        found = np.concatenate([table.ravel() for table in by_source.values()])
        found = found[np.isfinite(found)]
        least = float(found.min()) if found.size else 0.0
        most = highest.get(measure, float(found.max()) if found.size else 1.0)
        # All values equal, or above `highest`: a colour scale needs a positive length.
        if not most > least:
            least, most = most - 1.0, least
        for axes, (source, table) in zip(axes_row, by_source.items()):
            mesh = _draw(axes, table, least, most)
            axes.set_title(
                f"{measure}, {source}",
                fontsize=9.5,
                fontweight="bold",
                color=INK,
                pad=5,
            )
            axes.set_xticks(np.arange(len(columns)) + 0.5, [str(c) for c in columns])
            axes.set_yticks(np.arange(len(rows)) + 0.5, [str(r) for r in rows])
        bar = figure.colorbar(mesh, ax=list(axes_row), aspect=14, pad=0.03)
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=8, colors=QUIET, labelcolor=INK, length=2)
    for axes in grid[-1]:
        axes.set_xlabel(column_name, fontsize=8.5, color=INK)
    for axes in grid[:, 0]:
        axes.set_ylabel(row_name, fontsize=8.5, color=INK)
    _headline(figure, title, subtitle)
    return save(figure, path)


def _draw(axes: "Axes", table: np.ndarray, least: float, most: float):
    """Draws one table with the first row on top; returns the mesh for a colour bar."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    # From nearly white over the first blue of the palette to a dark blue. Lightness
    # falls with the values, so the map can also be read without colours.
    colors = LinearSegmentedColormap.from_list(
        "house", ["#F2F6FA", "#9CC9E6", PALETTE[0], "#08304F"]
    ).with_extremes(bad=GAP)
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(table),
        cmap=colors,
        vmin=least,
        vmax=most,
        edgecolors="white",
        linewidth=1.5,
    )
    for (i, j), value in np.ndenumerate(table):
        known = np.isfinite(value)
        color = mesh.to_rgba(value) if known else to_rgba(GAP)
        axes.text(
            j + 0.5,
            i + 0.5,
            f"{value:.1f}" if known else "–",  # noqa: RUF001
            ha="center",
            va="center",
            fontsize=8.5,
            color=_readable_on(color),
        )
    axes.invert_yaxis()
    axes.tick_params(labelsize=8, labelcolor=INK, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return mesh


def _readable_on(color: Sequence[float]) -> str:
    """Black or white: the one with the larger contrast (WCAG) to a colour."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "black" if luminance > 0.179 else "white"


def _headline(figure: "Figure", title: str, subtitle: str) -> None:
    height = figure.get_figheight()
    down = 0.12
    if title:
        figure.text(
            0.02,
            1 - down / height,
            title,
            va="top",
            fontsize=12,
            fontweight="bold",
            color=INK,
        )
        down += 0.27
    figure.text(
        0.02,
        1 - down / height,
        subtitle,
        va="top",
        fontsize=8.5,
        color=INK,
        linespacing=1.35,
    )


def _check(tables, rows, columns):
    if not tables or not all(tables.values()):
        raise ValueError(
            f"`tables` must have a measure and a source at least. Received: {tables!r}"
        )
    wanted = (len(rows), len(columns))
    checked = {}
    for measure, by_source in tables.items():
        checked[measure] = {}
        for source, table in by_source.items():
            table = np.asarray(table, dtype="float64")
            if table.shape != wanted:
                raise ValueError(
                    "`tables` must hold arrays of shape (len(rows), len(columns)) = "
                    f"{wanted}. Received: {table.shape} for {measure!r}, {source!r}"
                )
            checked[measure][source] = table
    sources = {measure: list(by_source) for measure, by_source in checked.items()}
    if any(names != next(iter(sources.values())) for names in sources.values()):
        raise ValueError(
            f"`tables` must have the same sources in order. Received: {sources}"
        )
    return checked
