"""Bilinear resizing as TensorFlow 1 did it, which published scores were made with."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="keras_mdgan")
class ResizeAsTensorFlow1(keras.layers.Layer):
    """Resizes images by `tf.compat.v1.image.resize_bilinear`'s default rule.

    Pixel `i` of `size` is read at `i * old_size / size`, between its two neighbours:
    corners are not aligned, pixel centres neither, and nothing is averaged when an
    image shrinks. Other rules give other features: a Frechet distance computed with
    Pillow's or PyTorch's does not compare with published ones (Parmar et al. 2022).

    Examples:

    >>> row = np.array([0.0, 6.0], "float32").reshape(1, 1, 2, 1)
    >>> ops.convert_to_numpy(ResizeAsTensorFlow1((1, 4))(row)).ravel()
    array([0., 3., 6., 6.], dtype=float32)

    Args:
        size: height and width to resize to.

    Call arguments:
        images: float32 `(n, height, width, channels)`, of known height and width.

    References:
        Parmar, Zhang and Zhu, "On Aliased Resizing and Surprising Subtleties in GAN
        Evaluation", CVPR 2022, section 3.
    """

    def __init__(self, size: tuple[int, int] = (299, 299), **kwargs):
        super().__init__(**kwargs)
        self.size = tuple(size)

    def call(self, images):
        for axis, size in ((2, self.size[1]), (1, self.size[0])):
            images = _resized(images, axis, size)
        return images

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.size, input_shape[3])

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def _resized(images, axis, size):
    old = images.shape[axis]
    if old == size:
        return images
    # The position is a product in float32, as in TensorFlow's kernel.
    position = np.arange(size, dtype="float32") * (np.float32(old) / np.float32(size))
    lower = np.floor(position).astype("int32")
    shape = [1] * 4
    shape[axis] = size
    weight = (position - lower).reshape(shape)
    below = ops.take(images, lower, axis)
    above = ops.take(images, np.minimum(lower + 1, old - 1), axis)
    return below + (above - below) * weight
