"""Preparing images for an extractor: 8-bit, in batches of one size."""

import os
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

# Rounding may move a float image a little outside [-1, 1].
_TOLERANCE = 1e-3


def to_bytes(images: Any, what: str = "images") -> np.ndarray:
    """Images as uint8, like those in a file.

    uint8 images are unchanged. Float images in [-1, 1] are rounded to the nearest of
    256 levels. An image then has the same features before and after
    `keras_mdgan.datasets.to_unit_range`, and generated images are measured like those
    on disk. The range is inferred only from the type, never from the values.

    Examples:
        >>> to_bytes(np.array([-1.0, 0.0, 1.0]).reshape(1, 1, 3, 1)).ravel()
        array([  0, 128, 255], dtype=uint8)

    Args:
        images: an array or tensor `(n, height, width, channels)`, channels first if
            Keras' `image_data_format` says so.
        what: the argument's name, for errors.

    Returns:
        An array `(n, height, width, channels)`, uint8.

    Raises:
        ValueError: if shape, type or range is not as described.
    """
    _refuse_files(images, what)
    if not isinstance(images, np.ndarray):
        images = ops.convert_to_numpy(images)
    if images.dtype.name == "bfloat16":
        images = images.astype("float32")
    if images.ndim != 4 or not images.size:
        raise ValueError(
            f"`{what}` must have shape (n, height, width, channels). "
            f"Received: shape {images.shape}"
        )
    if images.dtype.kind == "f":
        low, high = images.min(), images.max()
        if not (low >= -1 - _TOLERANCE and high <= 1 + _TOLERANCE):  # also NaN
            raise ValueError(
                f"Float `{what}` must be in [-1, 1]. Received: {low} to {high}"
            )
        images = np.rint(images.astype("float32") * 127.5 + 127.5)
        images = np.clip(images, 0, 255).astype("uint8")
    elif images.dtype != np.uint8:
        raise ValueError(
            f"`{what}` must be uint8 in [0, 255] or float in [-1, 1]. "
            f"Received: {images.dtype}"
        )
    if keras.config.image_data_format() == "channels_first":
        images = np.moveaxis(images, 1, -1)
    return images


def byte_batches(
    images: Any, batch_size: int, what: str = "images"
) -> Iterator[np.ndarray]:
    """Batches of exactly `batch_size` 8-bit images; the last may be smaller.

    Examples:
        >>> black = np.zeros((4, 2, 2, 1), "uint8")
        >>> [len(batch) for batch in byte_batches([black, black, black], 5)]
        [5, 5, 2]

    Args:
        images: an array `(n, height, width, channels)`, possibly memory-mapped, or an
            iterable of such arrays. An item may also be a pair (images, labels). Only
            one part at a time is in memory.
        batch_size: images in a batch, for parts of any sizes.
        what: the argument's name, for errors.

    Raises:
        ValueError: if there are no images, or a part is not images; see `to_bytes`.
    """
    waiting, n_waiting, only_light = [], 0, True
    for part in _parts(images, batch_size, what):
        part = part[0] if isinstance(part, tuple | list) and part else part
        part_bytes = to_bytes(part, what)
        is_byte = getattr(part, "dtype", None) == np.uint8
        only_light &= not is_byte and bool(part_bytes.min() >= 128)
        if waiting and part_bytes.shape[1:] != waiting[0].shape[1:]:
            raise ValueError(
                f"`{what}` must have one shape throughout. "
                f"Received: {waiting[0].shape[1:]} and {part_bytes.shape[1:]}"
            )
        waiting.append(part_bytes)
        n_waiting += len(part_bytes)
        if n_waiting >= batch_size:
            joined = waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
            whole = n_waiting - n_waiting % batch_size
            for start in range(0, whole, batch_size):
                yield joined[start : start + batch_size]
            n_waiting -= whole
            # Kept even if empty: the next part's shape is compared with it.
            waiting = [joined[whole:]]
    if not waiting:
        raise ValueError(f"`{what}` is empty.")
    if n_waiting:
        yield np.concatenate(waiting)
    if only_light:
        warnings.warn(
            f"No value of the float `{what}` is below 0. Float images are read as "
            "[-1, 1]: are these in [0, 1]?",
            stacklevel=2,
        )


def _parts(images, batch_size, what) -> Iterable:
    if hasattr(images, "shape"):
        return (
            images[start : start + batch_size]
            for start in range(0, max(1, len(images)), batch_size)
        )
    _refuse_files(images, what)
    if isinstance(images, keras.utils.PyDataset):  # iterating over it may not end
        return (images[index] for index in range(len(images)))
    if isinstance(images, dict) or not isinstance(images, Iterable):
        raise ValueError(
            f"`{what}` must be an array (n, height, width, channels) or an iterable "
            f"of such. Received: {images!r}"
        )
    return images


def _refuse_files(images, what):
    if isinstance(images, str | bytes | os.PathLike):
        raise ValueError(
            f"`{what}` must be arrays and not names of files: "
            "`keras_mdgan.datasets.image_folder(folder, size)` reads the images of a "
            f"folder. Received: {os.fspath(images)!r}"
        )
