"""Embeddings along their principal components."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from keras_mdgan.plotting.style import (
    INK,
    QUIET,
    headline,
    label_colors,
    new_figure,
    panel_note,
    panel_title,
    quiet,
    save,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def embedding(
    embeddings: np.ndarray,
    labels: np.ndarray,
    vertices: np.ndarray | None = None,
    *,
    title: str = "Embeddings",
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws embeddings along their two principal components, coloured by label.

    Examples:
        >>> from keras_mdgan.mixtures import simplex_vertices
        >>> vertices = simplex_vertices(9)
        >>> points = np.repeat(vertices, 5, axis=0)
        >>> figure = embedding(points, np.arange(50) // 5, vertices)

    Args:
        embeddings: array of shape `(n_samples, dim)`.
        labels: integer label of each embedding, `(n_samples,)`.
        vertices: optional points, `(n_vertices, dim)`, drawn as stars in the same
            projection, such as `SimplexGaussianMixture.vertices`.
        title: title of the figure.
        path: the file to save the figure to.

    Returns:
        The figure.

    References:
        Figure 3 k-o of the Mixture Density GAN paper.
    """
    embeddings, indices, names = _checked(embeddings, labels)
    mean, components, explained = principal_components(embeddings)
    points = (embeddings - mean) @ components.T
    notes = [f"{len(points):,} samples", f"{100 * explained:.0f} % of the variance"]
    figure = new_figure(6.2, 5.6)
    axes = figure.add_axes((0.12, 0.08, 0.74, 0.81))
    colors = label_colors(len(names))
    # Drawn in random order, so that no label covers the others.
    order = np.random.default_rng(0).permutation(len(points))
    axes.scatter(
        *points[order].T, s=9, c=colors[indices[order]], lw=0, alpha=0.75, zorder=2
    )
    if vertices is not None:
        notes.append("stars: vertices")
        stars = (np.asarray(vertices, dtype="float64") - mean) @ components.T
        axes.scatter(*stars.T, s=190, marker="*", c="white", ec="black", lw=1, zorder=3)
    if len(names) <= 30:
        for name, color in zip(names, colors):
            axes.scatter([], [], s=22, color=[color], label=str(name))
        axes.legend(
            loc="center left",
            bbox_to_anchor=(1.01, 0.5),
            frameon=False,
            fontsize=8 if len(names) <= 20 else 7,
            labelcolor=INK,
            handletextpad=0.1,
        )
    axes.set_aspect("equal", adjustable="datalim")
    quiet(axes)
    axes.set_xlabel("first principal component", fontsize=8, color=INK)
    axes.set_ylabel("second principal component", fontsize=8, color=INK)
    headline(axes, title, " · ".join(notes))
    return save(figure, path)


def embedding_panel(
    real: Mapping[str, np.ndarray],
    labels: np.ndarray,
    generated: Mapping[str, np.ndarray] | None = None,
    vertices: np.ndarray | None = None,
    *,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws embeddings at several epochs, one column an epoch.

    Real data are above, coloured by label. Generated data are below, in the principal
    plane and the view of the real data of their column.

    Examples:
        >>> from keras_mdgan.mixtures import simplex_vertices
        >>> vertices = simplex_vertices(9)
        >>> real = {"epoch 1": vertices * 0.1, "epoch 9": vertices}
        >>> figure = embedding_panel(real, np.arange(10), real, vertices)

    Args:
        real: embeddings `(n_real, dim)` of the same real data, by the columns' titles.
        labels: integer label of each real sample, `(n_real,)`.
        generated: embeddings `(n_generated, dim)` of generated data, by these titles.
        vertices: optional points, `(n_vertices, dim)`, drawn as stars.
        path: the file to save the figure to.

    Returns:
        The figure.

    Raises:
        ValueError: if there is no column, shapes do not fit, or the titles differ.

    References:
        Figure 3 k-o of the Mixture Density GAN paper.
    """
    if not real or (generated is not None and [*real] != [*generated]):
        raise ValueError(
            "`real` must not be empty, and `generated` must have the same titles. "
            f"Received: {[*real]} and {[*(generated or {})]}"
        )
    rows = (
        {"real": real} if generated is None else {"real": real, "generated": generated}
    )
    figure = new_figure(2.5 * len(real), 2.55 * len(rows) + 0.3, layout="constrained")
    for column, (name, embeddings) in enumerate(real.items()):
        embeddings, indices, names = _checked(embeddings, labels)
        mean, components, explained = principal_components(embeddings)
        placed = {
            k: (np.asarray(x[name]) - mean) @ components.T for k, x in rows.items()
        }
        stars = np.zeros((0, 2))
        if vertices is not None:
            stars = (np.asarray(vertices, dtype="float64") - mean) @ components.T
        seen = np.concatenate([placed["real"], stars])
        low, high = seen.min(axis=0), seen.max(axis=0)
        middle, reach = (low + high) / 2, 0.55 * float((high - low).max()) or 1.0
        for row, (kind, points) in enumerate(placed.items()):
            axes = figure.add_subplot(
                len(rows), len(real), row * len(real) + column + 1
            )
            colors = label_colors(len(names))[indices] if kind == "real" else QUIET
            # Not in the order of labels, so that none covers the others.
            order = np.random.default_rng(0).permutation(len(points))
            if kind == "real":
                colors = colors[order]
                panel_title(axes, name)
                panel_note(axes, f"{100 * explained:.0f} % of the variance")
            axes.scatter(*points[order].T, s=4, c=colors, lw=0, alpha=0.7, zorder=2)
            axes.scatter(
                *stars.T, s=70, marker="*", c="white", ec="black", lw=0.8, zorder=3
            )
            axes.set(
                xticks=[],
                yticks=[],
                aspect="equal",
                xlim=(middle[0] - reach, middle[0] + reach),
                ylim=(middle[1] - reach, middle[1] + reach),
            )
            quiet(axes)
            if not column:
                axes.set_ylabel(kind, fontsize=11, color=INK)
    return save(figure, path)


def _checked(embeddings, labels):
    """Embeddings, the index of each label among the labels, and the labels."""
    embeddings = np.asarray(embeddings, dtype="float64")
    labels = np.asarray(labels).reshape(-1)
    if embeddings.ndim != 2 or len(embeddings) != len(labels):
        raise ValueError(
            "`embeddings` must have shape (n_samples, dim) and `labels` (n_samples,). "
            f"Received: {embeddings.shape} and {labels.shape}"
        )
    names, indices = np.unique(labels, return_inverse=True)
    return embeddings, indices, names


def principal_components(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Returns the mean, the first two principal axes, and their share of the variance.

    The largest coordinate of each axis is positive. Figures of successive epochs
    therefore do not flip. In one dimension the second axis is zero.

    Examples:
        >>> points = np.array([[0.0, 0], [3, 4], [6, 8]])
        >>> mean, axes, share = principal_components(points)
        >>> axes[0], round(share, 6)
        (array([0.6, 0.8]), 1.0)

    Args:
        x: array of shape `(n, dim)`.

    Returns:
        Arrays of shape `(dim,)` and `(2, dim)`, and a number from 0 to 1.
    """
    mean = x.mean(axis=0)
    _, spread, axes = np.linalg.svd(x - mean, full_matrices=False)
    largest = axes[np.arange(len(axes)), np.argmax(np.abs(axes), axis=1)]
    axes = axes * np.sign(largest)[:, None]
    both = np.zeros((2, x.shape[1]))
    both[: len(axes[:2])] = axes[:2]
    total = float(np.sum(spread**2))
    return mean, both, float(np.sum(spread[:2] ** 2)) / total if total else 1.0
