"""Distances of samples from their nearest modes, for data of many dimensions."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mdgan.metrics.modes import MODE_SAMPLES, high_quality_radius
from keras_mdgan.plotting.style import (
    INK,
    PALETTE,
    new_figure,
    panel_note,
    panel_title,
    quiet,
    save,
)
from keras_mdgan.validation import check_integer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def distance_panel(
    distances_by_name: Mapping[str, np.ndarray],
    data: Any,
    *,
    columns: int = 4,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws each sample's distance from its mode, for several methods side by side.

    A column of dots is a mode. A dot is a sample at its distance from the centre, on a
    logarithmic scale. The line is the limit of high quality.

    Examples:
        >>> from keras_mdgan.datasets import grid
        >>> from keras_mdgan.metrics.modes import nearest_centers
        >>> data = grid()
        >>> near = nearest_centers(data.sample(99, seed=0), data.centers)
        >>> near = np.column_stack(near)
        >>> figure = distance_panel({"true data": near}, data)

    Args:
        distances_by_name: an array `(n_samples, 2)` for each method's name. It holds
            the index of the nearest mode and the distance from its centre, as returned
            by `metrics.modes.nearest_centers`.
        data: data set with `centers` and `std`.
        columns: the largest number of panels in a row.
        path: the file to save the figure to.

    Returns:
        The figure.

    Raises:
        ValueError: if there is no method, or an array has another shape.
    """
    if not distances_by_name:
        raise ValueError("`distances_by_name` must not be empty.")
    rows = -(-len(distances_by_name) // check_integer("columns", columns))
    columns = -(-len(distances_by_name) // rows)
    radius = data.std * high_quality_radius(3.0, data.intrinsic_dim)
    modes = len(data.centers)
    jitter = np.random.default_rng(0)
    figure = new_figure(2.5 * columns, 2.9 * rows, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.1)
    for index, (name, values) in enumerate(distances_by_name.items()):
        values = np.asarray(values, "float64")
        if values.ndim != 2 or values.shape[1] != 2 or len(values) == 0:
            raise ValueError(
                "`distances_by_name` must hold arrays of shape (n_samples, 2). "
                f"Received: {name!r} of shape {values.shape}"
            )
        nearest, distances = values.T
        good = distances <= radius
        axes = figure.add_subplot(rows, columns, index + 1)
        at = nearest + jitter.uniform(-0.35, 0.35, len(nearest))
        axes.scatter(at, distances, s=2.0, color=PALETTE[0], alpha=0.35, lw=0)
        axes.axhline(radius, color=PALETTE[1], lw=0.9)
        axes.set(
            xlim=(-0.6, modes - 0.4),
            ylim=(radius / 30, radius * 30),
            yscale="log",
            xticks=[],
        )
        axes.tick_params(labelsize=9, colors=INK, which="both", length=2)
        counts = np.bincount(nearest[good].astype(int), minlength=modes)
        found = np.sum(counts >= MODE_SAMPLES)
        panel_title(axes, name)
        panel_note(
            axes, f"{found} of {modes} modes\n{100 * good.mean():.1f} % high quality"
        )
        quiet(axes)
    return save(figure, path)
