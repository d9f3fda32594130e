"""Several networks as one: an ensemble of discriminators, a selection of generators."""

import keras
from keras import ops

_register = keras.saving.register_keras_serializable("keras_mdgan")


class _Several(keras.layers.Layer):
    """Base of layers made of networks with inputs of the same shape."""

    def __init__(self, networks, **kwargs):
        super().__init__(**kwargs)
        networks = list(networks)
        if not networks or not all(
            isinstance(network, keras.layers.Layer) for network in networks
        ):
            raise ValueError(
                "`networks` must be a list of at least one Keras layer or model. "
                f"Received: networks={networks!r}"
            )
        if len({id(network) for network in networks}) < len(networks):
            raise ValueError(
                "`networks` holds the same network twice. Make one for each place, "
                "with weights of its own."
            )
        self.networks = networks

    def _build_all(self, input_shape):
        for network in self.networks:
            if not network.built:
                network.build(input_shape)
        self.built = True

    def get_config(self):
        networks = [keras.saving.serialize_keras_object(n) for n in self.networks]
        return {**super().get_config(), "networks": networks}

    @classmethod
    def from_config(cls, config):
        networks = [
            keras.saving.deserialize_keras_object(n) for n in config["networks"]
        ]
        return cls(**{**config, "networks": networks})


@_register
class Ensemble(_Several):
    """An ensemble of networks whose outputs are joined along the last axis.

    Examples:
        >>> import keras_mdgan as km
        >>> both = Ensemble([km.networks.mlp_discriminator((2,)) for _ in range(2)])
        >>> both.build((None, 2))
        >>> tuple(both.compute_output_shape((None, 2)))
        (None, 2)

    Args:
        networks: layers or models that take the same inputs and give vectors.

    Raises:
        ValueError: if `networks` is empty or holds one network twice.
    """

    def build(self, input_shape):
        self._build_all(input_shape)

    def call(self, inputs, training=False):
        outputs = [network(inputs, training=training) for network in self.networks]
        return ops.concatenate(outputs, axis=-1)

    def compute_output_shape(self, input_shape):
        shapes = [
            network.compute_output_shape(input_shape) for network in self.networks
        ]
        return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))


@_register
class Selection(_Several):
    """A selection of generators: the last numbers of a latent choose one of them.

    The layer takes `(batch_size, latent_dim + k)` for `k` networks. The last `k`
    numbers are a one-hot choice, as drawn by `keras_mdgan.latents.Categorical(k)`.

    Examples:
        >>> import numpy as np
        >>> pair = Selection([keras.layers.Rescaling(1.0), keras.layers.Rescaling(9.0)])
        >>> y = pair(np.array([[2.0, 1.0, 0.0], [2.0, 0.0, 1.0]], "float32"))
        >>> keras.ops.convert_to_numpy(y).tolist()
        [[2.0], [18.0]]

    Args:
        networks: layers or models that take the same latents and give data of one
            shape.

    Raises:
        ValueError: if `networks` is empty or holds one network twice.
    """

    def build(self, input_shape):
        self._build_all((*input_shape[:-1], input_shape[-1] - len(self.networks)))

    def call(self, inputs, training=False):
        count = len(self.networks)
        latents, choice = inputs[:, :-count], inputs[:, -count:]
        total = 0.0
        # All networks make all samples: a compiled step has static shapes.
        for i, network in enumerate(self.networks):
            samples = network(latents, training=training)
            shape = (-1, *[1] * (len(samples.shape) - 1))
            total = total + samples * ops.cast(
                ops.reshape(choice[:, i], shape), samples.dtype
            )
        return total

    def compute_output_shape(self, input_shape):
        latents = (*input_shape[:-1], input_shape[-1] - len(self.networks))
        return self.networks[0].compute_output_shape(latents)
