"""Projection discriminator: labels by an inner product."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.vanilla import accuracies
from keras_mdgan.training import ConditionalGAN, checks


@keras.saving.register_keras_serializable("keras_mdgan")
class ProjectionGAN(ConditionalGAN):
    """A discriminator of data and labels, with the hinge loss.

    The discriminator `D(x, y)` minimises
    `E[max(0, 1 - D(x, y))] + E[max(0, 1 + D(G(z, y), y))]`, the generator
    `-E[D(G(z, y), y)]`. `networks.projection_discriminator` gives `D` the form of the
    paper, `v_y . phi(x) + psi(phi(x))`. In the paper its layers also have spectral
    norm one: give that function `layers.spectrally_normalized(network)`. It is not
    part of this class, so that all methods can have the same networks.

    Optimizers by default: Adam 2e-4 with b1 = 0 and b2 = 0.9, of the experiments on
    ImageNet. These have five steps of the discriminator, with spectral norms:
    `critic_steps=5`.

    Logs: `discriminator_loss` (2 at equilibrium), `generator_loss`, `real_accuracy` and
    `fake_accuracy` (the shares of real and generated samples classified correctly).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.ProjectionGAN(
        ...     generator=km.networks.ConditionalGenerator(
        ...         km.networks.mlp_generator((2,), output_range=2), n_classes=8),
        ...     discriminator=km.networks.projection_discriminator(
        ...         km.networks.mlp_discriminator((2,)), n_classes=8),
        ...     latents=km.latents.Uniform(2), seed=0)
        >>> gan.sample(3, seed=0, labels=5).shape
        (3, 2)
        >>> x = km.datasets.ring().sample(4)
        >>> tuple(gan.embed(x).shape)  # the value with each class
        (4, 8)

    Args:
        generator: a layer or model from `[latents, labels]` to data, such as
            `networks.ConditionalGenerator`.
        discriminator: a layer or model from `[data, labels]` to one value, such as
            `networks.ProjectionDiscriminator`.
        latents: a prior of `keras_mdgan.latents`.
        **kwargs: `n_classes`, the number of classes, by default the generator's; also
            `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit each other or the number of classes.

    Reference:
        Miyato and Koyama, cGANs with Projection Discriminator, 2018, eqs. (3) and (4),
        and the hinge loss of section 5.
    """

    def __init__(self, generator, discriminator, latents, **kwargs):
        super().__init__(generator, discriminator, latents, **kwargs)
        checks.require_one_output(self)
        known = getattr(discriminator, "n_classes", self.n_classes)
        if known != self.n_classes:
            raise ValueError(
                f"`discriminator` must have the generator's {self.n_classes} classes. "
                f"Received: a discriminator with {known} classes"
            )

    @property
    def discriminator_input(self):
        return [self.data_shape, ()]

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(2e-4, 0.0, 0.9) for p in self.players()}

    def discriminator_loss(self, batch):
        labels = batch[1]
        on_real = self.discriminate(list(batch))
        on_fake = self.discriminate([self.generate_like(batch), labels])
        return losses.hinge_discriminator_loss(on_real, on_fake), accuracies(
            on_real, on_fake
        )

    def generator_loss(self, batch):
        return -ops.mean(self.discriminate([self.generate_for(batch), batch[1]])), {}
