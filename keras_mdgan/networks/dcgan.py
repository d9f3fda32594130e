"""Convolutional networks of the image experiments."""

from collections.abc import Sequence

import keras


def dcgan_generator(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 64,
    seed: int | None = None,
    name: str = "generator",
) -> keras.Sequential:
    """The generator of Lucic et al. (2018): two dense and two transposed layers.

    Dense 1024, dense to a quarter of the image's size with 128 channels, transposed
    convolutions 4x4 with stride 2 to 64 and to the image's channels; batch
    normalisation and ReLU between, tanh at the end. The architecture is that of
    InfoGAN (Chen et al. 2016, appendix C.1), which the study uses for all its GANs.

    Examples:
        >>> dcgan_generator((28, 28, 1), latent_dim=64).output_shape
        (None, 28, 28, 1)

    Args:
        data_shape: `(height, width, channels)`, or channels first if that is Keras'
            image data format; height and width divisible by 4.
        latent_dim: latent dimensions.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4.
    """
    height, width, channels = _image_shape(data_shape)
    first = keras.config.image_data_format() == "channels_first"
    small = (height // 4, width // 4)
    reshaped = (128, *small) if first else (*small, 128)
    axis = 1 if first else -1
    kernel = _Seeds(seed)
    layers = keras.layers
    network = keras.Sequential([keras.Input((latent_dim,))], name=name)
    network.add(layers.Dense(1024, use_bias=False, kernel_initializer=kernel()))
    network.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
    network.add(layers.ReLU())
    network.add(
        layers.Dense(
            128 * small[0] * small[1], use_bias=False, kernel_initializer=kernel()
        )
    )
    network.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
    network.add(layers.ReLU())
    network.add(layers.Reshape(reshaped))
    network.add(
        layers.Conv2DTranspose(
            64, 4, 2, "same", use_bias=False, kernel_initializer=kernel()
        )
    )
    network.add(layers.BatchNormalization(axis=axis, momentum=0.9, epsilon=1e-5))
    network.add(layers.ReLU())
    network.add(
        layers.Conv2DTranspose(channels, 4, 2, "same", kernel_initializer=kernel())
    )
    network.add(layers.Activation("tanh", dtype="float32"))
    return network


def dcgan_discriminator(
    data_shape: Sequence[int] = (28, 28, 1),
    outputs: int = 1,
    batch_normalization: bool = False,
    seed: int | None = None,
    name: str = "discriminator",
) -> keras.Sequential:
    """The discriminator of Lucic et al. (2018): two convolutions, two dense layers.

    Convolutions 4x4 with stride 2 to 64 and 128 channels, dense 1024, leaky ReLU(0.2),
    and `outputs` numbers without an activation.

    Examples:
        >>> dcgan_discriminator((28, 28, 1), outputs=9).output_shape
        (None, 9)

    Args:
        data_shape: `(height, width, channels)`, or channels first if that is Keras'
            image data format; height and width divisible by 4.
        outputs: 1 for a logit, `C - 1` for a Mixture Density GAN of `C` components.
        batch_normalization: normalise after the second convolution and the dense
            layer. It is the kind that can be differentiated twice.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `outputs` is not a positive integer.
    """
    from keras_mdgan.layers import BatchNormalization

    _image_shape(data_shape)
    if not isinstance(outputs, int) or outputs < 1:
        raise ValueError(
            f"`outputs` must be an integer >= 1. Received: outputs={outputs!r}"
        )
    first = keras.config.image_data_format() == "channels_first"
    kernel = _Seeds(seed)
    layers = keras.layers
    network = keras.Sequential([keras.Input(tuple(data_shape))], name=name)
    network.add(layers.Conv2D(64, 4, 2, "same", kernel_initializer=kernel()))
    network.add(layers.LeakyReLU(0.2))
    network.add(layers.Conv2D(128, 4, 2, "same", kernel_initializer=kernel()))
    if batch_normalization:
        network.add(BatchNormalization(axis=1 if first else -1, momentum=0.9))
    network.add(layers.LeakyReLU(0.2))
    network.add(layers.Flatten())
    network.add(layers.Dense(1024, kernel_initializer=kernel()))
    if batch_normalization:
        network.add(BatchNormalization(momentum=0.9))
    network.add(layers.LeakyReLU(0.2))
    network.add(layers.Dense(outputs, kernel_initializer=kernel(), dtype="float32"))
    return network


class _Seeds:
    """`N(0, 0.02)` kernels, each with a seed of its own."""

    def __init__(self, seed):
        self.seed = seed

    def __call__(self):
        seed = self.seed
        if seed is not None:
            self.seed += 1
        return keras.initializers.RandomNormal(stddev=0.02, seed=seed)


def _image_shape(data_shape):
    shape = tuple(data_shape)
    if keras.config.image_data_format() == "channels_first":
        shape = (*shape[1:], *shape[:1])
    if len(shape) != 3 or shape[0] % 4 or shape[1] % 4 or min(shape) < 1:
        raise ValueError(
            "`data_shape` must be that of an image whose height and width are "
            f"divisible by 4, such as (28, 28, 1). Received: data_shape={data_shape}"
        )
    return shape
