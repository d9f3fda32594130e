"""Scaling the bytes of images to the range of a network."""

import numpy as np


def to_unit_range(x: np.ndarray) -> np.ndarray:
    """Maps uint8 images from [0, 255] to float32 in [-1, 1], the range of tanh.

    Examples:
        >>> to_unit_range(np.array([0, 255], "uint8"))
        array([-1.,  1.], dtype=float32)

    Args:
        x: uint8 array of any shape.

    Raises:
        ValueError: if `x` is not uint8, because it may already be scaled.
    """
    x = np.asarray(x)
    if x.dtype != np.uint8:
        raise ValueError(f"`x` must be uint8. Received: x.dtype={x.dtype}")
    # In place, with a single array of floats: the time of a batch is that of memory.
    scaled = np.divide(x, np.float32(127.5), dtype="float32")
    scaled -= np.float32(1.0)
    return scaled
