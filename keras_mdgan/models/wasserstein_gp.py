"""Wasserstein GAN with gradient penalty."""

import keras
from keras import ops

from keras_mdgan import losses, penalties
from keras_mdgan.training import GAN, Player, checks
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class WassersteinGANGP(GAN):
    """A penalty on the critic's gradient keeps its slope at one.

    The critic minimises `E[D(G(z))] - E[D(x)] + w E[(norm(grad D(u)) - 1)^2]` with
    `u` uniform on segments between real and generated samples. The generator minimises
    `-E[D(G(z))]`. The critic takes `critic_steps` steps per step of the generator: a
    training batch of `n` samples is cut into `critic_steps` parts. The paper's batches
    of 64 with 5 steps are therefore `batch_size=320` here.

    Optimizers by default: Adam 1e-4 with b1 = 0 and b2 = 0.9, the paper's for all
    its experiments (algorithm 1).

    Logs: `critic_loss`, `generator_loss`, `wasserstein_distance` (the critic's
    estimate `E[D(x)] - E[D(G(z))]`) and `gradient_penalty` (without its weight).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.WassersteinGANGP(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2), critic_steps=2, seed=0)
        >>> gan.compile()
        >>> history = gan.fit(km.datasets.ring().sample(64), batch_size=32, verbose=0)
        >>> sorted(history.history)
        ['critic_loss', 'generator_loss', 'gradient_penalty', 'loss', 'wasserst...']

    Args:
        generator: a layer or model from latents to data.
        discriminator: the critic, a layer or model from data to one value,
            `(batch_size, 1)`. On TensorFlow, Keras' own normalisation layers are
            refused; see `keras_mdgan.layers`.
        latents: a prior of `keras_mdgan.latents`.
        penalty_weight: `w`, at least 0.
        critic_steps: the critic's updates per training step.
        **kwargs: `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `penalty_weight` is negative.

    Reference:
        Gulrajani et al., Improved Training of Wasserstein GANs, 2017, eq. (3) and
        algorithm 1.
    """

    differentiates_twice = True

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        penalty_weight: float = 10.0,
        critic_steps: int = 5,
        **kwargs,
    ):
        super().__init__(
            generator, discriminator, latents, critic_steps=critic_steps, **kwargs
        )
        checks.require_one_output(self)
        self.penalty_weight = check_number("penalty_weight", penalty_weight, at_least=0)

    def players(self):
        return [
            Player("critic", [self.discriminator], steps=self.critic_steps),
            Player("generator", [self.generator, self.latents]),
        ]

    def default_optimizers(self):
        return {
            player.name: keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9)
            for player in self.players()
        }

    def critic_loss(self, real):
        fake = self.generate_like(real)
        loss = losses.wasserstein_critic_loss(
            self.discriminate(real), self.discriminate(fake)
        )
        penalty = penalties.interpolated_penalty(
            self.discriminate, real, fake, self.draws
        )
        return loss + self.penalty_weight * penalty, {
            "wasserstein_distance": -loss,
            "gradient_penalty": penalty,
        }

    def generator_loss(self, real):
        return -ops.mean(self.discriminate(self.generate_for(real))), {}

    def get_config(self):
        return {**super().get_config(), "penalty_weight": self.penalty_weight}
