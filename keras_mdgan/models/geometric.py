"""Geometric GAN: the hinge loss of a support vector machine."""

import keras
from keras import ops

from keras_mdgan import losses, penalties
from keras_mdgan.models.vanilla import accuracies
from keras_mdgan.training import GAN, checks
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class GeometricGAN(GAN):
    """A hinge loss for the discriminator, a plain slope for the generator.

    The discriminator minimises `E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]`, and its
    weights may be clipped. The generator minimises `-E[D(G(z))]`. Only samples within
    the margin, the support vectors, change the discriminator.

    Optimizers by default: RMSprop 2e-4, of the experiments on images. On a mixture
    of Gaussians the authors' code has 1e-3.

    Logs: `discriminator_loss` (2 at equilibrium), `generator_loss`, `real_accuracy` and
    `fake_accuracy` (the shares of real and generated samples classified correctly).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.GeometricGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Uniform(2), seed=0)
        >>> gan.sample(3, seed=0).shape
        (3, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one value.
        latents: a prior of `keras_mdgan.latents`.
        weight_clip: if given, the discriminator's weights are clipped to
            `[-weight_clip, weight_clip]` after each of its updates.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `weight_clip` is not positive.

    Reference:
        Lim and Ye, Geometric GAN, 2017, eqs. (24) and (25), section 4.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        weight_clip: float | None = None,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        checks.require_one_output(self)
        if weight_clip is not None:
            weight_clip = check_number("weight_clip", weight_clip, above=0)
        self.weight_clip = weight_clip

    def default_optimizers(self):
        return {p.name: keras.optimizers.RMSprop(2e-4) for p in self.players()}

    def discriminator_loss(self, real):
        on_real = self.discriminate(real)
        on_fake = self.discriminate(self.generate_like(real))
        return losses.hinge_discriminator_loss(on_real, on_fake), accuracies(
            on_real, on_fake
        )

    def generator_loss(self, real):
        return -ops.mean(self.discriminate(self.generate_for(real))), {}

    def after_update(self, player):
        if player.name == "discriminator" and self.weight_clip is not None:
            penalties.clip_weights(self.discriminator, self.weight_clip)

    def get_config(self):
        return {**super().get_config(), "weight_clip": self.weight_clip}
