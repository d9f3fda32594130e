"""What the names and paths of the command line stand for: models and images."""

import pathlib

import numpy as np

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS
from keras_mdgan.metrics.image_bytes import to_bytes
from keras_mdgan.saving.presets import METADATA
from keras_mdgan.saving.shipped import shipped_folders

# Written by `train` into its folder.
MODEL = "model.keras"


def model_of(source: str):
    """The trained model, or the sampler of a SavedModel, that a name or path means.

    Args:
        source: a `.keras` file; a folder of `keras-mdgan train`, a preset or a
            SavedModel; or the name of one that ships with the package.

    Raises:
        FileNotFoundError: if there is no such model.
        ValueError: if the file or folder is damaged, or holds another kind of model.
    """
    path = pathlib.Path(source)
    shipped = {n: f for n, f in shipped_folders().items() if "classifier" not in n}
    if path.is_file():
        return _loaded(path)
    # `ring` also means `ring_mixture_density`.
    named = [n for n in shipped if n == source or n.startswith(f"{source}_")]
    folders = [path, *[shipped[n] for n in named if len(named) == 1]]
    for folder in filter(holds_a_model, folders):
        if (folder / MODEL).is_file():
            return _loaded(folder / MODEL)
        if (folder / METADATA).is_file():
            return km.GAN.from_preset(folder)
        return km.load_sampler(folder)
    generators = ", ".join(sorted(shipped))
    raise FileNotFoundError(
        f"There is no model at {source}, and of those that ship none has this name: "
        f"{generators}"
    )


def holds_a_model(folder: pathlib.Path) -> bool:
    """Whether a folder is a preset, a SavedModel, or one of `keras-mdgan train`."""
    files = (MODEL, METADATA, "saved_model.pb")
    return any((folder / file).is_file() for file in files)


def _loaded(path):
    model = km.load_model(path)
    if not isinstance(model, km.GAN):
        raise ValueError(f"{path} holds a {type(model).__name__}, and no GAN")
    return model


def images_of(source: str, n: int | None, seed: int, size: int | None) -> np.ndarray:
    """The images that a name or path means, uint8 `(n, height, width, channels)`.

    Args:
        source: a folder of images; an `.npz` file in Keras' layout, or with one array;
            a data set's name, with a split as in `mnist:test`; or a model, see
            `model_of`.
        n: how many images, drawn at random without replacement; `None` for all, and
            10,000 of a model.
        seed: an integer >= 0.
        size: height and width to which the images of a folder are cropped and resized;
            `None` if all have one size.

    Raises:
        FileNotFoundError: if there is nothing of this name.
        ValueError: if it holds no images, or fewer than `n`.
    """
    path = pathlib.Path(source)
    name, _, split = source.partition(":")
    if path.suffix == ".npz":
        images = read_array(path)
    elif not holds_a_model(path) and holds_images(path):
        images, _ = km.datasets.image_folder(path, size or common_size(path))
    elif name in DATASETS and DATASETS[name].kind != "points":
        images, _ = km.datasets.load(name, split=split or "train")
    else:
        model = model_of(source)
        return to_bytes(model.sample(n or 10_000, seed=seed), source)
    images = to_bytes(images, source)
    if n is None:
        return images
    if n > len(images):
        raise ValueError(f"{source} has {len(images):,} images, fewer than {n:,}")
    return images[np.sort(np.random.default_rng(seed).permutation(len(images))[:n])]


def read_array(path: pathlib.Path, name: str = "x_train") -> np.ndarray:
    """An array of an `.npz` file, by default that of training data.

    Args:
        path: a file with the array `name`, or for `x_train` with one array alone.
        name: the array's name.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged, or does not have the array.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            names = arrays.files
            if name in names:
                return arrays[name]
            if len(names) == 1 and name == "x_train":
                return arrays[names[0]]
    except Exception as error:
        raise ValueError(f"{path} is damaged, or is no npz file: {error}") from error
    raise ValueError(
        f"{path} must hold the array {name}"
        f"{', or one array' if name == 'x_train' else ''}. Received: {names}"
    )


def holds_images(path: pathlib.Path) -> bool:
    """Whether a path is a folder of images, possibly in sub-folders."""
    return path.is_dir() and next(_files(path), None) is not None


def common_size(path: pathlib.Path) -> int:
    """The height and width of all images in a folder.

    Raises:
        ValueError: if they differ, or images are not square.
    """
    from PIL import Image

    sizes = {}
    for file in _files(path):
        with Image.open(file) as image:
            sizes.setdefault(image.size, file)
        if len(sizes) > 1 or image.size[0] != image.size[1]:
            raise ValueError(
                f"The images in {path} must be squares of one size, or `--size` must "
                f"be given. Received: {', '.join(f'{w} x {h}' for w, h in sizes)}"
            )
    return next(iter(sizes))[0]


def _files(path):
    from keras_mdgan.datasets.decoding import FORMATS

    for file in sorted(path.rglob("*")):
        hidden = any(p.startswith(".") for p in file.relative_to(path).parts)
        if not hidden and file.suffix.lower() in FORMATS:
            yield file
