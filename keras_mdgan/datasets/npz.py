"""Images in `.npz` files: the layout of `keras.datasets`, and a packed one."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from keras_mdgan.datasets.serving import check_form, serve

# The errors of `np.load` for a file that is truncated, overwritten, or not an npz file.
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


def load_npz(
    path: str | Path,
    split: str = "train",
    as_: str = "numpy",
    *,
    batch_size: int | None = None,
    seed: int = 0,
) -> Any:
    """Loads images and labels from your own `.npz` file.

    The file is written by NumPy in the layout of `keras.datasets`: `x_train` and
    `y_train`, `x_test` and `y_test`, or other splits.

    Examples:
        >>> import tempfile
        >>> path = f"{tempfile.mkdtemp()}/shapes.npz"
        >>> np.savez(path, x_train=np.zeros((3, 8, 8), "uint8"), y_train=np.arange(3))
        >>> images, labels = load_npz(path)
        >>> images.shape, images.dtype, labels.dtype
        ((3, 8, 8, 1), dtype('uint8'), dtype('int64'))

    Args:
        path: a file with the arrays `x_<split>`, uint8 of shape
            `(n, height, width)` or `(n, height, width, channels)`, and `y_<split>`,
            integers of shape `(n,)`, `(n, 1)` or `(n, n_labels)`.
        split: the split to read.
        as_: the form of the result, as in `load`.
        batch_size: samples in a batch, for `as_="batches"`.
        seed: the seed of the order, for `as_="batches"`.

    Returns:
        As for `load`: images with a channel axis and int64 labels, `(n,)` or
        `(n, n_labels)`; or one of the other forms.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged, or its arrays are not as described.
    """
    check_form(as_, batch_size, seed)
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}")
    return serve(*read_npz(path, split), as_, batch_size, seed)


def read_npz(
    path: Path, split: str, shape: tuple[int, ...] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Images `(n, height, width, channels)`, uint8, and labels, int64, of a split.

    The file has Keras' layout or the packed layout. In the packed layout,
    `webp_<split>` holds lossless WebP strips one after the other. A strip is as wide as
    an image and as high as several. `offsets_<split>` holds the positions at which the
    strips begin and the last one ends. `np.load` checks the file's checksums (CRC-32),
    which find any changed byte.

    Args:
        path: the file.
        split: the split to read, `x_<split>` and `y_<split>`.
        shape: the required shape `(height, width, channels)` of the images.

    Raises:
        ValueError: if the file is damaged or holds other arrays. The message names the
            file.
    """
    try:
        # Opened here: `np.load` would leave a truncated file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            labels = arrays[f"y_{split}"]
            packed = f"webp_{split}" in arrays
            if packed:
                strips, offsets = arrays[f"webp_{split}"], arrays[f"offsets_{split}"]
            else:
                images = arrays[f"x_{split}"]
        if packed:
            images = _unpacked(strips, offsets, shape, len(labels))
    except _DAMAGED as error:
        raise ValueError(
            f"{path} is damaged, or is no npz file with the arrays x_{split} and "
            f"y_{split}: {error}"
        ) from error
    if images.ndim == 3:
        images = images[..., None]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    wanted = "height, width[, channels]" if shape is None else str(shape)[1:-1]
    if (
        images.ndim != 4
        or (shape is not None and images.shape[1:] != shape)
        or images.dtype != np.uint8
        or labels.ndim not in (1, 2)
        or len(labels) != len(images)
        or not np.issubdtype(labels.dtype, np.integer)
        or not len(images)
    ):
        raise ValueError(
            f"{path} must hold uint8 images of shape (n, {wanted}), n >= 1, and "
            f"integer labels of shape (n,) or (n, n_labels). Received: {images.dtype} "
            f"of shape {images.shape} and {labels.dtype} of shape {labels.shape}"
        )
    return images, labels.astype("int64")


def _unpacked(strips, offsets, shape, n):
    from PIL import Image

    if shape is None:
        raise ValueError("packed images are those of a known data set: see `load`")
    fine = offsets.ndim == 1 and len(offsets) > 1 and (np.diff(offsets) > 0).all()
    if not fine or offsets[0] != 0 or offsets[-1] != len(strips):
        raise ValueError("the offsets of its strips do not fit them")
    images, done = np.empty((n, *shape), "uint8"), 0
    for i, strip in enumerate(np.split(strips, offsets[1:-1])):
        try:
            with Image.open(io.BytesIO(strip), formats=("WEBP",)) as image:
                decoded = np.asarray(image.convert("RGB"))
        except Exception as error:  # Pillow has no common error for damaged files
            raise ValueError(f"its strip {i} is no WebP image: {error}") from error
        decoded = decoded.reshape(-1, *shape)
        images[done : done + len(decoded)] = decoded
        done += len(decoded)
    if done != n:
        raise ValueError(f"it holds {done} images and {n} labels")
    return images
