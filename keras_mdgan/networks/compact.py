"""Small convolutional networks that train fast on a CPU."""

import math
from collections.abc import Sequence

import keras

from keras_mdgan.networks.autoencoder import Autoencoder
from keras_mdgan.networks.convolutions import (
    activated,
    channels_axis,
    convolution,
    image_shape,
    in_data_format,
    latent_input,
    transposed,
)
from keras_mdgan.networks.kernels import Kernels
from keras_mdgan.validation import check_integer, check_number, check_seed

WIDTH = 64


def compact_generator(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int | None = None,
    seed: int | None = None,
    name: str = "generator",
    *,
    batch_normalization: bool = True,
) -> keras.Sequential:
    """A generator of three layers: one dense, two transposed convolutions.

    Dense to a quarter of the image's height and width with 128 channels; transposed
    convolutions 4x4 with stride 2 to 64 and to the image's channels. Images with a side
    above 32 have one more, from an eighth of their size and 256 channels, if their
    sides are divisible by 8. Batch normalisation and ReLU are between the layers, tanh
    is at the end. It has a tenth of the weights of `dcgan_generator`, whose dense
    layers cost most of the time on a CPU. Weights begin at the scale at which layers
    keep the variance of their inputs (He et al. 2015, eq. 14).

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
        batch_normalization: see `dcgan_generator`.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `latent_dim` is not a positive integer.
    """
    height, width, channels = image_shape(data_shape)
    biases, doublings = not batch_normalization, _doublings(height, width)
    layers, part = keras.layers, 2**doublings
    first = (height // part, width // part, WIDTH * part // 2)
    kernels = Kernels(keras.initializers.HeNormal(), seed=seed)
    network = keras.Sequential(latent_input(latent_dim), name=name)
    network.add(
        layers.Dense(
            math.prod(first), use_bias=biases, kernel_initializer=kernels.next()
        )
    )
    activated(network, -1, batch_normalization)
    network.add(layers.Reshape(in_data_format(first)))
    before = first[-1]
    while before > WIDTH:
        _keep_scale(kernels, before, gain=2)
        before //= 2
        network.add(transposed(before, 4, kernels, use_bias=biases))
        activated(network, channels_axis(), batch_normalization)
    _keep_scale(kernels, before, gain=1)
    network.add(transposed(channels, 4, kernels))
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

    Convolutions 4x4 with stride 2 to 64, 128 and 256 channels (for images with a side
    above 32 once more to 256), leaky ReLU(0.2), and a dense layer to `outputs` numbers.
    Without normalisation it judges samples one by one, and so sees their brightness and
    contrast, and a gradient penalty is defined. Weights begin as He et al. (2015)
    advise.

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
    kernels = _kernels(seed)
    network = keras.Sequential([keras.Input(data_shape)], name=name)
    for layer in _convolutions(data_shape, kernels):
        network.add(layer)
    network.add(_judgement(outputs, kernels))
    if scale != 1:
        network.add(keras.layers.Rescaling(scale, dtype="float32"))
    return network


def compact_encoder(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 64,
    seed: int | None = None,
    name: str = "encoder",
) -> keras.Sequential:
    """An encoder of images: the discriminator's layers, with latents as outputs.

    Examples:
        >>> compact_encoder((28, 28, 3), latent_dim=64).output_shape
        (None, 64)

    Args:
        data_shape: see `compact_generator`.
        latent_dim: the number of outputs; see `dcgan_encoder`.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `latent_dim` is not a positive integer.
    """
    latent_dim = check_integer("latent_dim", latent_dim)
    return compact_discriminator(data_shape, latent_dim, seed=seed, name=name)


def compact_pair_discriminator(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 64,
    seed: int | None = None,
    name: str = "discriminator",
) -> keras.Model:
    """A discriminator of pairs `[images, latents]`, for ALI and VEEGAN.

    Latents are joined to the outputs of the convolutions. A dense layer of 256 units
    follows, without which the judgement would be a sum of one of the image and one of
    the latents.

    Examples:
        >>> compact_pair_discriminator((28, 28, 3), latent_dim=64).output_shape
        (None, 1)

    Args:
        data_shape: see `compact_generator`.
        latent_dim: the latents' dimension.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `latent_dim` is not a positive integer.
    """
    data_shape = in_data_format(image_shape(data_shape))
    latent_dim = check_integer("latent_dim", latent_dim)
    kernels = _kernels(seed)
    data = x = keras.Input(data_shape, name="data")
    latents = keras.Input((latent_dim,), name="latents")
    for layer in _convolutions(data_shape, kernels):
        x = layer(x)
    x = keras.layers.Concatenate()([x, latents])
    x = keras.layers.Dense(4 * WIDTH, kernel_initializer=kernels.next())(x)
    x = keras.layers.LeakyReLU(0.2)(x)
    return keras.Model([data, latents], _judgement(1, kernels)(x), name=name)


def compact_autoencoder(
    data_shape: Sequence[int] = (28, 28, 1),
    code_dim: int = 64,
    seed: int | None = None,
    name: str = "discriminator",
) -> Autoencoder:
    """A discriminator for BEGAN and EBGAN: an encoder followed by a generator.

    Neither has batch normalisation; see `dcgan_autoencoder`.

    Examples:
        >>> compact_autoencoder((28, 28, 3)).decoder.output_shape
        (None, 28, 28, 3)

    Args:
        data_shape: see `compact_generator`.
        code_dim: the number of code dimensions.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `code_dim` is not a positive integer.
    """
    code_dim = check_integer("code_dim", code_dim)
    seed = check_seed(seed)
    # The encoder's four kernels take the seeds from `seed` on; the decoder follows.
    decoder_seed = None if seed is None else seed + 4
    return Autoencoder(
        compact_encoder(data_shape, code_dim, seed),
        compact_generator(
            data_shape, code_dim, decoder_seed, "decoder", batch_normalization=False
        ),
        name=name,
    )


def _kernels(seed):
    return Kernels(
        keras.initializers.HeNormal(),
        keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal"),
        seed,
    )


def _doublings(height, width):
    """How often the generator doubles height and width."""
    large = max(height, width) > 32 and height % 8 == width % 8 == 0
    return 3 if large else 2


def _keep_scale(kernels, channels, gain):
    """Initialise the next transposed convolution, of kernel 4 and stride 2.

    It adds up 4 of its 16 taps. Keras' own initializers count 16, and outputs instead
    of inputs. The gain is 2 for inputs behind a ReLU that precede another one.
    """
    kernels.initializer = keras.initializers.RandomNormal(
        0.0, math.sqrt(gain / (4 * channels))
    )


def _convolutions(data_shape, kernels):
    layers, widths = [], [WIDTH, 2 * WIDTH, 4 * WIDTH, 4 * WIDTH]
    for channels in widths[: 1 + _doublings(*image_shape(data_shape)[:2])]:
        layers += [convolution(channels, 4, kernels), keras.layers.LeakyReLU(0.2)]
    return [*layers, keras.layers.Flatten()]


def _judgement(outputs, kernels):
    return keras.layers.Dense(
        outputs, kernel_initializer=kernels.last(), dtype="float32"
    )
