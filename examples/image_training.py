"""What the image examples share: options, training, figures, measures.

Not an example itself: see mnist.py, fashion_mnist.py, cifar10.py, celeba.py and
stacked_mnist.py, each of which says what is special to its data.
"""

import argparse
import json
import pathlib
import time

import keras

import keras_mdgan as km
from keras_mdgan.commands.arguments import above, at_least
from keras_mdgan.datasets import dataset
from keras_mdgan.experiments import measures
from keras_mdgan.experiments.options import parsed


class TimeLimit(keras.callbacks.Callback):
    """Stops training after some minutes, in the middle of an epoch if need be."""

    def __init__(self, minutes):
        super().__init__()
        self.minutes = minutes

    def on_train_begin(self, logs=None):
        self.end = time.monotonic() + 60 * self.minutes

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() > self.end:
            self.model.stop_training = True


def options(data: str, description: str, epochs: int | None = None):
    """The command line's arguments. `epochs` replaces the setting's by default."""
    entry = dataset(data)
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--model", default="mixture_density", choices=km.recipes.METHODS
    )
    parser.add_argument(
        "--setting",
        default="stacked_compact" if entry.kind == "stacked" else "compact",
        choices=km.recipes.settings_of(entry),
    )
    parser.add_argument("--options", help="arguments of the model, NAME=VALUE,...")
    parser.add_argument(
        "--epochs", type=at_least(1), default=epochs, help="passes over the images"
    )
    parser.add_argument(
        "--images", type=at_least(1), help="train on so many, not on all"
    )
    parser.add_argument("--batch-size", type=at_least(1), help="images per update")
    parser.add_argument("--minutes", type=above(0), help="stop after so many minutes")
    parser.add_argument("--smoke", action="store_true", help="a short run, for a look")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--out", type=pathlib.Path, default=f"runs/{data}")
    return parser.parse_args()


def train(data: str, args) -> keras.Model:
    """Trains a model of the zoo; goes on where it was stopped.

    The folder `args.out` receives a grid of samples for each epoch (`grids/`), a backup
    of the state after each, and at the end `samples.png`, `losses.png`, `model.keras`
    and a SavedModel.
    """
    args.out = pathlib.Path(args.out)
    setting = km.recipes.setting_for(args.setting, data)
    batch_size = args.batch_size or (16 if args.smoke else setting.batch_size)
    # `batch_size` is that of one update, and a critic may have several in a step.
    of_step = batch_size * km.recipes.METHODS[args.model].updates_per_step()
    n_images = args.images or (10 * of_step if args.smoke else setting.n_points)
    epochs = 2 if args.smoke else args.epochs
    recipe = km.recipes.papers(
        data,
        args.setting,
        args.model,
        steps=epochs and epochs * (n_images // of_step),
        seed=args.seed,
        batch_size=batch_size,
        n_points=n_images,
        options=parsed(args.options),
        folder=args.out,
    )
    gan = recipe.model
    limits = [TimeLimit(args.minutes)] if args.minutes else []
    history = recipe.fit(limits, verbose=2)
    gan.save(args.out / "model.keras")
    gan.export(args.out / "saved_model")
    samples = gan.sample(100, seed=args.seed)
    km.plotting.image_grid(samples, rows=10, path=args.out / "samples.png")
    if history.epoch:
        km.plotting.loss_curves(history, path=args.out / "losses.png")
    print(f"Figures and models are in {args.out}")
    return gan


def measure(data: str, gan, args) -> dict:
    """Compares generated with test images, as the experiments' tables do.

    Writes `measures.json`. Colour images need the Inception weights, which are
    downloaded at first use; without a network it says what to put where instead.
    """
    of_data = measures.of(dataset(data))
    try:
        samples = of_data.samples(gan, args.seed, last=not args.smoke)
        figures = of_data.figures(samples)
    except FileNotFoundError as error:
        print(f"\nNot measured: {error}")
        return {}
    (args.out / "measures.json").write_text(json.dumps(figures, indent=1))
    print(f"\n{figures['n_fake']:,} images, features of {figures['extractor']}:")
    for name, title, digits in of_data.columns:
        if name in figures:
            print(f"{title:>28}  {figures[name]:.{digits}f}")
    return figures


def run(data: str, description: str):
    """The whole of an example without a part of its own."""
    args = options(data, description.splitlines()[0])
    if args.smoke:
        print("A look at everything: far too short for good images.")
    measure(data, train(data, args), args)
