"""`keras-mdgan train`: from data to a trained, exported generator."""

import hashlib
import json
import pathlib
import shlex
import sys

import numpy as np

import keras_mdgan as km
from keras_mdgan.commands.sample import write
from keras_mdgan.commands.sources import MODEL, common_size, holds_images, read_array
from keras_mdgan.datasets import DATASETS
from keras_mdgan.files import replaced_when_written
from keras_mdgan.recipes.setting import check_options
from keras_mdgan.validation import check_choice, check_integer

RECIPES = ("auto", "points", "images", "papers")
OPTIONS = ("model", "recipe", "steps", "batch_size", "size", "options", "seed")
RUN = "run.json"  # what is trained in a folder
# Every side is halved twice by the networks for images.
DIVISOR = 4


def add_arguments(sub) -> None:
    """Add the command's arguments to its parser."""
    named = ", ".join(DATASETS)
    sub.add_argument(
        "data",
        help="a folder of images, an .npz file with images or points, or a data "
        f"set: {named}",
    )
    sub.add_argument(
        "--model",
        default="mixture_density",
        help="a method of the zoo; default: mixture_density",
    )
    sub.add_argument(
        "--recipe",
        default="auto",
        choices=RECIPES,
        help="auto (default) takes points or images, as the data are; papers is a "
        "published setting of a named data set",
    )
    sub.add_argument("--steps", type=int, help="training steps; default: the recipe's")
    sub.add_argument("--batch-size", type=int, help="default: the recipe's")
    sub.add_argument(
        "--size", type=int, help="resize a folder's images to squares of this side"
    )
    sub.add_argument("--options", help="arguments of the model, NAME=VALUE with commas")
    sub.add_argument("--seed", type=int, default=0, help="default: 0")
    sub.add_argument("--out", type=pathlib.Path, help="default: runs/DATA")


def run(options) -> None:
    """Train, or go on where it was stopped, and write the model and its card."""
    from keras_mdgan.experiments.options import parsed

    check_choice("--model", options.model, km.recipes.METHODS)
    check_integer("--seed", options.seed, at_least=0)
    for name in ("steps", "batch_size", "size"):
        value = getattr(options, name)
        if value is not None:
            check_integer(f"--{name.replace('_', '-')}", value)
    given = parsed(options.options)
    check_options(options.model, given)
    name = pathlib.Path(options.data).stem or "data"
    out = pathlib.Path(options.out or f"runs/{name}")
    recipe = _recipe(options, given, out)
    _remember(options, recipe, out)
    gan, kept = recipe.model, []
    if not any(isinstance(c, km.callbacks.BackupAndRestore) for c in recipe.callbacks):
        kept = [km.callbacks.BackupAndRestore(out / "backup", delete_checkpoint=False)]
    recipe.fit(kept, verbose=1 if sys.stdout.isatty() else 2)
    gan.save(out / MODEL)
    gan.export(out / "saved_model")
    samples = gan.sample(100 if len(gan.data_shape) == 3 else 2_500, seed=options.seed)
    drawn = len(gan.data_shape) == 3 or gan.data_shape == (2,)
    if drawn:
        write(np.asarray(samples), out / "samples.png")
    (out / "README.md").write_text(_card(out, options, gan, drawn))
    print(f"The model, its SavedModel, samples and a card are in {out}")


def _remember(options, recipe, out):
    """Keep in the folder what is trained there; refuse to go on with anything else.

    Raises:
        ValueError: if the folder's run has other data or options.
    """
    path = out / RUN
    wanted = {name: getattr(options, name) for name in OPTIONS}
    named = options.data in DATASETS
    wanted["data"] = options.data if named else _fingerprint(recipe.data)
    if path.exists():
        try:
            found = dict(json.loads(path.read_text()))
        except ValueError as error:
            raise ValueError(f"{path} is damaged: {error}") from error
        different = [
            f"{name} {found.get(name)!r}, not {value!r}"
            for name, value in wanted.items()
            if found.get(name) != value
        ]
        if different:
            raise ValueError(
                f"{out} holds another run, with {'; '.join(different)}. Give another "
                "`--out`, or remove that folder"
            )
    with replaced_when_written(path) as beside:
        beside.write_text(json.dumps(wanted, indent=1) + "\n")


def _fingerprint(data) -> str:
    """A checksum of the samples that a recipe trains on, and of their labels."""
    digest = hashlib.sha256()
    for array in (data.x, data.y):
        if array is not None:
            for start in range(0, len(array), 4096):  # a folder's may not fit at once
                part = np.ascontiguousarray(array[start : start + 4096])
                digest.update(part.tobytes())
    return f"samples with the checksum {digest.hexdigest()[:12]}"


def _recipe(options, given, out):
    """The recipe for the data that the command line names."""
    named, recipe = options.data in DATASETS, options.recipe
    arguments = {"steps": options.steps, "batch_size": options.batch_size}
    arguments = {k: v for k, v in arguments.items() if v is not None}
    arguments |= {"seed": options.seed, "options": given, "folder": out}
    if recipe == "papers":
        if not named:
            raise ValueError(
                "`--recipe papers` is for a named data set: "
                f"{', '.join(DATASETS)}. Received: {options.data!r}"
            )
        return km.recipes.papers(options.data, model=options.model, **arguments)
    labels = km.recipes.METHODS[options.model].uses_labels(given)
    data = options.data if named else _array(options, labels)
    if named:
        points = DATASETS[data].kind == "points"
    else:
        points = (data[0] if labels else data).ndim == 2
    kind = "points" if points else "images"
    if recipe not in ("auto", kind):
        raise ValueError(f"`--recipe {recipe}` does not fit {options.data}: {kind}")
    make = km.recipes.points if points else km.recipes.images
    return make(data, options.model, **arguments)


def _array(options, labels):
    """The samples of a file or folder, or with labels `(x, y)`."""
    path = pathlib.Path(options.data)
    if path.suffix == ".npz":
        x = read_array(path)
        return (x, read_array(path, "y_train")) if labels else x
    if not holds_images(path):
        raise FileNotFoundError(
            f"There is no folder of images or .npz file {path}, and no data set of "
            f"this name: {', '.join(DATASETS)}"
        )
    size = options.size or common_size(path)
    if size % DIVISOR:
        raise ValueError(
            f"The side of images must be divisible by {DIVISOR}: `--size` resizes "
            f"them. Received: {size}"
        )
    found = km.datasets.image_folder(path, size)  # sub-folders are classes
    return found if labels else found[0]


def _card(out, options, gan, drawn):
    from keras_mdgan.saving.versions import versions

    command = shlex.join(["keras-mdgan", "train", options.data])
    for name in OPTIONS:
        value = getattr(options, name)
        if value is not None:
            command += f" --{name.replace('_', '-')} {shlex.quote(str(value))}"
    figure = "![samples, not chosen](samples.png)\n" if drawn else ""
    return CARD.format(
        title=out.name,
        model=type(gan).__name__,
        data=options.data,
        shape=" x ".join(map(str, gan.data_shape)),
        command=command,
        steps=int(gan.optimizer.iterations.numpy()),
        versions=", ".join(f"{k} {v}" for k, v in versions().items()),
        figure=figure,
        file=MODEL,
    )


CARD = """# {title}

A `keras_mdgan.{model}` of `{data}`, whose samples have {shape} numbers.

{figure}
    import keras_mdgan as km
    km.load_model("{file}").sample(16, seed=1)
    km.load_sampler("saved_model").sample(16, seed=1)

## How it was trained

    {command}

{steps:,} steps. Versions: {versions}.
"""
