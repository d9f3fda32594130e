"""The base of GANs with a network from data back to latents."""

import keras
from keras import ops

from keras_mdgan.training import GAN, Player, checks


class EncoderGAN(GAN):
    """A GAN whose generator's player also owns an encoder.

    A subclass says how many outputs the encoder must have (`encoder_outputs`). The
    default is one per latent dimension. It also says whether the discriminator judges
    pairs of data and latents (`judges_pairs`).

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data, or from the list `[data, latents]`,
            to one logit.
        latents: a prior of `keras_mdgan.latents`.
        encoder: a layer or model from data `(batch_size, *data_shape)` to vectors.
        **kwargs: see `GAN`.

    Raises:
        ValueError: if the networks do not fit.
    """

    judges_pairs = False

    def __init__(self, generator, discriminator, latents, encoder, **kwargs):
        super().__init__(generator, discriminator, latents, **kwargs)
        checks.require_one_output(self)
        self.encoder = encoder
        shape = checks.output_shape(encoder, self.data_shape, "encoder")
        if shape != (self.encoder_outputs,):
            raise ValueError(
                f"`encoder` of {type(self).__name__} must give (batch_size, "
                f"{self.encoder_outputs}). Received: an encoder with output shape "
                f"{shape} a sample"
            )

    @property
    def encoder_outputs(self) -> int:
        """The number of outputs that the encoder must have."""
        return self.latents.dim

    @property
    def discriminator_input(self):
        if self.judges_pairs:
            return [self.data_shape, self.latents.shape]
        return self.data_shape

    def players(self):
        discriminator, generator = super().players()
        networks = [*generator.networks, self.encoder]
        return [discriminator, Player(generator.name, networks)]

    def judge(self, x, latents):
        """The discriminator's logits of pairs in training, float32 `(n, 1)`."""
        return ops.cast(self.discriminator([x, latents], training=True), "float32")

    def infer(self, x):
        """The encoder's outputs in training, float32."""
        return ops.cast(self.encoder(x, training=True), "float32")

    def encode(self, x):
        """Latents of data, `(batch_size, latent_dim)` float32.

        Args:
            x: data `(batch_size, *data_shape)`.
        """
        return ops.cast(self.encoder(x, training=False), "float32")

    def reconstruct(self, x):
        """`G(E(x))`: the generator's samples from the encoder's latents.

        Args:
            x: data `(batch_size, *data_shape)`.

        Returns:
            Float32 `(batch_size, *data_shape)`.
        """
        return ops.cast(self(self.encode(x), training=False), "float32")

    def embed(self, x):
        if not self.judges_pairs:
            return super().embed(x)
        x = ops.convert_to_tensor(x, "float32")
        pair = [x, self.encode(x)]
        return ops.cast(self.discriminator(pair, training=False), "float32")

    def get_config(self):
        encoder = keras.saving.serialize_keras_object(self.encoder)
        return {**super().get_config(), "encoder": encoder}


def squared_distance(a, b):
    """The squared distance of each pair of samples, `(n,)`."""
    return ops.sum(ops.square(a - b), axis=tuple(range(1, len(a.shape))))
