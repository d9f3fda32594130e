"""The convolutional networks of the Stacked MNIST experiments."""

import keras

from keras_mdgan.networks.convolutions import (
    channels_axis,
    convolution,
    in_data_format,
    latent_input,
    transposed,
)
from keras_mdgan.networks.kernels import Kernels
from keras_mdgan.validation import check_choice, check_integer

SIZES = ("big", "half", "quarter")


def stacked_mnist_generator(
    size: str = "half",
    latent_dim: int | None = None,
    seed: int | None = None,
    name: str = "generator",
) -> keras.Sequential:
    """A generator of three digits, the channels of a 28x28 image.

    `"half"` and `"quarter"` are sizes of the discriminator. They have the same
    generator, that of the unrolled GAN's experiment: dense to 4x4x64, transposed
    convolutions 3x3 with stride 2 to 32, 16 and 8 channels (7x7, 14x14, 28x28), a
    convolution 3x3 to 3. `"big"` is the DCGAN of VEEGAN's experiment: dense to 2x2x512,
    transposed convolutions 5x5 to 256, 128, 64 and 3 channels (4x4, 7x7, 14x14, 28x28).
    Batch normalisation and ReLU are between the layers, tanh is at the end.

    Examples:
        >>> stacked_mnist_generator("half", latent_dim=256).output_shape
        (None, 28, 28, 3)

    Args:
        size: `"big"`, `"half"` or `"quarter"`.
        latent_dim: latent dimensions. With `None`, the GAN builds the network for the
            dimension of its latents. The experiments have 100 uniform latents in
            [-1, 1] for `"big"`, and 256 normal latents for the others.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `size` is unknown or `latent_dim` is not a positive integer.

    References:
        Metz et al., Unrolled generative adversarial networks, 2017, section 3.3.1 and
        appendix; Srivastava et al., VEEGAN, 2017, section 4.2; Radford et al., DCGAN,
        2016.
    """
    check_choice("size", size, SIZES)
    kernels, big = Kernels(seed=seed), size == "big"
    side, widths, kernel = (
        (2, (512, 256, 128, 64), 5) if big else (4, (64, 32, 16, 8), 3)
    )
    network = keras.Sequential(latent_input(latent_dim), name=name)
    network.add(
        keras.layers.Dense(
            side * side * widths[0], use_bias=False, kernel_initializer=kernels.next()
        )
    )
    network.add(keras.layers.Reshape(in_data_format((side, side, widths[0]))))
    _normalised(network, keras.layers.ReLU())
    for width in widths[1:]:
        network.add(transposed(width, kernel, kernels, use_bias=False))
        side *= 2
        if side == 8:  # 28 is 7 times 4: crop a row and a column
            network.add(keras.layers.Cropping2D(((0, 1), (0, 1))))
            side = 7
        _normalised(network, keras.layers.ReLU())
    network.add(
        transposed(3, kernel, kernels)
        if big
        else convolution(3, kernel, kernels, strides=1)
    )
    network.add(keras.layers.Activation("tanh", dtype="float32"))
    return network


def stacked_mnist_discriminator(
    size: str = "half",
    outputs: int = 1,
    packing: int = 1,
    batch_normalization: bool = True,
    seed: int | None = None,
    name: str = "discriminator",
) -> keras.Sequential:
    """A discriminator of three digits, in the sizes of the published tables.

    `"half"` has convolutions 3x3 with stride 2 to 4, 8 and 16 channels, `"quarter"` to
    2, 4 and 8. Each has batch normalisation and leaky ReLU(0.3); one dense layer
    follows. `"big"` is the DCGAN: convolutions 5x5 with stride 2 to 64, 128, 256 and
    512 channels, leaky ReLU(0.2), batch normalisation after all but the first.

    Examples:
        >>> [stacked_mnist_discriminator(s).count_params() for s in ("half", "quarter")]
        [1945, 613]

    Args:
        size: `"big"`, `"half"` or `"quarter"`.
        outputs: 1 for a logit, `C - 1` for a Mixture Density GAN of `C` components.
        packing: samples judged together, their channels joined (PacGAN).
        batch_normalization: as in the experiments; `False` for a critic that judges
            samples one by one. Its second derivative is correct on every backend.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if `size` is unknown, or `outputs` or `packing` is not a positive
            integer.

    References:
        Those of `stacked_mnist_generator`.
    """
    check_choice("size", size, SIZES)
    outputs = check_integer("outputs", outputs)
    packing = check_integer("packing", packing)
    kernels, big = Kernels(seed=seed), size == "big"
    if big:
        widths, kernel, leak = (64, 128, 256, 512), 5, 0.2
    else:
        widths = (4, 8, 16) if size == "half" else (2, 4, 8)
        kernel, leak = 3, 0.3
    data_shape = in_data_format((28, 28, 3 * packing))
    network = keras.Sequential([keras.Input(data_shape)], name=name)
    for i, width in enumerate(widths):
        network.add(convolution(width, kernel, kernels))
        activation = keras.layers.LeakyReLU(leak)
        if batch_normalization and not (big and i == 0):
            _normalised(network, activation)
        else:
            network.add(activation)
    network.add(keras.layers.Flatten())
    network.add(
        keras.layers.Dense(outputs, kernel_initializer=kernels.last(), dtype="float32")
    )
    return network


def _normalised(network, activation):
    from keras_mdgan.layers import BatchNormalization

    network.add(BatchNormalization(axis=channels_axis(), momentum=0.9, epsilon=1e-5))
    network.add(activation)
