"""Real and generated samples at each corner of a Mixture Density GAN."""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mdgan.metrics.clustering import clusters_of
from keras_mdgan.plotting.image_grids import tile_images
from keras_mdgan.plotting.style import INK, QUIET, label_colors, new_figure, quiet, save
from keras_mdgan.validation import check_integer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TILE = 0.42  # inches
_LABELS = 1.3  # inches for the text left of the images
_BETWEEN = 0.5  # between real and generated images, in images


def corners(
    gan: Any,
    images: np.ndarray,
    *,
    per_corner: int = 8,
    max_corners: int = 20,
    n: int = 1000,
    seed: int = 0,
    batch_size: int = 500,
    title: str = "Corners",
    path: str | os.PathLike | None = None,
) -> "Figure":
    """Draws real and generated images at each corner, one row a corner.

    A corner's images are those that the discriminator embeds nearest to it: the first
    of `images`, and the first of `n` generated ones. Beside them are the corner's
    shares of both. A good clustering has one kind of images in a row, and a good
    generator the same kind, with the same share, in both halves.

    Points in the plane are two scatter plots, coloured by corner.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.MixtureDensityGAN(
        ...     km.networks.dcgan_generator((8, 8, 1), latent_dim=4, seed=0),
        ...     km.networks.dcgan_discriminator((8, 8, 1), outputs=3, seed=1),
        ...     km.latents.Uniform(4))
        >>> figure = corners(gan, np.zeros((20, 8, 8, 1), "uint8"), n=20)

    Args:
        gan: a `MixtureDensityGAN` of images with 1 or 3 channels, or of points `(2,)`.
        images: real data `(n_real, *data_shape)`, images uint8 or in [-1, 1].
        per_corner: the largest number of real, and of generated, images of a corner.
        max_corners: the largest number of corners. If there are more, those with the
            largest shares are shown, and the figure says so.
        n: the number of generated samples.
        seed: their seed.
        batch_size: how many samples the networks take at once.
        title: title of the figure.
        path: the file to save the figure to.

    Returns:
        The figure.

    Raises:
        ValueError: if `gan` has no corners, its data cannot be drawn, or `images` are
            not like its data.
    """
    if not hasattr(gan, "cluster") or not hasattr(gan, "components"):
        raise ValueError(
            "`gan` must have corners, as MixtureDensityGAN has. "
            f"Received: {type(gan).__name__}"
        )
    shape = tuple(gan.data_shape)
    drawable = len(shape) == 3 and shape[-1] in (1, 3)
    if shape != (2,) and not drawable:
        raise ValueError(
            "`gan` must make images (height, width, channels) with 1 or 3 channels, or "
            f"points (2,). Received: a model of data of shape {shape}"
        )
    images = np.asarray(images)
    if images.ndim == 3 and (*images.shape[1:], 1) == shape:
        images = images[..., None]
    if images.shape[1:] != shape or not len(images):
        raise ValueError(
            f"`images` must have shape (n, {', '.join(map(str, shape))}) with at least "
            f"one sample. Received: images.shape={images.shape}"
        )
    per_corner = check_integer("per_corner", per_corner)
    max_corners = check_integer("max_corners", max_corners)
    generated = gan.sample(check_integer("n", n), seed=seed, batch_size=batch_size)
    halves = {"real": images, "generated": generated}
    clusters = {k: clusters_of(gan, x, batch_size) for k, x in halves.items()}
    shares = {
        name: np.bincount(found, minlength=gan.components) / len(found)
        for name, found in clusters.items()
    }
    total = shares["real"] + shares["generated"]
    shown = np.sort(np.argsort(-total, kind="stable")[:max_corners])
    notes = [f"{len(images):,} real and {len(generated):,} generated samples"]
    notes += [f"{np.count_nonzero(s)} corners with {k}" for k, s in shares.items()]
    if len(shown) < gan.components:
        notes.append(f"the largest {len(shown)} of {gan.components} shown")
    draw = _draw_images if drawable else _draw_points
    figure = draw(halves, clusters, shares, shown, per_corner)
    height = figure.get_figheight()
    text = {"x": 0.1 / figure.get_figwidth(), "ha": "left", "va": "top", "color": INK}
    figure.text(y=1 - 0.1 / height, s=title, fontsize=12, fontweight="bold", **text)
    figure.text(y=1 - 0.36 / height, s=" · ".join(notes), fontsize=8.5, **text)
    return save(figure, path)


def _draw_images(halves, clusters, shares, shown, per_corner):
    """One mosaic: a row for each corner, real images left and generated ones right."""
    height, width, channels = halves["real"].shape[1:]
    tile = height + 1, width + 1  # a pixel of white between two images
    start = round((per_corner + _BETWEEN) * tile[1])  # of the right half
    size = len(shown) * tile[0], start + per_corner * tile[1]
    mosaic = np.full((*size, channels), 255, "uint8")
    inches = _TILE * size[1] / tile[1], _TILE * size[0] / tile[1]
    figure_width, figure_height = max(_LABELS + inches[0] + 0.1, 7.2), inches[1] + 0.95
    figure = new_figure(figure_width, figure_height, dpi=130)
    axes = figure.add_axes(
        (
            _LABELS / figure_width,
            0.1 / figure_height,
            inches[0] / figure_width,
            inches[1] / figure_height,
        )
    )
    for row, corner in enumerate(shown):
        top = row * tile[0]
        for left, name in ((0, "real"), (start, "generated")):
            found = halves[name][clusters[name] == corner][:per_corner]
            if len(found):
                strip = tile_images(found, rows=1, gap=0).reshape(height, -1, channels)
                for i in range(len(found)):
                    image = strip[:, i * width : (i + 1) * width]
                    x = left + i * tile[1]
                    mosaic[top : top + height, x : x + width] = image
            else:
                axes.text(
                    left + 0.1 * width,
                    top + height / 2,
                    f"no {name} images here",
                    fontsize=8,
                    color=QUIET,
                    va="center",
                )
        percent = [f"{100 * shares[name][corner]:.1f} %" for name in halves]
        label = f"corner {corner}\n{percent[0]} · {percent[1]}"
        axes.text(
            -0.2 * tile[1],
            top + height / 2,
            label,
            fontsize=8,
            color=INK,
            ha="right",
            va="center",
        )
    above = {"y": -0.12 * tile[0], "fontsize": 9, "color": INK, "va": "bottom"}
    for left, name in ((0, "real"), (start, "generated")):
        axes.text(left, s=name, **above)
    axes.text(-0.2 * tile[1], s="shares", ha="right", **above)
    shown_as = mosaic[..., 0] if channels == 1 else mosaic
    axes.imshow(shown_as, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_axis_off()
    return figure


def _draw_points(halves, clusters, shares, shown, per_corner):
    """Two scatter plots in one view, that of the real points."""
    figure = new_figure(9.6, 4.9)
    colors = label_colors(len(shares["real"]))
    real = halves["real"].astype("float64")
    margin = 0.08 * float(np.ptp(real, axis=0).max()) or 1.0
    low, high = real.min(axis=0) - margin, real.max(axis=0) + margin
    for index, (name, x) in enumerate(halves.items()):
        axes = figure.add_axes((0.05 + 0.395 * index, 0.08, 0.355, 0.73))
        axes.scatter(*x.T, s=5, c=colors[clusters[name]], lw=0, alpha=0.7)
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
        axes.set_title(name, loc="left", fontsize=9, color=INK)
        quiet(axes)
    for corner in shown:
        percent = [f"{100 * shares[name][corner]:.1f} %" for name in halves]
        label = f"{corner}: {percent[0]} · {percent[1]}"
        axes.scatter([], [], s=22, color=[colors[corner]], label=label)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        frameon=False,
        fontsize=7,
        labelcolor=INK,
        handletextpad=0.1,
        title="corner: real · generated",
        title_fontsize=7,
    )
    return figure
