"""VEEGAN: a reconstructor that finds lost modes."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.encoding import EncoderGAN, squared_distance
from keras_mdgan.models.vanilla import accuracies


@keras.saving.register_keras_serializable("keras_mdgan")
class VEEGAN(EncoderGAN):
    """A reconstructor `F` maps data back to latents; real data must look like noise.

    The discriminator's logit `D(z, x)` estimates the log density ratio of pairs
    `(z, G(z))` to pairs `(F(x), x)`. It minimises
    `-E[log s(D(z, G(z)))] - E[log(1 - s(D(F(x), x)))]`. Generator and reconstructor
    minimise `E[D(z, G(z))] + E[norm(z - F(G(z)))^2]`. This estimates an upper bound of
    `F`'s cross entropy. If `G` loses a mode, `F` does not map that mode to the prior.

    As in the poster, only the reconstruction in this estimate depends on `F`: the ratio
    depends on `F` only through `D`.

    Optimizers by default: Adam 1e-3 with b1 = 0.5, of the experiments on points.

    Logs: `discriminator_loss`, `generator_loss`, `reconstruction` (`E[norm(z -
    F(G(z)))^2]`), `real_accuracy` and `fake_accuracy` (the shares of pairs `(F(x), x)`
    and `(z, G(z))` classified correctly).

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
        # The poster's sign: a large logit means a pair of the generator.
        return losses.vanilla_discriminator_loss(on_fake, on_real), accuracies(
            -on_real, -on_fake
        )

    def generator_loss(self, real):
        latents = self.draw_latents(real)
        fake = self.decode(latents)
        reconstruction = ops.mean(squared_distance(latents, self.infer(fake)))
        ratio = ops.mean(self.judge(fake, latents))
        return ratio + reconstruction, {"reconstruction": reconstruction}
