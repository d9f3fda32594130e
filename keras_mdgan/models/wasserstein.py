"""Wasserstein GAN with clipped weights."""

import keras
from keras import ops

from keras_mdgan import losses, penalties
from keras_mdgan.training import GAN, Player, checks
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class WassersteinGAN(GAN):
    """A critic instead of a discriminator, its slope bounded by clipped weights.

    The critic minimises `E[D(G(z))] - E[D(x)]`. After each of its updates its weights
    are clipped to `[-c, c]`. The generator minimises `-E[D(G(z))]`. The critic takes
    `critic_steps` steps per step of the generator: a training batch is cut into
    `critic_steps` parts.

    Optimizers by default: RMSprop 5e-5, of the paper's experiments on images.

    Logs: `critic_loss`, `generator_loss` and `wasserstein_distance`. The last is the
    critic's estimate `E[D(x)] - E[D(G(z))]`, up to a factor: the bound that clipping
    puts on slopes.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.WassersteinGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2), weight_clip=0.02, seed=0)
        >>> [(player.name, player.steps) for player in gan.players()]
        [('critic', 5), ('generator', 1)]

    Args:
        generator: a layer or model from latents to data.
        discriminator: the critic, a layer or model from data to one value.
        latents: a prior of `keras_mdgan.latents`.
        weight_clip: `c`, above 0.
        critic_steps: the critic's updates per training step.
        **kwargs: `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `weight_clip` is not positive.

    Reference:
        Arjovsky, Chintala and Bottou, Wasserstein GAN, 2017, eq. (2) and algorithm 1.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        weight_clip: float = 0.01,
        critic_steps: int = 5,
        **kwargs,
    ):
        super().__init__(
            generator, discriminator, latents, critic_steps=critic_steps, **kwargs
        )
        checks.require_one_output(self)
        self.weight_clip = check_number("weight_clip", weight_clip, above=0)

    def players(self):
        return [
            Player("critic", [self.discriminator], steps=self.critic_steps),
            Player("generator", [self.generator, self.latents]),
        ]

    def default_optimizers(self):
        return {p.name: keras.optimizers.RMSprop(5e-5) for p in self.players()}

    def critic_loss(self, real):
        loss = losses.wasserstein_critic_loss(
            self.discriminate(real), self.discriminate(self.generate_like(real))
        )
        return loss, {"wasserstein_distance": -loss}

    def generator_loss(self, real):
        return -ops.mean(self.discriminate(self.generate_for(real))), {}

    def after_update(self, player):
        if player.name == "critic":
            penalties.clip_weights(self.discriminator, self.weight_clip)

    def get_config(self):
        return {**super().get_config(), "weight_clip": self.weight_clip}
