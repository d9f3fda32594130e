"""Image data from `.npz` files on disk, or from Keras' own downloads."""

import os
import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np

from keras_mdgan.validation import check_choice

DATA_VARIABLE = "KERAS_MDGAN_DATA"
NAMES = ("mnist", "fashion_mnist")
SPLITS = ("train", "test")

# What np.load raises for a file that is cut short, overwritten, or of another kind.
_DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    TypeError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def load(
    name: str, data_dir: str | Path | None = None, split: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Loads the images and labels of a data set.

    `<name>.npz`, with the arrays `x_train`, `y_train`, `x_test` and `y_test`, is
    looked for in `data_dir`; without `data_dir`, in the folder that the environment
    variable `KERAS_MDGAN_DATA` names; and if it is not there, Keras downloads it.

    Examples:

    >>> import tempfile, numpy as np
    >>> folder = tempfile.mkdtemp()
    >>> x, y = np.zeros((3, 28, 28), "uint8"), np.arange(3)
    >>> np.savez(f"{folder}/mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    >>> images, labels = load("mnist", data_dir=folder)
    >>> images.shape, images.dtype, labels.dtype
    ((3, 28, 28, 1), dtype('uint8'), dtype('int64'))

    Args:
        name: `"mnist"` or `"fashion_mnist"`.
        data_dir: folder of the `.npz` file.
        split: `"train"` or `"test"`.

    Returns:
        Images of shape `(n, 28, 28, 1)`, uint8, and labels of shape `(n,)`, int64.

    Raises:
        ValueError: if `name` or `split` is unknown, or the file is damaged.
        FileNotFoundError: if the file is not in `data_dir`, or is nowhere and cannot
            be downloaded.
    """
    check_choice("name", name, NAMES)
    check_choice("split", split, SPLITS)
    folder = data_dir if data_dir is not None else os.environ.get(DATA_VARIABLE)
    path = None if folder is None else Path(folder) / f"{name}.npz"
    if path is not None and path.is_file():
        images, labels = _read(path, split)
    elif data_dir is not None:
        raise FileNotFoundError(_how_to_get(name, path))
    else:
        images, labels = _download(name, split, path)
    return images[..., None].astype("uint8"), labels.astype("int64")


def to_unit_range(x: np.ndarray) -> np.ndarray:
    """Maps uint8 images from [0, 255] to float32 in [-1, 1], the range of tanh.

    Examples:

    >>> to_unit_range(np.array([0, 255], "uint8"))
    array([-1.,  1.], dtype=float32)

    Raises:
        ValueError: if `x` is not uint8: it may have been scaled already.
    """
    x = np.asarray(x)
    if x.dtype != np.uint8:
        raise ValueError(f"`x` must be uint8. Received: x.dtype={x.dtype}")
    return x.astype("float32") / np.float32(127.5) - np.float32(1.0)


def _read(path: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        # Opened here: np.load leaves the file open when it is cut short.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            images, labels = arrays[f"x_{split}"], arrays[f"y_{split}"]
    except _DAMAGED as error:
        raise ValueError(
            f"{path} is damaged, or is no npz file with the arrays x_{split} and "
            f"y_{split}: {error}"
        ) from error
    if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{path} must hold images of shape (n, 28, 28) and labels of shape (n,). "
            f"Received: {images.shape} and {labels.shape}"
        )
    return images, labels


def _download(
    name: str, split: str, path: Path | None
) -> tuple[np.ndarray, np.ndarray]:
    try:
        train, test = getattr(keras.datasets, name).load_data()
    except Exception as error:  # Keras raises a bare Exception when it is offline.
        raise FileNotFoundError(_how_to_get(name, path)) from error
    return train if split == "train" else test


def _how_to_get(name: str, path: Path | None) -> str:
    looked = f"Looked at {path}." if path else f"{DATA_VARIABLE} is not set."
    return (
        f"The data set {name!r} was not found. {looked} Put {name}.npz (arrays "
        f"x_train, y_train, x_test, y_test) into a folder and pass it as `data_dir` or "
        f"name it in {DATA_VARIABLE}; or, with a network, call "
        f"keras.datasets.{name}.load_data() once."
    )
