"""VEEGAN: a reconstructor that finds lost modes."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.encoding import EncoderGAN, squared_distance
from keras_mdgan.models.vanilla import accuracies


@keras.saving.register_keras_serializable("keras_mdgan")
class VEEGAN(EncoderGAN):
    """A reconstructor `F` maps data back to latents; real data must look like noise.

    The discriminator's logit `D(z, x)` estimates the logarithm of the ratio between
    pairs `(z, G(z))` and `(F(x), x)`:
    `-E[log s(D(z, G(z)))] - E[log(1 - s(D(F(x), x)))]`. Generator and reconstructor
    minimise `E[D(z, G(z))] + E[norm(z - F(G(z)))^2]`, an estimate of an upper bound of
    `F`'s cross entropy: a mode that `G` leaves out is one that `F` does not map to the
    prior.

    As in the poster, nothing but the reconstruction depends on `F` in that estimate,
    since the ratio does so only through `D`.

    Logs: `discriminator_loss`, `generator_loss`, `reconstruction` (`E[norm(z -
    F(G(z)))^2]`), and the shares of pairs that the discriminator takes for what they
    are, `real_accuracy` (of `(F(x), x)`) and `fake_accuracy`.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.VEEGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_pair_discriminator((2,), latent_dim=4),
        ...     latents=km.latents.Normal(4),
        ...     encoder=km.networks.mlp_encoder((2,), latent_dim=4), seed=0)
        >>> tuple(gan.reconstruct(km.datasets.ring().sample(5)).shape)
        (5, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a model from the list `[data, latents]` to one logit.
        latents: a prior of `keras_mdgan.latents`.
        encoder: the reconstructor `F`, a layer or model from data to latents.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit.

    Reference:
        Srivastava et al., VEEGAN, 2017: section 3, eqs. (3) to (6), algorithm 1.
    """

    judges_pairs = True

    def discriminator_loss(self, real):
        latents = self.draw_latents(real)
        fake = ops.stop_gradient(self.decode(latents))
        inferred = ops.stop_gradient(self.infer(real))
        on_fake = self.judge(fake, ops.stop_gradient(latents))
        on_real = self.judge(real, inferred)
        return losses.vanilla_discriminator_loss(on_fake, on_real), accuracies(
            -on_real, -on_fake
        )

    def generator_loss(self, real):
        latents = self.draw_latents(real)
        fake = self.decode(latents)
        reconstruction = ops.mean(squared_distance(latents, self.infer(fake)))
        ratio = ops.mean(self.judge(fake, latents))
        return ratio + reconstruction, {"reconstruction": reconstruction}
