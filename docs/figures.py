"""The figures of the README and of `docs/concepts.md`: `python docs/figures.py`.

The same numbers on every machine, up to the backend's rounding; about a minute.
"""

import argparse
import pathlib
import warnings

import keras
import numpy as np
from keras import ops
from PIL import Image

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


class Snapshots(keras.callbacks.Callback):
    """Keeps samples from the same latents: often at first, then less and less."""

    def __init__(self, epochs, n=1_000):
        super().__init__()
        shares = np.linspace(0, 1, 36) ** 1.6
        self.epochs = {max(1, round(share * epochs)) for share in shares}
        self.n, self.samples = n, {}

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 in self.epochs:
            step = int(ops.convert_to_numpy(self.model.optimizer.iterations))
            self.samples[step] = self.model.sample(self.n, seed=0)


def training(path, steps):
    """An animation: MD-GAN learns the grid under our recipe."""
    data = km.datasets.grid()
    recipe = km.recipes.points(data, steps=steps, seed=0)
    kept = Snapshots(recipe.epochs)
    recipe.fit([kept], verbose=0)
    true, frames = data.sample(2_500, seed=1), []
    for step, samples in kept.samples.items():
        figure = new_figure(3.2, 3.5)
        axes = figure.add_axes((0.02, 0.02, 0.96, 0.88))
        axes.scatter(*true.T, s=2, color="#c9ced6", lw=0)
        axes.scatter(*samples.T, s=3, color=PALETTE[1], lw=0)
        axes.set(xlim=(-5.6, 5.6), ylim=(-5.6, 5.6), aspect="equal")
        axes.set(xticks=[], yticks=[])
        for side in axes.spines.values():
            side.set_color("#c9ced6")
        title = f"step {step:,} of {steps:,}"
        axes.set_title(title, fontsize=11, color=INK, loc="left", pad=6)
        frames.append(figure)
    frames += frames[-1:] * 12  # the end is looked at for a while
    km.plotting.save_gif(frames, path, fps=6)


def digits(path):
    """Digits of the generator that ships, the first thirty."""
    images = km.load_sampler("mnist_mixture_density").sample(30, seed=0)
    rows = [np.concatenate(list(row), axis=1) for row in images.reshape(5, 6, 28, 28)]
    tiles = np.clip(255 * (1 - (np.concatenate(rows) + 1) / 2), 0, 255)
    figure = Image.fromarray(tiles.astype("uint8"))
    figure.resize((2 * figure.width, 2 * figure.height), Image.BICUBIC).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--steps", type=int, default=2_000, help="of `mixture`, in twenties"
    )
    parser.add_argument(
        "--training-steps", type=int, default=6_000, help="of the animation"
    )
    parser.add_argument("--out", type=pathlib.Path, default=FIGURES)
    args = parser.parse_args()
    # `peaks` shows what the warning says.
    warnings.filterwarnings("ignore", "The vertices of")
    args.out.mkdir(parents=True, exist_ok=True)

    mixture(args.out / "mixture.png", args.steps)
    peaks(args.out / "lambda.png")
    ring(args.out / "ring_embeddings.png", args.out / "ring_samples.png")
    training(args.out / "grid_training.gif", args.training_steps)
    digits(args.out / "digits.png")


if __name__ == "__main__":
    main()
