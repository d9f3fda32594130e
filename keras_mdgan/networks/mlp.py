"""Fully connected networks, for points in low dimensions."""

import math
from collections.abc import Sequence

import keras
from keras import ops

from keras_mdgan.networks.kernels import Kernels, check_sizes
from keras_mdgan.validation import check_integer, check_number

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class Bounded(keras.layers.Layer):
    """`output_range * tanh(x)`: outputs in `(-output_range, output_range)`.

    Examples:
        >>> import numpy as np
        >>> float(Bounded(6.0)(np.zeros((1,), "float32"))[0])
        0.0

    Args:
        output_range: the bound, above 0.
    """

    def __init__(self, output_range: float, **kwargs):
        super().__init__(**kwargs)
        self.output_range = check_number("output_range", output_range, above=0)
        self.built = True

    def call(self, inputs):
        return self.output_range * ops.tanh(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "output_range": self.output_range}


def mlp_generator(
    data_shape: Sequence[int] = (2,),
    output_range: float | None = None,
    hidden: Sequence[int] = (128, 128),
    initializer=None,
    output_initializer=None,
    seed: int | None = None,
    name: str = "generator",
) -> keras.Sequential:
    """The generator of the authors' 2-D experiments: dense ReLU layers.

    It takes latents of any dimension: the GAN builds it for its latents.

    Examples:
        >>> generator = mlp_generator(data_shape=(2,), output_range=6)
        >>> generator.build((None, 10))
        >>> generator.output_shape
        (None, 2)

    Args:
        data_shape: the shape of one sample.
        output_range: bound outputs by `output_range * tanh`; `None` for no bound.
        hidden: the widths of the hidden layers.
        initializer: a Keras initializer of the kernels; `None` for the authors'
            `N(0, 0.02)`. Each layer gets a copy with its own seed.
        output_initializer: the initializer of the last kernel; `None` for
            `initializer`.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if a size is not a positive integer or `output_range` is not
            positive.
    """
    data_shape = check_sizes("data_shape", data_shape)
    hidden = check_sizes("hidden", hidden)
    if output_range is not None:
        output_range = check_number("output_range", output_range, above=0)
    kernels = Kernels(initializer, output_initializer, seed)
    layers = [
        keras.layers.Dense(width, "relu", kernel_initializer=kernels.next())
        for width in hidden
    ]
    outputs = math.prod(data_shape)
    layers.append(keras.layers.Dense(outputs, kernel_initializer=kernels.last()))
    if len(data_shape) != 1:
        layers.append(keras.layers.Reshape(tuple(data_shape)))
    if output_range is not None:
        layers.append(Bounded(output_range, dtype="float32"))
    return keras.Sequential(layers, name=name)


def mlp_discriminator(
    data_shape: Sequence[int] = (2,),
    outputs: int = 1,
    hidden: Sequence[int] = (128, 128),
    preprocessing: Sequence[keras.layers.Layer] = (),
    initializer=None,
    output_initializer=None,
    seed: int | None = None,
    name: str = "discriminator",
) -> keras.Sequential:
    """The discriminator of the authors' 2-D experiments: leaky ReLU(0.2) layers.

    Examples:
        >>> mlp_discriminator(data_shape=(2,), outputs=9).output_shape
        (None, 9)

    Args:
        data_shape: the shape of one sample.
        outputs: the number of outputs, without an activation: 1 for a logit, `C - 1`
            for a Mixture Density GAN with `C` components.
        hidden: the widths of the hidden layers.
        preprocessing: the first layers, such as `keras_mdgan.layers.InstanceNoise` and
            `FourierFeatures`.
        initializer: a Keras initializer of the kernels; `None` for the authors'
            `N(0, 0.02)`. Each layer gets a copy with its own seed.
        output_initializer: the initializer of the last kernel; `None` for
            `initializer`.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if a size is not a positive integer.
    """
    data_shape = check_sizes("data_shape", data_shape)
    hidden = check_sizes("hidden", hidden)
    outputs = check_integer("outputs", outputs)
    kernels = Kernels(initializer, output_initializer, seed)
    network = keras.Sequential([keras.Input(tuple(data_shape))], name=name)
    for layer in preprocessing:
        network.add(layer)
    if len(data_shape) != 1:
        network.add(keras.layers.Flatten())
    for width in hidden:
        network.add(keras.layers.Dense(width, kernel_initializer=kernels.next()))
        network.add(keras.layers.LeakyReLU(0.2))
    network.add(
        keras.layers.Dense(outputs, kernel_initializer=kernels.last(), dtype="float32")
    )
    return network


def mlp_encoder(
    data_shape: Sequence[int] = (2,),
    latent_dim: int = 2,
    hidden: Sequence[int] = (128, 128),
    preprocessing: Sequence[keras.layers.Layer] = (),
    initializer=None,
    output_initializer=None,
    seed: int | None = None,
    name: str = "encoder",
) -> keras.Sequential:
    """An encoder of data: the discriminator's layers, with latents as outputs.

    Examples:
        >>> mlp_encoder(data_shape=(2,), latent_dim=10).output_shape
        (None, 10)

    Args:
        data_shape: the shape of one sample.
        latent_dim: the number of outputs. It is the latents' dimension, or twice that
            for a Gaussian's means and log variances (ALI), or the number of clusters
            (MMGAN).
        hidden: the widths of the hidden layers.
        preprocessing: the first layers.
        initializer: see `mlp_discriminator`.
        output_initializer: see `mlp_discriminator`.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if a size is not a positive integer.
    """
    return mlp_discriminator(
        data_shape,
        check_integer("latent_dim", latent_dim),
        hidden,
        preprocessing,
        initializer,
        output_initializer,
        seed,
        name,
    )


def mlp_pair_discriminator(
    data_shape: Sequence[int] = (2,),
    latent_dim: int = 2,
    outputs: int = 1,
    hidden: Sequence[int] = (128, 128),
    preprocessing: Sequence[keras.layers.Layer] = (),
    initializer=None,
    output_initializer=None,
    seed: int | None = None,
    name: str = "discriminator",
) -> keras.Model:
    """A discriminator of pairs `[data, latents]`, for ALI and VEEGAN.

    Data and latents are joined before the first dense layer.

    Examples:
        >>> mlp_pair_discriminator(data_shape=(2,), latent_dim=10).output_shape
        (None, 1)

    Args:
        data_shape: the shape of one sample.
        latent_dim: the latents' dimension.
        outputs: the number of outputs, without an activation.
        hidden: the widths of the hidden layers.
        preprocessing: the first layers, for the data but not for the latents.
        initializer: see `mlp_discriminator`.
        output_initializer: see `mlp_discriminator`.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if a size is not a positive integer.
    """
    data_shape = check_sizes("data_shape", data_shape)
    latent_dim = check_integer("latent_dim", latent_dim)
    data = x = keras.Input(tuple(data_shape), name="data")
    latents = keras.Input((latent_dim,), name="latents")
    for layer in preprocessing:
        x = layer(x)
    if len(data_shape) != 1:
        x = keras.layers.Flatten()(x)
    joined = keras.layers.Concatenate()([x, latents])
    judge = mlp_discriminator(
        (joined.shape[-1],),
        outputs,
        hidden,
        (),
        initializer,
        output_initializer,
        seed,
        name="judge",
    )
    return keras.Model([data, latents], judge(joined), name=name)
