"""The figures of `docs/concepts.md`: `python docs/figures.py`.

The same numbers on every machine, up to the backend's rounding; half a minute.
"""

import argparse
import pathlib
import warnings

import numpy as np
from keras import ops

import keras_mdgan as km
from keras_mdgan.plotting.style import INK, PALETTE, headline, new_figure, quiet, save

FIGURES = pathlib.Path(__file__).parent / "figures"
VARIANCES = (0.16, 0.25, 0.5)  # of the slides' search


def mixture(path, steps):
    """A mixture in the plane, and where a discriminator puts data and samples."""
    data = km.datasets.grid()
    gan = km.MixtureDensityGAN(
        generator=km.networks.mlp_generator((2,), output_range=6, seed=0),
        discriminator=km.networks.mlp_discriminator((2,), outputs=2, seed=1),
        latents=km.latents.Uniform(2),
        seed=0,
    )
    gan.compile(steps_per_execution=20)
    batches = data.as_dataset(5_000, batch_size=250, seed=0)
    gan.fit(batches, epochs=max(1, steps // 20), verbose=0)
    ticks = np.linspace(-1.6, 1.6, 161)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    ratio = np.exp(ops.convert_to_numpy(gan.mixture_real.log_ratio(plane)))
    figure = new_figure(6.2, 5.6)
    axes = figure.add_axes((0.09, 0.07, 0.72, 0.81))
    levels = axes.contourf(ticks, ticks, ratio, np.linspace(0, 1, 11), cmap="Blues")
    axes.contour(ticks, ticks, ratio, [0.5], colors=INK, linestyles="--", linewidths=1)
    for x, color, label in (
        (gan.sample(300, seed=0), PALETTE[1], "samples"),
        (data.sample(300, seed=0), "black", "data"),
    ):
        points = ops.convert_to_numpy(gan.embed(x))
        axes.scatter(*points.T, s=9, color=color, ec="white", lw=0.3, label=label)
    stars = gan.mixture_real.vertices.T
    axes.scatter(*stars, s=190, marker="*", c="white", ec="black", zorder=3)
    axes.set(xlim=ticks[[0, -1]], ylim=ticks[[0, -1]], aspect="equal")
    axes.legend(loc="upper right", fontsize=8, labelcolor=INK)
    bar = figure.colorbar(levels, cax=figure.add_axes((0.84, 0.07, 0.025, 0.81)))
    bar.set_label("likelihood / lambda", fontsize=8, color=INK)
    bar.ax.tick_params(labelsize=8)
    quiet(axes)
    note = f"the grid after {steps:,} steps · variance 0.25 · dashed: 0.5"
    headline(axes, "Embeddings on a 2-simplex", note)
    save(figure, path)


def peaks(path):
    """Lambda by dimension, and the two likelihoods between centre and vertex."""
    figure = new_figure(9.4, 4.2, layout="constrained")
    left, right = figure.subplots(1, 2)
    dims = np.arange(1, 33)
    way = np.linspace(-0.5, 1.5, 201)[:, None]
    for variance, color in zip(VARIANCES, PALETTE):
        heights = [km.SimplexGaussianMixture(int(d), variance).log_peak for d in dims]
        left.plot(dims, heights, color=color, label=f"variance {variance}")
        for assignment, style in (("max", "--"), ("mixture", "-")):
            chosen = km.SimplexGaussianMixture(9, variance, assignment)
            ratio = chosen.log_ratio(way * chosen.vertices[0])
            right.plot(way, np.exp(ops.convert_to_numpy(ratio)), style, color=color)
    left.set_xlabel("dimension d", fontsize=8, color=INK)
    left.legend(frameon=False, fontsize=8, labelcolor=INK)
    right.set_xlabel("from the centre (0) to a vertex (1)", fontsize=8, color=INK)
    right.plot([], [], "--", color=INK, label='"max"')
    right.plot([], [], "-", color=INK, label='"mixture"')
    right.legend(frameon=False, fontsize=8, labelcolor=INK)
    headline(left, "log lambda", 'assignment "max", in nats')
    headline(right, "likelihood / lambda", "d = 9, along the line through a vertex")
    quiet(left)
    quiet(right)
    save(figure, path)


def ring(embeddings, samples):
    """The trained model that ships: embeddings of true data, and its samples."""
    data = km.datasets.ring()
    gan = km.MixtureDensityGAN.from_preset("ring")
    x, modes = data.sample_with_labels(800, seed=0)
    km.plotting.embedding(
        ops.convert_to_numpy(gan.embed(x)),
        modes,
        gan.mixture_real.vertices,
        title="Embeddings of the ring's 8 modes",
        path=embeddings,
    )
    drawn = gan.sample(1_000, seed=0)
    km.plotting.scatter(drawn, data, title="Samples of the ring", path=samples)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--steps", type=int, default=2_000, help="of `mixture`, in twenties"
    )
    parser.add_argument("--out", type=pathlib.Path, default=FIGURES)
    args = parser.parse_args()
    # `peaks` shows what the warning says.
    warnings.filterwarnings("ignore", "The vertices of")
    args.out.mkdir(parents=True, exist_ok=True)

    mixture(args.out / "mixture.png", args.steps)
    peaks(args.out / "lambda.png")
    ring(args.out / "ring_embeddings.png", args.out / "ring_samples.png")


if __name__ == "__main__":
    main()
