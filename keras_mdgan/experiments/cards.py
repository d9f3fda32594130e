"""Cards of published generators: what they are, how they were trained, how good.

A card writes everything of its folder: the SavedModel, the card's text, a figure.
"""

import pathlib

import numpy as np

import keras_mdgan as km
from keras_mdgan.experiments.data import DATA
from keras_mdgan.experiments.images import to_bytes
from keras_mdgan.experiments.record import Run, versions

TOY_CARD = """# {title}

Samples of the toy data set `{data}`, drawn by a Mixture Density GAN: {n_modes}
Gaussians in two dimensions.

    import keras_mdgan as km
    km.MixtureDensityGAN.from_preset("{data}").sample(16, seed=1)  # (16, 2)

or, with TensorFlow alone, as a SavedModel,

    import tensorflow as tf
    tf.saved_model.load("{folder}").sample(16, 1)

Functions, also as signatures: `serving_default(latents)` of `({latent_dim},)` numbers
a sample, `sample(n, seed)`, `embed(data)` to 9 dimensions.

## How it was trained

    {command}

`keras_mdgan.experiments` setting `ours`: {steps:,} steps of batch {batch_size} on
{n_points:,} points, seed {seed}. Generator 128-128, discriminator 128-128 on Fourier
features and instance noise, 10 components, variance 0.25, assignment by the nearest.
Versions: {versions}.

## Measures

25,000 samples of this SavedModel (seed 0), beside as many of the true data:

| | modes | high quality % | KL | spread |
|---|---|---|---|---|
| this generator | {modes} of {n_modes} | {high_quality:.2f} | {kl:.4f} | {spread:.3f} |
| true | {t_modes} of {n_modes} | {t_high_quality:.2f} | {t_kl:.4f} | {t_spread:.3f} |

High quality: within 3 standard deviations of the nearest mode. KL: of their histogram
over the modes from the uniform one. Spread: their root mean square radius in units of
the true standard deviation.

![samples](samples.png)

Licence: Apache-2.0. The data are synthetic. Reference: Eghbal-zadeh et al., Mixture
Density Generative Adversarial Networks, 2019.
"""

IMAGE_CARD = """# {title}

Images like those of `{data}`, {shape} numbers in [-1, 1] each, drawn by
`keras_mdgan.{model}`.

![100 samples, not chosen](samples.png)

    import keras_mdgan as km
    km.load_sampler("{title}").sample(16, seed=1)

or, with TensorFlow alone,

    import tensorflow as tf
    tf.saved_model.load("{folder}").sample(16, 1)

Functions, also as signatures: `serving_default(latents)` of `({latent_dim},)` numbers
an image, `sample(n, seed)`. Kernels are kept as int8 with scales, {megabytes:.1f} MB in
all, and the discriminator was left out:
`gan.export(folder, include_discriminator=False, weight_dtype="int8")`.

## How it was trained

    {command}

`keras_mdgan.experiments` setting `{setting}`: {description}.
{steps:,} steps of batch {batch_size} on {n_points:,} images, seed {seed}.
Versions: {versions}.

## Measures

{introduction}
{table}

Licence of the weights: Apache-2.0. Data: {source}.
"""

SOURCES = {
    "mnist": "MNIST, LeCun et al. 1998",
    "fashion_mnist": "Fashion-MNIST, Xiao et al. 2017 (MIT licence)",
    "cifar10": "CIFAR-10, Krizhevsky 2009",
    "celeba": "CelebA, Liu et al. 2015 (for research that is not commercial)",
    "stacked_mnist": "MNIST, LeCun et al. 1998, three digits stacked",
}


def write_toy(run_: Run, gan, folder: pathlib.Path, command: str) -> dict:
    """Export a generator of toy data, as SavedModel and preset; its figures."""
    truth = DATA[run_.data].make()
    gan.export(folder)
    samples = km.load_sampler(folder).sample(25_000, seed=0)
    coverage = km.metrics.mode_coverage(samples, truth)
    wanted = km.metrics.mode_coverage(truth.sample(25_000, seed=0), truth)
    card = TOY_CARD.format(
        **_training(run_, gan, folder, command),
        **coverage.as_dict(),
        **{f"t_{k}": v for k, v in wanted.as_dict().items()},
    )
    km.plotting.scatter(np.asarray(samples[:2500]), truth, path=folder / "samples.png")
    gan.save_to_preset(folder, card=card)
    return coverage.as_dict()


def write_images(run_: Run, gan, folder: pathlib.Path, command: str) -> dict:
    """Export a generator of images in few bits; the figures of what was exported."""
    measures = run_.measures
    measures.prepare()
    gan.export(folder, include_discriminator=False, weight_dtype="int8")
    sampler = km.load_sampler(folder)
    rows = {
        "this SavedModel": measures.figures(measures.samples(sampler, run_.seed)),
        "before rounding to int8": measures.figures(measures.samples(gan, run_.seed)),
        "training images": measures.of_true_data()[0],
    }
    grid = to_bytes(sampler.sample(100, seed=0))
    km.plotting.image_grid(grid, path=folder / "samples.png")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    card = IMAGE_CARD.format(
        **_training(run_, gan, folder, command),
        shape=" x ".join(map(str, gan.data_shape)),
        model=type(gan).__name__,
        megabytes=size / 1e6,
        setting=run_.setting,
        description=run_.resolved.description,
        introduction=measures.introduction,
        table=_table(rows, measures.columns),
        source=SOURCES[run_.data],
    )
    (folder / "README.md").write_text(card)
    return rows["this SavedModel"]


def _training(run_, gan, folder, command):
    setting = run_.resolved
    return {
        "title": folder.name,
        "data": run_.data,
        "folder": folder.as_posix(),
        "latent_dim": gan.latents.dim,
        "command": command,
        "steps": setting.steps,
        "batch_size": setting.batch_size,
        "n_points": setting.n_points,
        "seed": run_.seed,
        "versions": ", ".join(f"{k} {v}" for k, v in versions().items()),
    }


def _table(rows, columns):
    lines = ["| | " + " | ".join(title for _, title, _ in columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for name, figures in rows.items():
        cells = (f"{figures[key]:.{digits}f}" for key, _, digits in columns)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
