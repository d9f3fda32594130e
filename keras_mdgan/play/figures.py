"""Pictures of the page: uint8 arrays `(height, width, 3)`."""

import numpy as np
from keras import ops

import keras_mdgan as km
from keras_mdgan.play.real import RealData, check_like
from keras_mdgan.play.subject import Subject
from keras_mdgan.plotting.style import PALETTE, QUIET, headline, new_figure, quiet

CLOUD = 1000  # points behind one, or behind a way
PER_CORNER = 8


def picture(figure) -> np.ndarray:
    """The pixels of a figure."""
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())[..., :3]


def samples(
    subject: Subject, data: RealData | None, n: int, seed: int, label: int | None = None
) -> np.ndarray:
    """Samples, over the modes of the data if these are known."""
    drawn = subject.sample(n, seed, label)
    if subject.is_images:
        return picture(km.plotting.image_grid(drawn))
    known = None if data is None else data.known
    return picture(km.plotting.scatter(drawn, known, title=f"{n:,} samples"))


def one(subject: Subject, latents: np.ndarray, label: int | None = None) -> np.ndarray:
    """The sample of one latent `(dim,)`; a point stands before others of the prior."""
    made = subject.generate(np.asarray(latents)[None], label)
    if subject.is_images:
        return picture(km.plotting.image_grid(made))
    return _way(subject, made, "One sample", "grey: samples of the prior", label)


def interpolation(
    subject: Subject, first: int, last: int, n: int, label: int | None = None
) -> np.ndarray:
    """Samples on the way from one seed's latents to another's."""
    made = subject.generate(subject.between(first, last, n), label)
    if subject.is_images:
        return picture(km.plotting.image_grid(made, rows=-(-n // 8)))
    note = f"from seed {first} (blue) to seed {last} (red)"
    return _way(subject, made, f"{n} samples on a way", note, label)


def corners(
    subject: Subject, data: RealData | None, seed: int, n: int = 1000
) -> np.ndarray:
    """Samples at each corner of a Mixture Density GAN, a row a corner.

    Real samples stand beside generated ones if there are data.

    Raises:
        ValueError: if the model has no corners.
    """
    if not subject.corners:
        raise ValueError(
            "Corners are those of a Mixture Density GAN with its discriminator, a "
            "preset or a .keras file. "
            f"Received: {subject.name}, a {type(subject.model).__name__}"
        )
    if data is not None:
        real = check_like(data.sample(n, seed), subject)
        return picture(
            km.plotting.corners(
                subject.model, real, n=n, seed=seed, title=f"Corners of {subject.name}"
            )
        )
    drawn = subject.sample(n, seed)
    found = subject.clusters(drawn)
    if not subject.is_images:
        return picture(_coloured(drawn, found, subject.corners))
    rows, names = [], []
    blank = np.ones((PER_CORNER, *subject.data_shape), "float32")
    for corner in range(subject.corners):
        here = drawn[found == corner][:PER_CORNER]
        rows.append(np.concatenate([here, blank[len(here) :]]))
        share = np.mean(found == corner)
        names.append(f"corner {corner}, {100 * share:.0f} %")
    grid = km.plotting.image_grid(
        np.concatenate(rows), rows=subject.corners, names=names
    )
    return picture(grid)


def against(
    subject: Subject, data: RealData, n: int, seed: int, label: int | None = None
) -> np.ndarray:
    """Real samples beside as many generated ones."""
    real = check_like(data.sample(n, seed), subject)
    both = {"real": real, "generated": subject.sample(n, seed, label)}
    if subject.is_images:
        return picture(km.plotting.image_panel(both))
    return picture(km.plotting.panel(both, data.known))


def live(training, drawn: np.ndarray) -> np.ndarray:
    """Samples of a model that trains, over the modes of its data."""
    return picture(km.plotting.scatter(drawn, training.known, title="Samples"))


def live_embeddings(training) -> np.ndarray:
    """Embeddings of the data around the corners, coloured by the nearest corner."""
    gan, real = training.model, training.known.sample(CLOUD, seed=0)
    embedded = ops.convert_to_numpy(gan.embed(real))
    return picture(
        km.plotting.embedding(
            embedded,
            km.metrics.clusters_of(gan, real),
            gan.mixture_real.vertices,
            title="Embeddings of the data",
        )
    )


def _way(subject, made, title, note, label):
    """Points in their order, before a cloud of samples."""
    cloud = subject.sample(CLOUD, 0, label)
    figure = new_figure(5.2, 5.6)
    axes = figure.add_axes((0.09, 0.06, 0.88, 0.82))
    axes.scatter(*cloud.T, s=4, c=QUIET, lw=0, alpha=0.4)
    axes.plot(*made.T, color=QUIET, lw=0.8, zorder=2)
    share = np.linspace(0, 1, len(made))
    axes.scatter(*made.T, s=60, c=share, cmap="coolwarm", ec="black", lw=0.7, zorder=3)
    axes.set_aspect("equal", adjustable="datalim")
    quiet(axes)
    headline(axes, title, note)
    return picture(figure)


def _coloured(points, found, corners):
    figure = new_figure(5.2, 5.6)
    axes = figure.add_axes((0.09, 0.06, 0.88, 0.82))
    for corner in range(corners):
        color = PALETTE[corner % len(PALETTE)]
        axes.scatter(*points[found == corner].T, s=5, color=color, lw=0)
    axes.set_aspect("equal", adjustable="datalim")
    quiet(axes)
    used = len(np.unique(found))
    headline(axes, "Corners", f"{len(points):,} samples at {used} of {corners} corners")
    return figure
