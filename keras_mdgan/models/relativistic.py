"""R3GAN: a relativistic pairing under two zero-centred gradient penalties."""

import keras
from keras import ops

from keras_mdgan import losses, penalties
from keras_mdgan.models.vanilla import share
from keras_mdgan.training import GAN, checks
from keras_mdgan.validation import check_integer, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class RelativisticGAN(GAN):
    """R3GAN's losses: each generated sample is compared with a real one.

    The discriminator minimises
    `E[softplus(-(D(x) - D(G(z))))] + (g / 2) (R1 + R2)` with `R1 = E[norm(grad
    D(x))^2]` and `R2` the same at generated samples. The generator minimises
    `E[softplus(-(D(G(z)) - D(x)))]`. The real samples of a lost mode stay in the
    generator's loss and so bring the mode back. The penalties make training converge
    locally.

    Optimizers by default: Adam 2e-4 with b1 = 0 and b2 = 0.99, of R3GAN's
    experiments on images.

    Logs: `discriminator_loss` (0.693 at equilibrium), `generator_loss`, `r1`, `r2`, and
    `pair_accuracy`, the share of pairs in which the real sample looks more real.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.RelativisticGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2), penalty_weight=0.1, seed=0)
        >>> gan.sample(3, seed=0).shape
        (3, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one logit. On TensorFlow, Keras'
            own normalisation layers are refused; see `keras_mdgan.layers`.
        latents: a prior of `keras_mdgan.latents`.
        penalty_weight: `g`, at least 0, in units of the data squared: choose it per
            data set.
        penalty_every: R1 and R2 are taken at every so many samples of a batch: an
            unbiased estimate at a fraction of the cost.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `penalty_weight` is negative.

    Reference:
        Huang et al., The GAN is dead; long live the GAN! A modern GAN baseline, 2024,
        section 2.
    """

    differentiates_twice = True

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        penalty_weight: float = 1.0,
        penalty_every: int = 1,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        checks.require_one_output(self)
        self.penalty_weight = check_number("penalty_weight", penalty_weight, at_least=0)
        self.penalty_every = check_integer("penalty_every", penalty_every)

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(2e-4, 0.0, 0.99) for p in self.players()}

    def discriminator_loss(self, real):
        real, fake = ops.cast(real, "float32"), self.generate_like(real)
        on_real, on_fake = self.discriminate(real), self.discriminate(fake)
        r1, r2 = (
            penalties.zero_centred_penalty(
                self.discriminate, penalties.every_kth(x, self.penalty_every)
            )
            for x in (real, fake)
        )
        loss = losses.relativistic_loss(on_real, on_fake)
        return loss + 0.5 * self.penalty_weight * (r1 + r2), {
            "r1": r1,
            "r2": r2,
            "pair_accuracy": share(on_real > on_fake),
        }

    def generator_loss(self, real):
        on_fake = self.discriminate(self.generate_for(real))
        return losses.relativistic_loss(on_fake, self.discriminate(real)), {}

    def get_config(self):
        return {
            **super().get_config(),
            "penalty_weight": self.penalty_weight,
            "penalty_every": self.penalty_every,
        }
