"""Spectral normalisation for GANs."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.layers import SpectralNormalization, spectrally_normalized
from keras_mdgan.models.vanilla import accuracies
from keras_mdgan.training import GAN, checks
from keras_mdgan.validation import check_choice


@keras.saving.register_keras_serializable("keras_mdgan")
class SpectralNormGAN(GAN):
    """A discriminator whose layers have the spectral norm one.

    Every kernel of the discriminator is divided by its largest singular value
    (`keras_mdgan.layers.SpectralNormalization`). This bounds the discriminator's slope
    by the product of its activations' slopes. With the hinge loss (the default) the
    discriminator minimises `E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]` and the
    generator `-E[D(G(z))]`. The vanilla losses are the other choice.

    Optimizers by default: Adam 2e-4 with b1 = 0 and b2 = 0.9, and five steps of the
    discriminator, of the experiments on images with residual networks and this loss.
    With other networks the paper also has b1 = 0.5, b2 = 0.999 and one step (table 1).

    Logs: `discriminator_loss`, `generator_loss`, `real_accuracy` and `fake_accuracy`
    (the shares of real and generated samples classified correctly).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.SpectralNormGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Uniform(2), loss="non_saturating", seed=0)
        >>> type(gan.discriminator.layers[0]).__name__
        'SpectralNormalization'

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one value. If none of its layers
            is a `SpectralNormalization`, it must be a Sequential or functional model.
            The GAN then uses a copy with every dense and convolutional layer wrapped.
        latents: a prior of `keras_mdgan.latents`.
        loss: `"hinge"`, or `"non_saturating"` for the vanilla losses.
        critic_steps: the discriminator's updates per training step.
        **kwargs: `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or for an unknown `loss`.

    Reference:
        Miyato et al., Spectral Normalization for GANs, 2018, eqs. (8), (16) and (17),
        algorithm 1.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        loss="hinge",
        critic_steps: int = 5,
        **kwargs,
    ):
        check_choice("loss", loss, ("hinge", "non_saturating"))
        layers = getattr(discriminator, "_flatten_layers", list)()
        if not any(isinstance(layer, SpectralNormalization) for layer in layers):
            discriminator = spectrally_normalized(discriminator)
        super().__init__(
            generator, discriminator, latents, critic_steps=critic_steps, **kwargs
        )
        checks.require_one_output(self)
        self.objective = loss

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(2e-4, 0.0, 0.9) for p in self.players()}

    def discriminator_loss(self, real):
        on_real = self.discriminate(real)
        on_fake = self.discriminate(self.generate_like(real))
        if self.objective == "hinge":
            loss = losses.hinge_discriminator_loss(on_real, on_fake)
        else:
            loss = losses.vanilla_discriminator_loss(on_real, on_fake)
        return loss, accuracies(on_real, on_fake)

    def generator_loss(self, real):
        on_fake = self.discriminate(self.generate_for(real))
        if self.objective == "hinge":
            return -ops.mean(on_fake), {}
        return losses.vanilla_generator_loss(on_fake), {}

    def get_config(self):
        return {**super().get_config(), "loss": self.objective}
