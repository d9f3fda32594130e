"""Small convolutional networks that train fast on a CPU."""

import math
from collections.abc import Sequence

import keras

from keras_mdgan.networks.convolutions import (
    channels_axis,
    convolution,
    image_shape,
    in_data_format,
    latent_input,
    transposed,
)
from keras_mdgan.networks.kernels import Kernels
from keras_mdgan.validation import check_integer, check_number

WIDTH = 64


def compact_generator(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int | None = None,
    seed: int | None = None,
    name: str = "generator",
) -> keras.Sequential:
    """A generator of three layers: one dense, two transposed convolutions.

    Dense to a quarter of the image's height and width with 128 channels; transposed
    convolutions 4x4 with stride 2 to 64 and to the image's channels. Batch
    normalisation and ReLU are between them, tanh is at the end. It has a tenth of the
    weights of `dcgan_generator`, whose dense layers cost most of the time on a CPU.
    Weights begin at the scale at which layers keep the variance of their inputs
    (He et al. 2015, eq. 14).

    Examples:
        >>> compact_generator((28, 28, 3), latent_dim=64).output_shape
        (None, 28, 28, 3)

    Args:
        data_shape: `(height, width, channels)`, or channels first if that is Keras'
            image data format; height and width divisible by 4.
        latent_dim: latent dimensions. With `None`, the GAN builds the network for the
            dimension of its latents.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `latent_dim` is not a positive integer.
    """
    height, width, channels = image_shape(data_shape)
    from keras_mdgan.layers import BatchNormalization

    layers, first = keras.layers, (height // 4, width // 4, 2 * WIDTH)
    # A transposed convolution with a kernel of 4 and stride 2 adds up 4 of its 16
    # taps. Keras' own initializers count 16, and outputs instead of inputs.
    kernels = Kernels(
        keras.initializers.RandomNormal(0.0, math.sqrt(2 / (4 * 2 * WIDTH))),
        keras.initializers.RandomNormal(0.0, math.sqrt(1 / (4 * WIDTH))),
        seed,
    )
    dense = Kernels(keras.initializers.HeNormal(), seed=kernels.seed)
    if seed is not None:
        kernels.seed += 1
    network = keras.Sequential(latent_input(latent_dim), name=name)
    network.add(
        layers.Dense(math.prod(first), use_bias=False, kernel_initializer=dense.next())
    )
    network.add(BatchNormalization(momentum=0.9, epsilon=1e-5))
    network.add(layers.ReLU())
    network.add(layers.Reshape(in_data_format(first)))
    network.add(transposed(WIDTH, 4, kernels, use_bias=False))
    network.add(BatchNormalization(channels_axis(), momentum=0.9, epsilon=1e-5))
    network.add(layers.ReLU())
    network.add(
        layers.Conv2DTranspose(
            channels, 4, 2, "same", kernel_initializer=kernels.last()
        )
    )
    network.add(layers.Activation("tanh", dtype="float32"))
    return network


def compact_discriminator(
    data_shape: Sequence[int] = (28, 28, 1),
    outputs: int = 1,
    output_scale: float = 1.0,
    seed: int | None = None,
    name: str = "discriminator",
) -> keras.Sequential:
    """A discriminator of three convolutions without normalisation.

    Convolutions 4x4 with stride 2 to 64, 128 and 256 channels, leaky ReLU(0.2), and a
    dense layer to `outputs` numbers. Without normalisation it judges samples one by
    one, and so sees their brightness and contrast, and a gradient penalty is defined.
    Weights begin as He et al. (2015) advise.

    Examples:
        >>> compact_discriminator((28, 28, 3), outputs=9).output_shape
        (None, 9)

    Args:
        data_shape: see `compact_generator`.
        outputs: see `dcgan_discriminator`.
        output_scale: a factor of the outputs, above 0. It decides how far a step of an
            optimizer such as Adam moves them. The likelihood of `MixtureDensityGAN`
            rises several times faster than its embedding, so a factor below 1 gives
            its discriminator the pace of one with a logit.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            `outputs` is not a positive integer, or `output_scale` is not above 0.
    """
    data_shape = in_data_format(image_shape(data_shape))
    outputs = check_integer("outputs", outputs)
    scale = check_number("output_scale", output_scale, above=0)
    kernels = Kernels(
        keras.initializers.HeNormal(),
        keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal"),
        seed,
    )
    layers = keras.layers
    network = keras.Sequential([keras.Input(data_shape)], name=name)
    for channels in (WIDTH, 2 * WIDTH, 4 * WIDTH):
        network.add(convolution(channels, 4, kernels))
        network.add(layers.LeakyReLU(0.2))
    network.add(layers.Flatten())
    network.add(
        layers.Dense(outputs, kernel_initializer=kernels.last(), dtype="float32")
    )
    if scale != 1:
        network.add(layers.Rescaling(scale, dtype="float32"))
    return network
