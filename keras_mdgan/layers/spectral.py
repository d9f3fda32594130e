"""Spectral normalisation that is part of the gradient on every backend."""

import keras
from keras import ops
from keras.src.models import Functional

from keras_mdgan.training.backends.scope import with_values
from keras_mdgan.validation import check_integer

_WITH_KERNEL = (
    keras.layers.Dense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class SpectralNormalization(keras.layers.Wrapper):
    """A layer whose kernel is divided by its largest singular value.

    The kernel `W`, as a matrix of its last axis by all other axes, is divided by
    `sigma = u^T W v`. Power iterations move `u` and `v` to its first singular vectors.
    The gradient treats `u` and `v` as constants and flows through `W` in both places
    (Miyato et al. 2018, eqs. (11) and (12) and algorithm 1).

    `keras.layers.SpectralNormalization` instead overwrites the kernel with the
    normalised one in every forward pass. The gradient then depends on the backend. On
    JAX the assignment is part of the gradient, on TensorFlow and PyTorch it is not. One
    model would therefore train in different ways.

    Examples:
        >>> import numpy as np
        >>> seeded = keras.initializers.GlorotUniform(seed=0)
        >>> dense = keras.layers.Dense(3, use_bias=False, kernel_initializer=seeded)
        >>> layer = SpectralNormalization(dense, power_iterations=20)
        >>> x = np.eye(4, dtype="float32")
        >>> kernel = keras.ops.convert_to_numpy(layer(x, training=True))
        >>> float(np.linalg.norm(kernel, 2))
        1.0000

    Args:
        layer: a layer with a `kernel`: dense, or a convolution.
        power_iterations: iterations in each training call.

    Raises:
        ValueError: if the layer has no kernel, or `power_iterations < 1`.
    """

    def __init__(self, layer, power_iterations: int = 1, **kwargs):
        super().__init__(layer, **kwargs)
        self.power_iterations = check_integer("power_iterations", power_iterations)

    def build(self, input_shape):
        super().build(input_shape)
        if not hasattr(self.layer, "kernel"):
            raise ValueError(
                "SpectralNormalization needs a layer with a `kernel`. "
                f"Received: layer={self.layer!r}"
            )
        self.left = self.add_weight(
            shape=(self.layer.kernel.shape[-1],),
            initializer=keras.initializers.RandomNormal(seed=0),
            trainable=False,
            name="left_singular_vector",
        )

    def normalized_kernel(self, training=False):
        """The kernel divided by the present estimate of its largest singular value."""
        kernel = self.layer.kernel.value
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))  # (inputs, outputs)
        constant = ops.stop_gradient(matrix)
        left = _unit(self.left.value)
        for _ in range(self.power_iterations if training else 0):
            right = _unit(ops.matmul(constant, left))
            left = _unit(ops.matmul(right, constant))
        left = ops.stop_gradient(left)
        right = ops.stop_gradient(_unit(ops.matmul(constant, left)))
        if training:
            self.left.assign(left)
        sigma = ops.sum(ops.matmul(right, matrix) * left)
        return kernel / (sigma + 1e-12)  # a kernel of zeros stays zeros

    def call(self, inputs, training=False):
        kernel = self.normalized_kernel(training)
        return with_values(lambda: self.layer(inputs), [self.layer.kernel], [kernel])

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}


def spectrally_normalized(network):
    """A copy of a network with every dense or convolutional layer wrapped.

    It also wraps the layers of Sequential and functional models inside the network.

    Examples:
        >>> import keras_mdgan as km
        >>> critic = spectrally_normalized(km.networks.mlp_discriminator((2,)))
        >>> sum(isinstance(x, SpectralNormalization) for x in critic.layers)
        3

    Args:
        network: a `keras.Sequential` or functional model. A layer that is already
            wrapped is only copied.

    Returns:
        A model with its own weights, equal to the network's.

    Raises:
        ValueError: for another kind of network.
    """
    if not isinstance(network, (keras.Sequential, Functional)):
        raise ValueError(
            "Only Sequential and functional models can be wrapped layer by layer; wrap "
            "your layers in keras_mdgan.layers.SpectralNormalization yourself. "
            f"Received: network={network!r}"
        )

    def wrapped(layer):
        copy = type(layer).from_config(layer.get_config())
        if isinstance(layer, _WITH_KERNEL):
            return SpectralNormalization(copy, name=f"spectral_{layer.name}")
        return copy

    copy = keras.models.clone_model(network, clone_function=wrapped, recursive=True)
    _copy_weights(network, copy)
    return copy


def _copy_weights(network, copy):
    for old, new in zip(network.layers, copy.layers):
        if isinstance(old, (keras.Sequential, Functional)):
            _copy_weights(old, new)
        elif old.weights:
            inner = new.layer if isinstance(old, _WITH_KERNEL) else new
            inner.set_weights(old.get_weights())


def _unit(vector):
    return vector / (ops.sqrt(ops.sum(ops.square(vector))) + 1e-12)
