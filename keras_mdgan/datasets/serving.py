"""The forms of loaded images: arrays, `tf.data`, batches for `fit`."""

from typing import Any

import keras
import numpy as np

from keras_mdgan.datasets.scaling import to_unit_range
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.validation import check_choice, check_integer

FORMS = ("numpy", "tf.data", "batches")
# The number of images that `tf.data` reads at once from a memory-mapped file.
CHUNK = 1024


def check_form(as_: str, batch_size: int | None, seed: int) -> None:
    """Raises a `ValueError` if `serve` would not take these arguments."""
    check_choice("as_", as_, FORMS)
    if as_ == "batches":
        check_integer("batch_size", batch_size)
        check_integer("seed", seed, at_least=0)
    elif batch_size is not None:
        raise ValueError(
            '`batch_size` is for as_="batches" only. '
            f"Received: batch_size={batch_size!r} with as_={as_!r}"
        )


def serve(
    images: np.ndarray,
    labels: np.ndarray,
    as_: str,
    batch_size: int | None = None,
    seed: int = 0,
) -> Any:
    """Images and labels in one of the forms.

    Args:
        images: uint8, `(n, height, width, channels)`. The result has the channels first
            if Keras' `image_data_format` says so.
        labels: int64, `(n, ...)`.
        as_: one of `FORMS`.
        batch_size: samples in a batch, for `"batches"`.
        seed: the seed of the order, for `"batches"`.
    """
    if keras.config.image_data_format() == "channels_first":
        images = np.moveaxis(images, -1, 1)
    if as_ == "numpy":
        return images, labels
    if as_ == "tf.data":
        return _tf_dataset(images, labels)
    return ShuffledBatches(
        images, labels, batch_size=batch_size, seed=seed, transform=to_unit_range
    )


def host_tensorflow():
    """TensorFlow for reading data; with another backend it does not use the GPU."""
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        try:
            # Otherwise TensorFlow would take all of the GPU's memory.
            tf.config.set_visible_devices([], "GPU")
        except RuntimeError:  # the user's program already uses the GPU by TensorFlow
            pass
    return tf


def _tf_dataset(images, labels):
    tf = host_tensorflow()
    if not isinstance(images, np.memmap):
        return tf.data.Dataset.from_tensor_slices((images, labels))

    def read(start):
        part = slice(start, start + CHUNK)
        return np.ascontiguousarray(images[part]), labels[part]

    def chunk(start):
        x, y = tf.numpy_function(read, [start], (tf.uint8, tf.int64))
        x.set_shape((None, *images.shape[1:]))
        y.set_shape((None, *labels.shape[1:]))
        return x, y

    chunks = tf.data.Dataset.range(0, len(images), CHUNK).map(chunk)
    return chunks.unbatch().apply(tf.data.experimental.assert_cardinality(len(images)))
