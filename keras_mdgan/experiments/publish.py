"""Train a generator by our recipe; write it as a SavedModel and a preset, with a card.

python -m keras_mdgan.experiments.publish grid --out saved_models
"""

import argparse
import dataclasses
import pathlib
import shlex
import sys

import numpy as np

import keras_mdgan as km
from keras_mdgan.experiments.data import TOY
from keras_mdgan.experiments.record import versions
from keras_mdgan.experiments.settings import setting_for
from keras_mdgan.validation import check_choice

CARD = """# {title}

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


def publish(data: str, out, seed: int, command: str, steps: int | None = None):
    """Train, export, measure what was exported, and write the card.

    Args:
        data: the data set's name.
        out: the folder that gets `{data}_mixture_density`.
        seed: the run's seed.
        command: what was typed, for the card.
        steps: another length than the setting's.

    Returns:
        The `ModeCoverage` of the SavedModel's samples.
    """
    setting = setting_for("ours", data)
    if steps is not None:
        setting = dataclasses.replace(setting, steps=steps)
    folder = pathlib.Path(out) / f"{data}_mixture_density"
    truth = TOY[data].make()
    gan = setting.build("mixture_density", data, seed)
    source = truth.as_dataset(setting.n_points, setting.batch_size, seed=seed)
    gan.fit(source, epochs=-(-setting.steps // len(source)), verbose=2)
    gan.export(folder)
    samples = km.load_sampler(folder).sample(25_000, seed=0)
    coverage = km.metrics.mode_coverage(samples, truth)
    wanted = km.metrics.mode_coverage(truth.sample(25_000, seed=0), truth)
    card = CARD.format(
        title=f"{data}_mixture_density",
        data=data,
        folder=folder.as_posix(),
        latent_dim=gan.latents.dim,
        command=command,
        steps=setting.steps,
        batch_size=setting.batch_size,
        n_points=setting.n_points,
        seed=seed,
        versions=", ".join(f"{k} {v}" for k, v in versions().items()),
        **coverage.as_dict(),
        **{f"t_{k}": v for k, v in wanted.as_dict().items()},
    )
    km.plotting.scatter(np.asarray(samples[:2500]), truth, path=folder / "samples.png")
    gan.save_to_preset(folder, card=card)
    return coverage


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help=f"one of {', '.join(TOY)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="another length")
    parser.add_argument("--out", default="saved_models")
    options = parser.parse_args(arguments)
    try:
        check_choice("data", options.data, TOY)
    except ValueError as error:
        parser.error(str(error))
    command = "python -m keras_mdgan.experiments.publish " + shlex.join(arguments)
    coverage = publish(options.data, options.out, options.seed, command, options.steps)
    print(km.plotting.describe(coverage))


if __name__ == "__main__":
    main()
