"""Autoencoders as discriminators, for BEGAN and EBGAN."""

import keras

from keras_mdgan.networks.mlp import mlp_discriminator, mlp_generator
from keras_mdgan.validation import check_integer, check_seed

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class Autoencoder(keras.layers.Layer):
    """An encoder and a decoder, `decoder(encoder(x))`.

    Examples:
        >>> import keras_mdgan as km
        >>> autoencoder = km.networks.Autoencoder(
        ...     encoder=km.networks.mlp_discriminator((2,), outputs=3),
        ...     decoder=km.networks.mlp_generator((2,)))
        >>> autoencoder.build((None, 2))
        >>> tuple(autoencoder.compute_output_spec(keras.KerasTensor((None, 2))).shape)
        (None, 2)

    Args:
        encoder: a layer or model from data to codes `(batch_size, code_dim)`.
        decoder: a layer or model from codes to data.
    """

    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder

    def build(self, input_shape):
        if not self.encoder.built:
            self.encoder.build(input_shape)
        x = keras.KerasTensor(input_shape, "float32")
        codes = self.encoder.compute_output_spec(x)
        if not self.decoder.built:
            self.decoder.build(codes.shape)
        self.built = True

    def encode(self, x, training=False):
        """Codes of data, `(batch_size, code_dim)`."""
        return self.encoder(x, training=training)

    def call(self, x, training=False):
        return self.decoder(self.encode(x, training), training=training)

    def compute_output_shape(self, input_shape):
        codes = self.encoder.compute_output_shape(input_shape)
        return self.decoder.compute_output_shape(codes)

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        for part in ("encoder", "decoder"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)


def mlp_autoencoder(
    data_shape=(2,),
    code_dim: int = 32,
    hidden=(128, 128),
    preprocessing=(),
    initializer=None,
    output_initializer=None,
    seed: int | None = None,
    name: str = "discriminator",
) -> Autoencoder:
    """A discriminator for BEGAN and EBGAN with the layers of the other MLPs.

    Examples:
        >>> mlp_autoencoder(data_shape=(2,)).name
        'discriminator'

    Args:
        data_shape: the shape of one sample.
        code_dim: the number of code dimensions.
        hidden: the widths of the encoder's hidden layers; the decoder has them in
            reverse order.
        preprocessing: the first layers of the encoder.
        initializer: see `mlp_generator`.
        output_initializer: the initializer of the last kernel of encoder and decoder.
        seed: an integer, or `None`.
        name: the network's name.

    Raises:
        ValueError: if a size is not a positive integer.
    """
    kernels = {"initializer": initializer, "output_initializer": output_initializer}
    seed = check_seed(seed)
    # The encoder's layers count their seeds up from `seed`; the decoder follows.
    decoder_seed = None if seed is None else seed + len(hidden) + 1
    return Autoencoder(
        mlp_discriminator(
            data_shape,
            check_integer("code_dim", code_dim),
            hidden,
            preprocessing,
            seed=seed,
            name="encoder",
            **kernels,
        ),
        mlp_generator(
            data_shape, None, hidden[::-1], seed=decoder_seed, name="decoder", **kernels
        ),
        name=name,
    )
