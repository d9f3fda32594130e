"""Mode regularized GAN (Reg-GAN)."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.encoding import EncoderGAN, squared_distance
from keras_mdgan.models.vanilla import accuracies
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class ModeRegularizedGAN(EncoderGAN):
    """Reg-GAN: reconstructions of real samples bring lost modes back.

    The discriminator is the vanilla one. With an encoder `E`, the generator minimises
    `-E[log s(D(G(z)))]`. Generator and encoder together also minimise
    `E[lambda1 d(x, G(E(x))) - lambda2 log s(D(G(E(x))))]`, where `d` is the squared
    distance. These terms train the generator on a minor mode's samples even when `G(z)`
    almost never makes them.

    (Eqs. (3) and (4) of the slides write `log d` and `+ lambda2 log D`. Eq. (1) has
    `d`, and eq. (2) is to be encouraged: hence the signs here.)

    Optimizers by default: Adam 1e-3 with b1 = 0.5, as in the experiments of Mixture
    Density GAN on points.

    Logs: those of `VanillaGAN`, `reconstruction` (`E[d(x, G(E(x)))]`) and
    `reconstruction_score` (`E[log s(D(G(E(x))))]`).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.ModeRegularizedGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(4),
        ...     encoder=km.networks.mlp_encoder((2,), latent_dim=4), seed=0)
        >>> tuple(gan.reconstruct(km.datasets.ring().sample(5)).shape)
        (5, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one logit.
        latents: a prior of `keras_mdgan.latents`.
        encoder: a layer or model from data to latents.
        geometric_weight: `lambda1`, at least 0.
        mode_weight: `lambda2`, at least 0.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or a weight is negative.

    Reference:
        Che et al., Mode Regularized GANs, 2017, eqs. (1) to (4).
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        encoder,
        *,
        geometric_weight: float = 0.2,
        mode_weight: float = 0.4,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, encoder, **kwargs)
        self.geometric_weight = check_number(
            "geometric_weight", geometric_weight, at_least=0
        )
        self.mode_weight = check_number("mode_weight", mode_weight, at_least=0)

    def discriminator_loss(self, real):
        on_real = self.discriminate(real)
        on_fake = self.discriminate(self.generate_like(real))
        loss = losses.vanilla_discriminator_loss(on_real, on_fake)
        return loss, accuracies(on_real, on_fake)

    def generator_loss(self, real):
        on_fake = self.discriminate(self.generate_for(real))
        again = self.decode(self.infer(real))
        distance = ops.mean(squared_distance(real, again))
        score = -losses.vanilla_generator_loss(self.discriminate(again))
        loss = (
            losses.vanilla_generator_loss(on_fake)
            + self.geometric_weight * distance
            - self.mode_weight * score
        )
        return loss, {"reconstruction": distance, "reconstruction_score": score}

    def get_config(self):
        return {
            **super().get_config(),
            "geometric_weight": self.geometric_weight,
            "mode_weight": self.mode_weight,
        }
