"""Bilinear resizing by the rule of TensorFlow 1, as used in published scores."""

import numpy as np
from keras import ops


def resize_as_tensorflow1(images, size: tuple[int, int]):
    """Resizes images by the default rule of `tf.compat.v1.image.resize_bilinear`.

    Pixel `i` of `size` is read at `i * old_size / size`, between its two neighbours.
    Neither corners nor pixel centres are aligned, and nothing is averaged when an image
    shrinks. Other rules give other features: a Frechet distance with Pillow's or
    PyTorch's resizing cannot be compared with published ones.

    Examples:
        >>> row = np.array([0.0, 6.0], "float32").reshape(1, 1, 2, 1)
        >>> ops.convert_to_numpy(resize_as_tensorflow1(row, (1, 4))).ravel()
        array([0., 3., 6., 6.], dtype=float32)

    Args:
        images: float32 `(n, height, width, channels)`, of known height and width.
        size: height and width to resize to.

    Returns:
        A tensor `(n, *size, channels)`.

    References:
        Parmar, Zhang and Zhu, "On Aliased Resizing and Surprising Subtleties in GAN
        Evaluation", CVPR 2022, section 3.
    """
    return _resized(_resized(images, 2, size[1]), 1, size[0])


def _resized(images, axis, size):
    old = images.shape[axis]
    if old == size:
        return images
    # The position is a product in float32, as in TensorFlow's kernel.
    position = np.arange(size, dtype="float32") * (np.float32(old) / np.float32(size))
    lower = np.floor(position).astype("int32")
    shape = [1] * 4
    shape[axis] = size
    weight = ops.convert_to_tensor((position - lower).reshape(shape), "float32")
    below = ops.take(images, lower, axis)
    above = ops.take(images, np.minimum(lower + 1, old - 1), axis)
    return below + (above - below) * weight
