"""Samples in the plane, over the modes of the data."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mdgan.metrics.modes import ModeCoverage, mode_coverage
from keras_mdgan.plotting.style import (
    INK,
    PALETTE,
    QUIET,
    headline,
    new_figure,
    panel_note,
    panel_title,
    quiet,
    save,
)
from keras_mdgan.validation import check_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def scatter(
    samples: np.ndarray,
    data: Any = None,
    *,
    title: str | None = None,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws two-dimensional samples over the modes of the data.

    Each mode is a circle of 3 standard deviations, the limit of high quality. The data
    decide the view, not the samples, so that figures can be compared and animated. A
    note says how many samples are outside the view. The subtitle has the mode coverage.

    Examples:
        >>> from keras_mdgan.datasets import ring
        >>> figure = scatter(ring().sample(200, seed=0), ring(), title="True data")

    Args:
        samples: array of shape `(n_samples, 2)`.
        data: optional data set with `centers`, `std`, such as `datasets.ring()`.
        title: title of the figure; by default the data's name.
        path: the file to save the figure to.

    Returns:
        The figure.
    """
    samples = _check_points(samples)
    figure = new_figure(5.2, 5.6)
    axes = figure.add_axes((0.09, 0.06, 0.88, 0.82))
    outside = _draw_samples(axes, samples, data, size=5.0)
    name = title if title is not None else getattr(data, "name", "")
    if outside:
        axes.annotate(
            f"{outside:,} of {len(samples):,} outside the view",
            (1, 0),
            xytext=(-3, 4),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            fontsize=7.5,
            color=QUIET,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85},
        )
    note = f"{len(samples):,} samples"
    if data is not None:
        note = describe(mode_coverage(samples, data))
    headline(axes, name, note)
    return save(figure, path)


def panel(
    samples_by_name: Mapping[str, np.ndarray],
    data: Any,
    *,
    columns: int = 4,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws the samples of several methods side by side, in one view of the data.

    Examples:
        >>> from keras_mdgan.datasets import grid
        >>> data = grid()
        >>> samples = {"true data": data.sample(200, seed=0), "one": np.zeros((9, 2))}
        >>> figure = panel(samples, data)

    Args:
        samples_by_name: samples of shape `(n_samples, 2)` for each method's name.
        data: data set with `centers` and `std`.
        columns: the largest number of panels in a row.
        path: the file to save the figure to.

    Returns:
        The figure.
    """
    if not samples_by_name:
        raise ValueError("`samples_by_name` must not be empty.")
    rows = -(-len(samples_by_name) // check_integer("columns", columns))
    columns = -(-len(samples_by_name) // rows)
    figure = new_figure(2.5 * columns, 3.2 * rows, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.1)
    for index, (name, samples) in enumerate(samples_by_name.items()):
        samples = _check_points(samples)
        axes = figure.add_subplot(rows, columns, index + 1)
        outside = _draw_samples(axes, samples, data, size=2.0)
        axes.set(xticks=[], yticks=[])
        coverage = mode_coverage(samples, data)
        panel_title(axes, name)
        note = (
            f"{coverage.modes_strict} of {coverage.n_modes} modes\n"
            f"{coverage.high_quality:.1f} % high quality"
        )
        if outside > len(samples) / 10:
            note += f"\n{100 * outside / len(samples):.0f} % out of view"
        panel_note(axes, note)
    return save(figure, path)


def density(
    samples: np.ndarray,
    *,
    bins: int = 160,
    extent: tuple[float, float, float, float] | None = None,
    title: str | None = None,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws a heat map of the density of two-dimensional samples, in logarithms.

    Examples:
        >>> from keras_mdgan.datasets import grid
        >>> figure = density(grid().sample(1000, seed=0), extent=(-5, 5, -5, 5))

    Args:
        samples: array of shape `(n_samples, 2)`.
        bins: squares along each axis.
        extent: `(left, right, bottom, top)`; `None` for that of the samples.
        title: title of the figure.
        path: the file to save the figure to.

    Returns:
        The figure.
    """
    from matplotlib.colors import LogNorm

    samples = _check_points(samples)
    if extent is None:
        middle = (samples.max(axis=0) + samples.min(axis=0)) / 2
        half = 0.53 * float(np.ptp(samples, axis=0).max()) or 1.0
        extent = tuple(np.stack([middle - half, middle + half], axis=1).ravel())
    limits = (extent[:2], extent[2:])
    counts, _, _ = np.histogram2d(samples[:, 0], samples[:, 1], bins, range=limits)
    figure = new_figure(5.9, 5.4)
    axes = figure.add_axes((0.08, 0.07, 0.78, 0.82))
    most = max(2.0, counts.max())
    # The scale starts below 1: a square with one sample must differ from an empty one.
    image = axes.imshow(
        np.maximum(counts.T, 0.25),
        origin="lower",
        extent=extent,
        norm=LogNorm(vmin=0.25, vmax=most),
        cmap="inferno",
    )
    bar = figure.colorbar(image, cax=figure.add_axes((0.89, 0.07, 0.022, 0.82)))
    bar.ax.set_ylim(1, most)
    bar.ax.yaxis.set_major_formatter("{x:.0f}")
    bar.set_label("samples in a square", fontsize=8, color=INK)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, colors=INK, which="both", length=2)
    quiet(axes)
    headline(axes, title or "Density", f"{len(samples):,} samples")
    return save(figure, path)


def describe(coverage: ModeCoverage) -> str:
    """One line with the figures of a `ModeCoverage`."""
    return (
        f"{coverage.modes_strict} of {coverage.n_modes} modes · "
        f"{coverage.high_quality:.1f} % high quality · KL {coverage.kl:.3f} · "
        f"spread {coverage.spread:.2f}"
    )


def _draw_samples(axes: "Axes", samples: np.ndarray, data: Any, size: float) -> int:
    """Draws samples over modes; returns the number of samples outside the view."""
    from matplotlib.collections import EllipseCollection

    shown = samples if data is None else np.asarray(data.centers)
    margin = 0.12 * float(np.ptp(shown, axis=0).max()) or 1.0
    if data is not None:
        margin = max(margin, 5.0 * data.std)
        widths = np.full(len(shown), 6.0 * data.std)
        axes.add_collection(
            EllipseCollection(
                widths,
                widths,
                np.zeros(len(shown)),
                units="xy",
                offsets=shown,
                offset_transform=axes.transData,
                facecolors="none",
                edgecolors=PALETTE[1],
                linewidths=0.9,
                zorder=3,
            )
        )
    low, high = shown.min(axis=0) - margin, shown.max(axis=0) + margin
    axes.scatter(*samples.T, s=size, color=PALETTE[0], alpha=0.45, lw=0, zorder=2)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    quiet(axes)
    return int(np.sum(np.any((samples < low) | (samples > high), axis=1)))


def _check_points(samples: np.ndarray) -> np.ndarray:
    samples = np.asarray(samples)
    if samples.ndim != 2 or samples.shape[1] != 2 or len(samples) == 0:
        raise ValueError(
            "`samples` must have shape (n_samples, 2) with at least one sample. "
            f"Received: samples.shape={samples.shape}"
        )
    return samples
