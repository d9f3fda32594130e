"""Grids of images, and animations."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keras_mdgan.files import replaced_when_written
from keras_mdgan.plotting.style import INK, new_figure, panel_title, save
from keras_mdgan.validation import check_integer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def image_grid(
    images: np.ndarray,
    rows: int | None = None,
    *,
    names: Sequence[str] | None = None,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws images side by side, without interpolation.

    Examples:
        >>> images = np.zeros((10, 28, 28, 1), "uint8")
        >>> figure = image_grid(images, rows=2, names=["real", "nearest"])

    Args:
        images: see `tile_images`.
        rows: number of rows.
        names: a name for each of the `rows`, written on its left.
        path: the file to save the figure to.

    Returns:
        The figure.

    Raises:
        ValueError: if there are other than `rows` names; see also `tile_images`.
    """
    names = list(names or [])
    if names and len(names) != rows:
        raise ValueError(
            "`names` must have one name for each of the `rows`. "
            f"Received: {len(names)} names, rows={rows}"
        )
    mosaic = tile_images(images, rows)
    height, width = mosaic.shape[:2]
    zoom = max(1, round(640 / max(height, width)))
    # 7 pixels a letter of 9 points, at 100 pixels an inch.
    margin = 7 * max(map(len, names)) + 14 if names else 0
    whole = margin + width * zoom
    figure = new_figure(whole / 100, height * zoom / 100, dpi=100)
    axes = figure.add_axes((margin / whole, 0, 1 - margin / whole, 1))
    for row, name in enumerate(names):
        place = (margin - 7) / whole, 1 - (row + 0.5) / len(names)
        figure.text(*place, name, ha="right", va="center", fontsize=9, color=INK)
    axes.imshow(mosaic, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_axis_off()
    return save(figure, path)


def image_panel(
    images_by_name: Mapping[str, np.ndarray],
    *,
    columns: int = 4,
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws a grid of images for each of several methods, side by side.

    Examples:
        >>> black = np.zeros((9, 28, 28, 1), "uint8")
        >>> figure = image_panel({"real images": black + 255, "nothing": black})

    Args:
        images_by_name: images, see `tile_images`, for each method's name.
        columns: the largest number of grids in a row.
        path: the file to save the figure to.

    Returns:
        The figure.
    """
    if not images_by_name:
        raise ValueError("`images_by_name` must not be empty.")
    rows = -(-len(images_by_name) // check_integer("columns", columns))
    columns = -(-len(images_by_name) // rows)
    figure = new_figure(2.9 * columns, 3.15 * rows, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.1)
    for index, (name, images) in enumerate(images_by_name.items()):
        axes = figure.add_subplot(rows, columns, index + 1)
        axes.imshow(tile_images(images), cmap="gray", vmin=0, vmax=255)
        axes.set_axis_off()
        panel_title(axes, name)
    return save(figure, path)


def tile_images(
    images: np.ndarray, rows: int | None = None, gap: int = 2
) -> np.ndarray:
    """Joins images into one array, with a white gap between them.

    Examples:
        >>> tile_images(np.zeros((6, 8, 8, 3)), rows=2).shape
        (22, 32, 3)

    Args:
        images: `(n, height, width)` or `(n, height, width, channels)` with 1 or 3
            channels; uint8, or floating and in [-1, 1], the range of tanh.
        rows: number of rows; `None` makes the grid nearly square.
        gap: pixels between two images, and around all of them.

    Returns:
        A uint8 array of shape `(height, width)` or `(height, width, 3)`.

    Raises:
        ValueError: if shape or range is not as described.
    """
    images = np.asarray(images)
    received = images.shape
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or len(images) == 0:
        raise ValueError(
            "`images` must have shape (n, height, width) or (n, height, width, "
            f"channels) with 1 or 3 channels. Received: images.shape={received}"
        )
    if images.dtype != np.uint8:
        if not np.all(np.abs(images) <= 1.001):
            raise ValueError(
                "`images` must be uint8 or lie in [-1, 1]. Received: "
                f"dtype={images.dtype}, from {images.min()} to {images.max()}"
            )
        images = np.clip(np.rint(127.5 * (images + 1.0)), 0, 255).astype("uint8")
    n, height, width, channels = images.shape
    rows = max(1, round(n**0.5)) if rows is None else check_integer("rows", rows)
    rows = min(n, rows)
    columns = -(-n // rows)
    high, wide = height + gap, width + gap
    mosaic = np.full(
        (rows * high + gap, columns * wide + gap, channels), 255, dtype="uint8"
    )
    for index, image in enumerate(images):
        top, left = index // columns * high + gap, index % columns * wide + gap
        mosaic[top : top + height, left : left + width] = image
    return mosaic[..., 0] if channels == 1 else mosaic


def save_gif(
    frames: "Sequence[Figure | np.ndarray]",
    path: str | os.PathLike,
    fps: float = 10.0,
) -> Path:
    """Writes an animation that repeats forever.

    Examples:
        >>> import tempfile
        >>> frames = [np.full((8, 8), grey, "uint8") for grey in (0, 128, 255)]
        >>> save_gif(frames, tempfile.mkdtemp() + "/grey.gif", fps=2).name
        'grey.gif'

    Args:
        frames: figures, or uint8 arrays of shape `(height, width)` or
            `(height, width, 3)`, all of one size.
        path: the file to write.
        fps: frames per second, at most 100.

    Returns:
        The path of the file.
    """
    from PIL import Image

    if len(frames) == 0 or not 0 < fps <= 100:
        raise ValueError(
            "`frames` must not be empty and `fps` must be above 0 and at most 100. "
            f"Received: {len(frames)} frames, fps={fps}"
        )
    images = [Image.fromarray(_pixels(frame)) for frame in frames]
    if len({image.size for image in images}) > 1:
        sizes = sorted({image.size for image in images})
        raise ValueError(f"`frames` must have one size. Received: {sizes}")
    with replaced_when_written(path) as beside:
        images[0].save(
            beside,
            format="GIF",
            save_all=True,
            append_images=images[1:],
            duration=round(1000 / fps),
            loop=0,
        )
    return Path(path)


def _pixels(frame: "Figure | np.ndarray") -> np.ndarray:
    if isinstance(frame, np.ndarray):
        if frame.dtype != np.uint8:
            raise ValueError(f"`frames` must be uint8. Received: {frame.dtype}")
        return frame
    frame.canvas.draw()
    return np.asarray(frame.canvas.buffer_rgba())[..., :3]
