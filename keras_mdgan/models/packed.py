"""PacGAN: the discriminator sees several samples at once."""

import keras
from keras import ops

from keras_mdgan.models.vanilla import VanillaGAN
from keras_mdgan.validation import check_integer


@keras.saving.register_keras_serializable("keras_mdgan")
class PackedGAN(VanillaGAN):
    """The vanilla GAN, whose discriminator judges `m` samples together.

    The samples of a pack are joined along the last axis (features or channels). They
    are all real or all generated. A collapsed generator's packs are easy to tell: their
    samples are too similar to each other.

    The batch size must be a multiple of `m`. `embed(x)` repeats each sample `m` times
    to make a pack.

    Optimizers by default: Adam 1e-4 with b1 = 0.8, of the authors' code for the
    grid and the ring.

    Logs: those of `VanillaGAN`, over packs.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.PackedGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2 * 3,)),
        ...     latents=km.latents.Uniform(2), packing=3, seed=0)
        >>> gan.sample(5, seed=0).shape
        (5, 2)

    Args:
        generator: a layer or model from latents to data `(batch_size, ..., c)`.
        discriminator: a layer or model from packs `(batch_size / m, ..., m c)` to one
            logit.
        latents: a prior of `keras_mdgan.latents`.
        packing: `m`, at least 1.
        **kwargs: `generator_loss`, see `VanillaGAN`; `critic_steps`, `ema_momentum`,
            `seed`, `name`, see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `packing` is not a positive integer.

    Reference:
        Lin et al., PacGAN: the power of two samples in generative adversarial
        networks, 2018, section 2.
    """

    def __init__(self, generator, discriminator, latents, *, packing=2, **kwargs):
        # Before `super().__init__`, which reads `discriminator_input`.
        self._packing = check_integer("packing", packing)
        super().__init__(generator, discriminator, latents, **kwargs)

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(1e-4, 0.8) for p in self.players()}

    @property
    def packing(self) -> int:
        """Samples in a pack."""
        return self._packing

    samples_together = packing

    @property
    def discriminator_input(self):
        return (*self.data_shape[:-1], self.packing * self.data_shape[-1])

    def sample_batch(self):
        return ops.zeros((2 * self.packing, *self.data_shape), "float32")

    def pack(self, x):
        """Join every `m` consecutive samples along the last axis.

        Args:
            x: `(n, ..., c)` with `n` a multiple of `m`.

        Returns:
            `(n / m, ..., m c)`.

        Raises:
            ValueError: if `n` is not a multiple of `m`.
        """
        if x.shape[0] is not None and x.shape[0] % self.packing:
            raise ValueError(
                "The number of samples must be a multiple of "
                f"`packing`={self.packing}. Received: {x.shape[0]} samples"
            )
        apart = ops.reshape(x, (-1, self.packing, *self.data_shape))
        last = len(apart.shape) - 1
        axes = (0, *range(2, last), 1, last)
        return ops.reshape(ops.transpose(apart, axes), (-1, *self.discriminator_input))

    def discriminate(self, x):
        return super().discriminate(self.pack(x))

    def embed(self, x):
        return super().embed(self.pack(ops.repeat(x, self.packing, axis=0)))

    def get_config(self):
        return {**super().get_config(), "packing": self.packing}
