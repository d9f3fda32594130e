"""DRAGAN: a gradient penalty around the data."""

import keras

from keras_mdgan import penalties
from keras_mdgan.models.vanilla import VanillaGAN
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class DRAGAN(VanillaGAN):
    """The vanilla GAN, with a discriminator of slope one around the data.

    The discriminator's loss gains `w E[(norm(grad D(x + d)) - 1)^2]` with
    `d = 0.5 std(x) U(0, 1)`, where `std(x)` is taken over all numbers in the batch. The
    generator's loss is unchanged. The penalty prevents sharp slopes around real data:
    the authors saw such slopes before collapses.

    Optimizers by default: Adam 1e-4 with b1 = 0.5 and b2 = 0.9, of the authors'
    code for MNIST.

    Logs: those of `VanillaGAN` and `gradient_penalty` (without its weight).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.DRAGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2), seed=0)
        >>> gan.compile()
        >>> gan.sample(3, seed=0).shape
        (3, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one logit. On TensorFlow, Keras'
            own normalisation layers are refused; see `keras_mdgan.layers`.
        latents: a prior of `keras_mdgan.latents`.
        penalty_weight: `w`, at least 0.
        **kwargs: `generator_loss`, see `VanillaGAN`; `critic_steps`, `ema_momentum`,
            `seed`, `name`, see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `penalty_weight` is negative.

    Reference:
        Kodali et al., On Convergence and Stability of GANs, 2017, section 2.5 and
        algorithm 1.
    """

    differentiates_twice = True

    def __init__(
        self, generator, discriminator, latents, *, penalty_weight=10.0, **kwargs
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        self.penalty_weight = check_number("penalty_weight", penalty_weight, at_least=0)

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(1e-4, 0.5, 0.9) for p in self.players()}

    def discriminator_loss(self, real):
        loss, logs = self.classification_loss(real)
        penalty = penalties.local_penalty(self.discriminate, real, self.draws)
        return loss + self.penalty_weight * penalty, {
            **logs,
            "gradient_penalty": penalty,
        }

    def get_config(self):
        return {**super().get_config(), "penalty_weight": self.penalty_weight}
