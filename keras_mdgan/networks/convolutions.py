"""Shapes, axes and layers of stride 2 that convolutional networks share."""

import keras

from keras_mdgan.validation import check_integer, is_integer


def image_shape(data_shape, divisor: int = 4) -> tuple[int, int, int]:
    """`(height, width, channels)` of a shape in Keras' image data format.

    Raises:
        ValueError: if `data_shape` is not that of an image, or height and width are
            not divisible by `divisor`.
    """
    shape = tuple(data_shape)
    if channels_first():
        shape = (*shape[1:], *shape[:1])
    if (
        len(shape) != 3
        or not all(is_integer(size) for size in shape)
        or shape[0] % divisor
        or shape[1] % divisor
    ):
        divisible = f" divisible by {divisor}" if divisor > 1 else "s >= 1"
        raise ValueError(
            "`data_shape` must be that of an image whose height and width are "
            f"integers{divisible}, such as (28, 28, 1). "
            f"Received: data_shape={data_shape}"
        )
    return tuple(map(int, shape))


def in_data_format(shape):
    """`(height, width, channels)` in Keras' image data format."""
    height, width, channels = shape
    return (channels, height, width) if channels_first() else (height, width, channels)


def channels_first() -> bool:
    """Whether Keras' image data format is channels first."""
    return keras.config.image_data_format() == "channels_first"


def channels_axis() -> int:
    """The axis of a batch of images that holds the channels."""
    return 1 if channels_first() else -1


def convolution(channels, size, kernels, strides=2, **kwargs):
    """A convolution that divides height and width by its stride."""
    return keras.layers.Conv2D(
        channels, size, strides, "same", kernel_initializer=kernels.next(), **kwargs
    )


def transposed(channels, size, kernels, **kwargs):
    """A transposed convolution that doubles height and width."""
    return keras.layers.Conv2DTranspose(
        channels, size, 2, "same", kernel_initializer=kernels.next(), **kwargs
    )


def latent_input(latent_dim: int | None) -> list:
    """The first layers of a generator: an input, or none if `latent_dim` is `None`."""
    if latent_dim is None:
        return []
    latent_dim = check_integer("latent_dim", latent_dim)
    return [keras.Input((latent_dim,))]


def activated(network, axis, batch_normalization):
    """Adds batch normalisation, if wanted, and ReLU to a sequential network."""
    from keras_mdgan.layers import BatchNormalization

    if batch_normalization:
        network.add(BatchNormalization(axis, momentum=0.9, epsilon=1e-5))
    network.add(keras.layers.ReLU())
