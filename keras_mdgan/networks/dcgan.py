"""Convolutional networks of the image experiments, after Lucic et al. (2018)."""

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
from keras_mdgan.validation import check_integer, check_seed


def dcgan_generator(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int | None = None,
    seed: int | None = None,
    name: str = "generator",
    *,
    batch_normalization: bool = True,
) -> keras.Sequential:
    """The generator of Lucic et al. (2018): two dense and two transposed layers.

    The layers are: dense 1024; dense to a quarter of the image's height and width with
    128 channels; transposed convolutions 4x4 with stride 2 to 64 and to the image's
    channels. Batch normalisation and ReLU are between them, tanh is at the end. The
    architecture is that of InfoGAN (Chen et al. 2016, appendix C.1). The study uses it
    for all its GANs, on 28x28x1, 32x32x3 and 64x64x3. Its code has leaky ReLU(0.2)
    instead of ReLU, and a sigmoid instead of tanh, for images in [0, 1].

    Examples:
        >>> dcgan_generator((28, 28, 1), latent_dim=64).output_shape
        (None, 28, 28, 1)

    Args:
        data_shape: `(height, width, channels)`, or channels first if that is Keras'
            image data format; height and width divisible by 4.
        latent_dim: latent dimensions. With `None`, the GAN builds the network for the
            dimension of its latents.
        seed: an integer, or `None`.
        name: the network's name.
        batch_normalization: normalise between the layers. With `False` they have
            biases instead, as a decoder in a discriminator needs: `dcgan_autoencoder`.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `latent_dim` is not a positive integer.
    """
    height, width, channels = image_shape(data_shape)
    kernels, layers = Kernels(seed=seed), keras.layers
    biases = not batch_normalization
    network = keras.Sequential(latent_input(latent_dim), name=name)
    for units in (1024, 128 * (height // 4) * (width // 4)):
        network.add(
            layers.Dense(units, use_bias=biases, kernel_initializer=kernels.next())
        )
        activated(network, -1, batch_normalization)
    network.add(layers.Reshape(in_data_format((height // 4, width // 4, 128))))
    network.add(transposed(64, 4, kernels, use_bias=biases))
    activated(network, channels_axis(), batch_normalization)
    network.add(transposed(channels, 4, kernels))
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
        outputs: 1 for a logit, `C - 1` for a Mixture Density GAN of `C` components, 1
            plus the codes' dimensions for an InfoGAN.
        batch_normalization: normalise after the second convolution and the dense
            layer. Its second derivative is correct on every backend.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `outputs` is not a positive integer.
    """
    data_shape = in_data_format(image_shape(data_shape))
    outputs = check_integer("outputs", outputs)
    kernels = Kernels(seed=seed)
    network = keras.Sequential([keras.Input(data_shape)], name=name)
    for layer in [
        *_convolutions(batch_normalization, kernels),
        *_judgement(outputs, batch_normalization, kernels),
    ]:
        network.add(layer)
    return network


def dcgan_encoder(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 64,
    batch_normalization: bool = True,
    seed: int | None = None,
    name: str = "encoder",
) -> keras.Sequential:
    """An encoder of images: the discriminator's layers, with latents as outputs.

    It is for ALI, VEEGAN, MMGAN and the mode-regularised GANs.

    Examples:
        >>> dcgan_encoder((28, 28, 1), latent_dim=64).output_shape
        (None, 64)

    Args:
        data_shape: see `dcgan_discriminator`.
        latent_dim: the number of outputs. It is the latents' dimension, or twice that
            for a Gaussian's means and log variances (ALI), or the number of clusters
            (MMGAN).
        batch_normalization: see `dcgan_discriminator`.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `latent_dim` is not a positive integer.
    """
    latent_dim = check_integer("latent_dim", latent_dim)
    return dcgan_discriminator(data_shape, latent_dim, batch_normalization, seed, name)


def dcgan_pair_discriminator(
    data_shape: Sequence[int] = (28, 28, 1),
    latent_dim: int = 64,
    batch_normalization: bool = False,
    seed: int | None = None,
    name: str = "discriminator",
) -> keras.Model:
    """A discriminator of pairs `[images, latents]`, for ALI and VEEGAN.

    Latents are joined to the outputs of the convolutions, before the first dense layer.

    Examples:
        >>> dcgan_pair_discriminator((28, 28, 1), latent_dim=64).output_shape
        (None, 1)

    Args:
        data_shape: see `dcgan_discriminator`.
        latent_dim: the latents' dimension.
        batch_normalization: see `dcgan_discriminator`.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `data_shape` is not that of an image with sides divisible by 4,
            or `latent_dim` is not a positive integer.
    """
    data_shape = in_data_format(image_shape(data_shape))
    latent_dim = check_integer("latent_dim", latent_dim)
    kernels = Kernels(seed=seed)
    data = x = keras.Input(data_shape, name="data")
    latents = keras.Input((latent_dim,), name="latents")
    for layer in _convolutions(batch_normalization, kernels):
        x = layer(x)
    x = keras.layers.Concatenate()([x, latents])
    for layer in _judgement(1, batch_normalization, kernels):
        x = layer(x)
    return keras.Model([data, latents], x, name=name)


def dcgan_autoencoder(
    data_shape: Sequence[int] = (28, 28, 1),
    code_dim: int = 64,
    seed: int | None = None,
    name: str = "discriminator",
) -> Autoencoder:
    """A discriminator for BEGAN and EBGAN: an encoder followed by a generator.

    Neither has batch normalisation. With it, the energy of a batch of real images and
    that of a batch of generated ones would be measured in two units, and energies in
    inference would differ from those in training.

    Examples:
        >>> dcgan_autoencoder((28, 28, 1)).decoder.output_shape
        (None, 28, 28, 1)

    Args:
        data_shape: see `dcgan_discriminator`.
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
        dcgan_discriminator(data_shape, code_dim, seed=seed, name="encoder"),
        dcgan_generator(
            data_shape,
            code_dim,
            decoder_seed,
            name="decoder",
            batch_normalization=False,
        ),
        name=name,
    )


def _convolutions(batch_normalization, kernels):
    from keras_mdgan.layers import BatchNormalization

    return [
        convolution(64, 4, kernels),
        keras.layers.LeakyReLU(0.2),
        convolution(128, 4, kernels),
        *(
            [BatchNormalization(axis=channels_axis(), momentum=0.9)]
            if batch_normalization
            else []
        ),
        keras.layers.LeakyReLU(0.2),
        keras.layers.Flatten(),
    ]


def _judgement(outputs, batch_normalization, kernels):
    from keras_mdgan.layers import BatchNormalization

    dense = keras.layers.Dense
    return [
        dense(1024, kernel_initializer=kernels.next()),
        *([BatchNormalization(momentum=0.9)] if batch_normalization else []),
        keras.layers.LeakyReLU(0.2),
        dense(outputs, kernel_initializer=kernels.last(), dtype="float32"),
    ]
