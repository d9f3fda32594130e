"""The image data sets of the GAN literature, from disk or downloaded."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mdgan.datasets import celeba, tfds_copy
from keras_mdgan.datasets.folder import check_sizes
from keras_mdgan.datasets.npz import read_npz
from keras_mdgan.datasets.serving import check_form, serve
from keras_mdgan.validation import check_choice

DATA_VARIABLE = "KERAS_MDGAN_DATA"


@dataclasses.dataclass(frozen=True)
class ImageData:
    """What is known of a data set before it is found."""

    shape: tuple[int, int, int]
    tfds_name: str
    splits: tuple[str, ...] = ("train", "test")


DATA = {
    "mnist": ImageData((28, 28, 1), "mnist"),
    "fashion_mnist": ImageData((28, 28, 1), "fashion_mnist"),
    "cifar10": ImageData((32, 32, 3), "cifar10"),
    "celeba": ImageData((64, 64, 3), "celeb_a", tuple(celeba.SPLITS)),
}


def load(
    name: str,
    data_dir: str | Path | None = None,
    split: str = "train",
    as_: str = "numpy",
    *,
    batch_size: int | None = None,
    seed: int = 0,
    size: int | None = None,
    crop: int | None = None,
) -> Any:
    """Loads the images and labels of a data set.

    It is looked for in `data_dir`; without it, in the folder that the environment
    variable `KERAS_MDGAN_DATA` names; and if it is not there either, Keras downloads it
    (CelebA: TensorFlow Datasets does). A folder may hold `<name>.npz`, with the arrays
    of `keras.datasets`, or a copy that TensorFlow Datasets has prepared; for CelebA,
    the authors' `img_align_celeba` with its two lists. A damaged file is an error and
    not a reason to look elsewhere.

    CelebA's images are cut at the centre, to 160 x 160 pixels as by Lucic et al. unless
    `crop` says otherwise (108, of DCGAN and of TTUR's published statistics, shows less
    hair and background; figures for different crops do not compare), and resized to
    64 x 64 by a bilinear filter that does not alias. They are decoded once, which takes
    some minutes, and memory-mapped from then on; see `image_folder`.

    Images have their channels first if Keras' `image_data_format` says so.

    Examples:
        >>> import tempfile, numpy as np
        >>> folder = tempfile.mkdtemp()
        >>> x, y = np.zeros((3, 28, 28), "uint8"), np.arange(3)
        >>> np.savez(f"{folder}/mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
        >>> images, labels = load("mnist", data_dir=folder)
        >>> images.shape, images.dtype, labels.dtype
        ((3, 28, 28, 1), dtype('uint8'), dtype('int64'))

        For `fit`, images stay bytes until their batch is cut and scaled to [-1, 1]:

        >>> batches = load("mnist", folder, as_="batches", batch_size=2, seed=0)
        >>> images, labels = batches[0]
        >>> images.dtype, float(images[0, 0, 0, 0]), labels.shape
        (dtype('float32'), -1.0, (2,))

    Args:
        name: `"mnist"`, `"fashion_mnist"`, `"cifar10"` or `"celeba"`.
        data_dir: a folder with the data.
        split: `"train"` or `"test"`; CelebA has `"valid"` too.
        as_: `"numpy"`, `"tf.data"` or `"batches"`; see below.
        batch_size: samples in a batch, for `as_="batches"`.
        seed: decides the order of the batches, for `as_="batches"`.
        size: side of CelebA's images; 64 unless given.
        crop: side of the square cut out of CelebA's images of 178 x 218 pixels; 160
            unless given.

    Returns:
        As `"numpy"`, images of shape `(n, height, width, channels)`, uint8, and
        labels, int64: classes `(n,)`, or CelebA's 40 attributes `(n, 40)`, 1 or 0, in
        the order of `keras_mdgan.datasets.CELEBA_ATTRIBUTES`. As `"tf.data"`, a
        `tf.data.Dataset` of the same pairs, one at a time. As `"batches"`, a
        `ShuffledBatches` for `fit`, of float32 images in [-1, 1] and labels.

    Raises:
        ValueError: if an argument is unknown or not of this data set, or a file is
            damaged.
        FileNotFoundError: if the data are not in `data_dir`, or are nowhere and cannot
            be downloaded.

    References:
        Lucic et al., "Are GANs Created Equal? A Large-Scale Study", NeurIPS 2018; the
        crop is in the code that accompanies it.
        Liu et al., "Deep Learning Face Attributes in the Wild", ICCV 2015 (CelebA).
    """
    check_choice("name", name, DATA)
    check_choice("split", split, DATA[name].splits)
    check_form(as_, batch_size, seed)
    size, crop = _check_sizes(name, size, crop)
    folder = data_dir if data_dir is not None else os.environ.get(DATA_VARIABLE)
    found = (
        None if folder is None else _in_folder(name, Path(folder), split, size, crop)
    )
    if found is None and data_dir is not None:
        raise FileNotFoundError(_how_to_get(name, folder))
    if found is None:
        found = _downloaded(name, folder, split, size, crop)
    return serve(*found, as_, batch_size, seed)


def _check_sizes(name, size, crop):
    if name != "celeba":
        for argument, value in (("size", size), ("crop", crop)):
            if value is not None:
                raise ValueError(
                    f"`{argument}` is for 'celeba' only. "
                    f"Received: {argument}={value!r} with name={name!r}"
                )
        return None, None
    size = celeba.SIZE if size is None else size
    crop = celeba.CROP if crop is None else crop
    check_sizes(size, crop)
    return size, crop


def _in_folder(name, folder, split, size, crop):
    """What a folder has of a data set, or `None`."""
    if name == "celeba":
        root = celeba.find_celeba(folder)
        if root is not None:
            return celeba.read_celeba(root, split, size, crop)
    elif (folder / f"{name}.npz").is_file():
        return read_npz(folder / f"{name}.npz", split, DATA[name].shape)
    copy = tfds_copy.find_copy(folder, DATA[name].tfds_name)
    return None if copy is None else _of_copy(name, copy, split, size, crop)


def _of_copy(name, copy, split, size, crop):
    if name == "celeba":
        return tfds_copy.read_celeba_copy(copy, split, size, crop)
    return tfds_copy.read_copy(copy, split)


def _downloaded(name, folder, split, size, crop):
    try:
        if name == "celeba":
            copy = tfds_copy.prepared_copy(DATA[name].tfds_name)
        else:
            train, test = getattr(keras.datasets, name).load_data()
    except Exception as error:  # Keras raises a bare Exception when it is offline.
        raise FileNotFoundError(_how_to_get(name, folder)) from error
    if name == "celeba":
        return _of_copy(name, copy, split, size, crop)
    images, labels = train if split == "train" else test
    if images.ndim == 4 and keras.config.image_data_format() == "channels_first":
        images = np.moveaxis(images, 1, -1)
    images = images.reshape(len(images), *DATA[name].shape)
    return images.astype("uint8"), labels.reshape(-1).astype("int64")


def _how_to_get(name: str, folder: str | Path | None) -> str:
    tfds_name = DATA[name].tfds_name
    if name == "celeba":
        files, download = celeba.IMAGES, f"tensorflow_datasets.load({tfds_name!r})"
        contents = f"{files} with {celeba.PARTITION} and {celeba.LABELS}"
    else:
        files, download = f"{name}.npz", f"keras.datasets.{name}.load_data()"
        contents = f"{files} (arrays x_train, y_train, x_test, y_test)"
    looked = f"{DATA_VARIABLE} is not set."
    if folder is not None:
        looked = f"Looked at {Path(folder) / files} and {Path(folder) / tfds_name}."
    return (
        f"The data set {name!r} was not found. {looked} Put {contents}, or a copy of "
        f"TensorFlow Datasets, into a folder and pass it as `data_dir` or name it in "
        f"{DATA_VARIABLE}; or, with a network, call {download} once."
    )
