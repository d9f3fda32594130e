"""Training a generator as in the experiments, and writing a SavedModel with a card."""

import pathlib

import numpy as np

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.experiments import tables
from keras_mdgan.experiments.curve import Plan
from keras_mdgan.experiments.run import Run
from keras_mdgan.metrics.image_bytes import to_bytes
from keras_mdgan.recipes import METHODS
from keras_mdgan.saving.versions import versions

# All images, and points of two dimensions, whose samples a figure can show.
DATA = tuple(
    name for name, entry in DATASETS.items() if entry.kind != "points" or entry.dim == 2
)


def models_of(data: str) -> tuple[str, ...]:
    """The models whose generators ship.

    For points these are only Mixture Density GANs, whose SavedModels are also presets.
    """
    return ("mixture_density",) if dataset(data).kind == "points" else tuple(METHODS)


def publish(run: Run, out, command: str, backup="runs/publish") -> dict:
    """Train and export a generator, measure the export, and write the card.

    The run is that of the experiments' record of the same name. After an interruption
    the same call resumes it from its last state in `backup`.

    Args:
        run: the run.
        out: the folder that gets `{data}_{model}`.
        command: the command line, for the card.
        backup: the folder of the state during training.

    Returns:
        The figures of the SavedModel's samples.
    """
    gan, state = run.build(), run.backup(backup)
    batches = run.batches()
    gan.fit(
        batches,
        epochs=Plan.of(run.resolved.steps, len(batches), evaluations=1).epochs,
        verbose=2,
        callbacks=[km.callbacks.BackupAndRestore(state, delete_checkpoint=False)],
    )
    points = dataset(run.data).kind == "points"
    folder = pathlib.Path(out) / f"{run.data}_{run.model}"
    return (_write_points if points else _write_images)(run, gan, folder, command)


def _write_points(run: Run, gan, folder: pathlib.Path, command: str) -> dict:
    """Export a generator of toy data as SavedModel and preset; returns its figures."""
    truth = dataset(run.data).make()
    gan.export(folder)
    samples = km.load_sampler(folder).sample(25_000, seed=0)
    coverage = km.metrics.mode_coverage(samples, truth)
    wanted = km.metrics.mode_coverage(truth.sample(25_000, seed=0), truth)
    card = POINTS_CARD.format(
        **_training(run, gan, folder, command),
        components=gan.components,
        variance=gan.mixture_real.variance,
        assignment=gan.mixture_real.assignment,
        **coverage.as_dict(),
        **{f"t_{k}": v for k, v in wanted.as_dict().items()},
    )
    km.plotting.scatter(np.asarray(samples[:2500]), truth, path=folder / "samples.png")
    gan.save_to_preset(folder, card=card)
    return coverage.as_dict()


def _write_images(run: Run, gan, folder: pathlib.Path, command: str) -> dict:
    """Export a generator of images with int8 kernels; returns the export's figures."""
    measures = run.measures
    measures.prepare()
    gan.export(folder, include_discriminator=False, weight_dtype="int8")
    sampler = km.load_sampler(folder)
    rows = {
        "this SavedModel": measures.figures(measures.samples(sampler, run.seed)),
        "before rounding to int8": measures.figures(measures.samples(gan, run.seed)),
        "training images": measures.of_true_data()[0],
    }
    titles = ["", *[title for _, title, _ in measures.columns]]
    lines = [
        [name, *[f"{found[key]:.{digits}f}" for key, _, digits in measures.columns]]
        for name, found in rows.items()
    ]
    grid = to_bytes(sampler.sample(100, seed=0))
    km.plotting.image_grid(grid, path=folder / "samples.png")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    card = IMAGE_CARD.format(
        **_training(run, gan, folder, command),
        shape=" x ".join(map(str, gan.data_shape)),
        model=type(gan).__name__,
        megabytes=size / 1e6,
        introduction=measures.introduction,
        table="\n".join(tables.table(titles, lines)),
        source=dataset(run.data).source,
    )
    (folder / "README.md").write_text(card)
    return rows["this SavedModel"]


def _training(run, gan, folder, command):
    setting = run.resolved
    return {
        "title": folder.name,
        "data": run.data,
        "folder": folder.as_posix(),
        "latent_dim": gan.latents.dim,
        "command": command,
        "steps": setting.steps,
        "batch_size": setting.batch_size,
        "n_points": setting.n_points,
        "seed": run.seed,
        "setting": run.setting,
        "description": setting.description,
        "versions": ", ".join(f"{k} {v}" for k, v in versions().items()),
    }


POINTS_CARD = """# {title}

Samples of the data set `{data}`, drawn by a Mixture Density GAN: {n_modes}
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

`keras_mdgan.experiments` setting `{setting}`: {description}. {steps:,} steps of batch
{batch_size} on {n_points:,} points, seed {seed}. {components} components, variance
{variance}, assignment `{assignment}`. Versions: {versions}.

## Measures

25,000 samples of this SavedModel (seed 0), beside as many of the true data:

| | modes | high quality % | KL | spread |
|---|---|---|---|---|
| this generator | {modes_strict} of {n_modes} | {high_quality:.2f} | {kl:.4f} | \
{spread:.3f} |
| true | {t_modes_strict} of {n_modes} | {t_high_quality:.2f} | {t_kl:.4f} | \
{t_spread:.3f} |

A mode counts from 20 samples of high quality on, which are within 3 standard
deviations of the nearest mode. KL: of their histogram
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
