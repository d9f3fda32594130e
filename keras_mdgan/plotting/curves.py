"""Curves of the logs of training over the epochs."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mdgan.plotting.style import INK, PALETTE, new_figure, quiet, save
from keras_mdgan.validation import check_integer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def loss_curves(
    history: Mapping[str, Sequence[float]] | Any,
    *,
    title: str = "Training",
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws the logs of `fit`: one plot for the losses, one for each other quantity.

    Quantities whose names differ only by `_real` and `_fake` share a plot.

    Examples:
        >>> figure = loss_curves({"generator_loss": [1.2, 0.9], "modes": [3, 25]})

    Args:
        history: a value per epoch for each name, or the result of `fit`.
        title: title of the figure.
        path: the file to save the figure to.

    Returns:
        The figure.
    """
    history = getattr(history, "history", history)
    if not history:
        raise ValueError("`history` must hold at least one name. Received: none")
    groups: dict[str, list[str]] = {}
    for name in history:
        stem = name.removesuffix("_real").removesuffix("_fake").replace("_", " ")
        groups.setdefault("losses" if "loss" in name else stem, []).append(name)
    columns = min(3, len(groups))
    rows = -(-len(groups) // columns)
    figure = new_figure(0.8 + 3.4 * columns, 0.5 + 2.6 * rows, layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    for index, (group, names) in enumerate(groups.items()):
        axes = figure.add_subplot(rows, columns, index + 1)
        for name, color in zip(names, np.resize(PALETTE, len(names))):
            values = np.asarray(history[name], dtype="float64")
            epochs = np.arange(1, len(values) + 1)
            marker = "o" if len(values) < 20 else None
            label = name.removesuffix("_loss").replace("_", " ").removeprefix(group)
            axes.plot(
                epochs, values, color=color, lw=1.4, marker=marker, ms=3, label=label
            )
        if len(names) > 1:
            # Beside the title: inside the plot it would cover the curves.
            axes.legend(
                loc="lower right",
                bbox_to_anchor=(1.01, 0.98),
                ncols=min(4, len(names)),
                frameon=False,
                fontsize=8,
                labelcolor=INK,
                handlelength=1.0,
                handletextpad=0.4,
                columnspacing=1.0,
                borderaxespad=0.1,
            )
        quiet(axes)
        axes.grid(axis="y", color="#E6E6E6", lw=0.7)
        axes.set_axisbelow(True)
        heading = group if len(names) > 1 else names[0].replace("_", " ")
        axes.set_title(heading, loc="left", fontsize=9, fontweight="bold", color=INK)
        axes.set_xlabel("epoch", fontsize=8, color=INK)
        axes.xaxis.get_major_locator().set_params(integer=True)
    return save(figure, path)


def histogram(
    values: Mapping[str, Sequence[float]],
    *,
    label: str = "",
    bins: int = 10,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws how one figure of many runs is distributed, for several methods.

    All methods have the same bins, from the lowest to the highest value of any.

    Examples:
        >>> figure = histogram({"GAN": [2.0, 7.5, 9.0], "Reg-GAN": [9.1, 9.3]})

    Args:
        values: a sequence of numbers for each method's name.
        label: the name of the figure.
        bins: the number of bins.
        path: the file to save the figure to.

    Returns:
        The figure.

    Raises:
        ValueError: if there is no value, or one is not finite.

    References:
        Figure 3 of the Mode Regularized GAN paper.
    """
    arrays = {name: np.asarray(v, "float64").ravel() for name, v in values.items()}
    every = np.concatenate([np.empty(0), *arrays.values()])
    if not every.size or not np.isfinite(every).all():
        raise ValueError(
            "`values` must hold at least one value, all finite. "
            f"Received: {every.size} values, {(~np.isfinite(every)).sum()} not finite"
        )
    edges = np.histogram_bin_edges(every, check_integer("bins", bins))
    figure = new_figure(5.2, 3.2, layout="constrained")
    axes = figure.add_subplot()
    axes.hist(
        list(arrays.values()),
        edges,
        color=np.resize(PALETTE, len(arrays)).tolist(),
        label=[f"{name} ({len(v)} runs)" for name, v in arrays.items()],
    )
    axes.legend(frameon=False, fontsize=8, labelcolor=INK)
    axes.set_xlabel(label, fontsize=9, color=INK)
    axes.set_ylabel("runs", fontsize=9, color=INK)
    axes.yaxis.get_major_locator().set_params(integer=True)
    quiet(axes)
    return save(figure, path)
