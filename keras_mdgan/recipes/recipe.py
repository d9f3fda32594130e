"""Functions that make a compiled model, batches and callbacks for given data."""

import dataclasses
import math
import pathlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_mdgan import callbacks as kept
from keras_mdgan.datasets import DATASETS, GaussianMixtureData, ShuffledBatches, dataset
from keras_mdgan.recipes.arrays import DrawnPoints, ImageArray, PointArray, samples_of
from keras_mdgan.recipes.methods import METHODS
from keras_mdgan.recipes.point_networks import PrincipalPointNetworks
from keras_mdgan.recipes.precision import PRECISIONS
from keras_mdgan.recipes.setting import Setting
from keras_mdgan.recipes.settings import DEFAULT_SETTINGS, SETTINGS, settings_of
from keras_mdgan.training import GAN
from keras_mdgan.validation import check_choice, check_integer

# With more dimensions, noise in all of them would hide modes that differ in a few.
MANY_DIMENSIONS = 16


class Recipe(NamedTuple):
    """A model with the arguments of its `fit`.

    Attributes:
        model: a compiled GAN.
        data: its batches.
        epochs: the passes over the batches for the recipe's number of steps.
        callbacks: measures and figures. Training does not depend on them.
    """

    model: GAN
    data: ShuffledBatches
    epochs: int
    callbacks: list[keras.callbacks.Callback]

    def __repr__(self):
        batches = f"{len(self.data)} batches of {self.data.batch_size}"
        return f"<Recipe {self.epochs} epochs of {batches}: {self.model!r}>"

    def fit(self, callbacks=(), **kwargs) -> keras.callbacks.History:
        """Train the model: `model.fit` with the recipe's data, epochs and callbacks.

        Args:
            callbacks: further callbacks.
            **kwargs: further arguments of `fit`, such as `verbose`.
        """
        every = [*self.callbacks, *callbacks]
        arguments = {"epochs": self.epochs, "callbacks": every, **kwargs}
        return self.model.fit(self.data, **arguments)


def points(
    data: str | GaussianMixtureData | np.ndarray | tuple,
    model: str = "mixture_density",
    steps: int = 6_000,
    seed: int = 0,
    *,
    batch_size: int = 250,
    options: Mapping[str, Any] | None = None,
    folder=None,
) -> Recipe:
    """Our recipe for points: latents, networks, noise and rates that keep every mode.

    It is the setting `ours` of the tables, the same for every method. (The table of the
    1,200-D data has 4,000 steps.) It has two
    uniform latents and ten signs, Fourier features, falling instance noise, and Adam
    with rates that fall and rise again. The docstring of each class explains its
    purpose. Data with more than 16 dimensions are modelled in their principal
    components.

    Examples:
        >>> import keras_mdgan as km
        >>> recipe = points(km.datasets.ring(), steps=80, seed=0)
        >>> type(recipe.model).__name__, recipe.epochs, len(recipe.data)
        ('MixtureDensityGAN', 2, 40)
        >>> history = recipe.fit(verbose=0)
        >>> recipe.model.sample(3, seed=0).shape
        (3, 2)

    Args:
        data: a data set with known modes, such as `datasets.grid()`, or its name; or
            your own points, an array `(n, dim)`, or with labels `(x, y)`. From a data
            set 10,000 points are drawn (20,000 in 1,200 dimensions).
        model: a key of `recipes.METHODS`.
        steps: training steps. The schedules of noise and rates depend on them, so a
            shorter run is not the beginning of a longer one.
        seed: an integer >= 0 for data, networks, latents and the order of the data.
        batch_size: points per step; at most the number of points.
        options: further arguments of the model; `rate` is a factor for the learning
            rates. `mixture_density` also takes `components` and `variance`.
        folder: a folder for figures of samples during training, and for an animation
            at the end. It is only used for two dimensions and known modes.

    Returns:
        A `Recipe`: `model`, `data`, `epochs` and `callbacks` for `fit`.

    Raises:
        ValueError: if an argument is unknown or out of its range.
    """
    source, known = _points(data)
    setting = SETTINGS["ours"]
    if source.dim > MANY_DIMENSIONS:
        setting = dataclasses.replace(setting, networks=PrincipalPointNetworks)
    size = min(check_integer("batch_size", batch_size), source.n_points)
    kept = setting.changes.get(source.name, {}).get("options", setting.options)
    setting = dataclasses.replace(setting, batch_size=size, changes={}, options=kept)
    recipe = _recipe(setting, source, model, steps, seed, options)
    recipe.callbacks.extend(_point_callbacks(known, recipe.epochs, folder))
    return recipe


def images(
    data: str | np.ndarray | tuple,
    model: str = "mixture_density",
    steps: int | None = None,
    seed: int = 0,
    *,
    batch_size: int = 64,
    precision: str = "float32",
    options: Mapping[str, Any] | None = None,
    folder=None,
) -> Recipe:
    """Our recipe for images: small networks, penalty and rates that keep every mode.

    It is the setting `compact` (`stacked_compact` for Stacked MNIST), the same for
    every method: `networks.compact_generator` and `compact_discriminator`, R1 for the
    methods that have it, Adam with b1 = 0, rates that fall, and averaged weights.
    Mixture Density GAN has balanced corners. It was found for images of 28 x 28 to
    64 x 64. The papers' networks: `papers`.

    Examples:
        >>> digits = np.zeros((40, 28, 28), "uint8")
        >>> recipe = images(digits, "vanilla", steps=2, batch_size=20)
        >>> recipe.model.data_shape, recipe.epochs
        ((28, 28, 1), 1)

    Args:
        data: images `(n, height, width)` or `(n, height, width, channels)`, uint8 or
            floats in [-1, 1], with sides that are multiples of 4; with labels
            `(x, y)`; or the name of a data set of images.
        model: a key of `recipes.METHODS`.
        steps: training steps; by default 20 passes over the data (14,000 steps for
            Stacked MNIST). Rates depend on them, as in `points`.
        seed: an integer >= 0 for networks, latents and the order of the images.
        batch_size: images per update of a network; at most the number of images. The
            critic of a Wasserstein GAN has five updates per step: `data` then has
            batches of five times this size.
        precision: in which networks compute: `"float32"`, `"mixed_bfloat16"`,
            `"mixed_float16"` or `"auto"`. The last is bfloat16 on processors with
            matrix units for it (AMX), where it is up to four times as fast.
        options: see `points`; `precision` is one of them.
        folder: a folder for a grid of samples after each epoch, and for a backup. After
            an interruption the same call resumes from the backup.

    Returns:
        A `Recipe`.

    Raises:
        ValueError: if an argument is unknown or out of its range.
        FileNotFoundError: if a named data set is not found.
    """
    named = [name for name, entry in DATASETS.items() if entry.kind != "points"]
    if isinstance(data, str):
        check_choice("data", data, named)
        source = DATASETS[data]
    else:
        source = samples_of(ImageArray, data)
    check_choice("model", model, METHODS)
    most = max(source.n_points // METHODS[model].updates_per_step(options), 1)
    size = min(check_integer("batch_size", batch_size), most)
    check_choice("precision", precision, PRECISIONS)
    setting = "stacked_compact" if source.kind == "stacked" else "compact"
    setting = dataclasses.replace(
        SETTINGS[setting], batch_size=size, precision=precision
    )
    recipe = _recipe(setting, source, model, steps, seed, options)
    recipe.callbacks.extend(_image_callbacks(folder))
    return recipe


def papers(
    data: str,
    setting: str | None = None,
    model: str = "mixture_density",
    steps: int | None = None,
    seed: int = 0,
    *,
    batch_size: int | None = None,
    n_points: int | None = None,
    options: Mapping[str, Any] | None = None,
    folder=None,
) -> Recipe:
    """A published setting: networks, optimizers, batch size and length.

    Examples:
        >>> recipe = papers("grid", "authors", "vanilla", steps=40)
        >>> recipe.data.batch_size, recipe.epochs
        (500, 2)
        >>> papers("grid", "authros")
        Traceback (most recent call last):
        ValueError: `setting` must be one of 'authors', ... Did you mean 'authors'?

    Args:
        data: a key of `keras_mdgan.datasets.DATASETS`.
        setting: a key of `recipes.SETTINGS` for that kind of data. The default is
            `"authors"` for points, `"papers"` for images and `"stacked_half"` for
            Stacked MNIST.
        model: a key of `recipes.METHODS`.
        steps: training steps; by default the published number.
        seed: an integer >= 0.
        batch_size: samples per step, on images per update of a network (see
            `images`); by default the published number.
        n_points: the number of training samples; by default all.
        options: see `points`.
        folder: see `points` and `images`.

    Returns:
        A `Recipe`.

    Raises:
        ValueError: if an argument is unknown or out of its range.
        FileNotFoundError: if the data are not found.
    """
    source = dataset(data)
    if setting is None:
        defaults = {**DEFAULT_SETTINGS, "points": "authors"}
        setting = defaults[source.kind]
    check_choice("setting", setting, settings_of(source))
    given = {"batch_size": batch_size, "n_points": n_points}
    given = {k: check_integer(k, v) for k, v in given.items() if v is not None}
    used = dataclasses.replace(SETTINGS[setting].on(source), **given)
    recipe = _recipe(used, source, model, steps, seed, options)
    if source.kind == "points":
        added = _point_callbacks(source.make(), recipe.epochs, folder)
    else:
        added = _image_callbacks(folder)
    recipe.callbacks.extend(added)
    return recipe


def _recipe(setting: Setting, source, model, steps, seed, options) -> Recipe:
    seed = check_integer("seed", seed, at_least=0)
    if steps is not None:
        steps = check_integer("steps", steps)
    check_choice("model", model, METHODS)
    setting = setting.on(source, steps, model, options)
    batches = source.as_dataset(
        setting.n_points,
        setting.batch_size,
        seed=seed,
        labels=METHODS[model].uses_labels(options),
    )
    gan = setting.build(model, source, seed, options)
    return Recipe(gan, batches, math.ceil(setting.steps / len(batches)), [])


def _points(data):
    """The source of points, and the data set or `None` if its modes are unknown."""
    if isinstance(data, str):
        entries = {name: e for name, e in DATASETS.items() if e.kind == "points"}
        check_choice("data", data, entries)
        return entries[data], entries[data].make()
    if not isinstance(data, GaussianMixtureData):
        return samples_of(PointArray, data), None
    for entry in DATASETS.values():
        if entry.kind == "points" and entry.name == data.name:
            usual = entry.make()
            same = np.array_equal(usual.centers, data.centers)
            if same and usual.std == data.std:
                return entry, data
    return DrawnPoints(data), data


def _point_callbacks(known, epochs, folder):
    """Callbacks that count modes and draw figures, for data with known modes."""
    if known is None:
        return []
    every = max(epochs // 15, 1)
    added = [kept.EvaluateSamples(known, every=every)]
    if folder is not None and known.centers.shape[1] == 2:
        added.append(kept.ScatterPlot(known, folder, every=every))
    return added


def _image_callbacks(folder):
    if folder is None:
        return []
    folder = pathlib.Path(folder)
    return [
        kept.BackupAndRestore(folder / "backup", delete_checkpoint=False),
        kept.SampleGrid(folder / "grids"),
    ]
