"""Class-conditional Mixture Density GAN: a class a corner."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.log_ratios import log_ratio_at, logit
from keras_mdgan.models.mixture_density import MixtureDensityGAN
from keras_mdgan.models.vanilla import share
from keras_mdgan.training import ConditionalGAN


@keras.saving.register_keras_serializable("keras_mdgan")
class ConditionalMixtureDensityGAN(ConditionalGAN, MixtureDensityGAN):
    """MD-GAN with labels: each class has its corner of the simplex.

    In a `MixtureDensityGAN` corners are no names of classes. Here a real sample's
    corner is that of its label, and a generated sample's that of the label that the
    generator was asked for. Let `r = lk_y(D(x)) / lambda` be the likelihood at corner
    `y` alone, under `variance_real`, and `f = lk_y(D(G(z, y))) / lambda` under
    `variance_fake`. The discriminator minimises `-E[log r] - E[log(1 - f)]`. The
    generator minimises `E[log(1 - f)]` (minimax) or `-E[log f]` (non-saturating).

    The discriminator sees data alone, without labels: a sample of a wrong class is far
    from the corner it should be near to. If classes do not overlap, the optimum at `x`
    of class `y` is eq. (5) for each class, `r = p(x, y) / (p(x, y) + p_gen(x, y))`.
    The trained discriminator is also a classifier: `cluster(x)` is the class. This
    model is no published one.

    Optimizers by default: those of `MixtureDensityGAN`.

    Logs: `discriminator_loss` (`2 log 2 = 1.386` at equilibrium), `generator_loss`,
    `real_likelihood` and `fake_likelihood` (means of `r` and `f`, 0.5 at equilibrium),
    `class_accuracy` and `fake_class_accuracy` (the shares of real and of generated
    samples whose nearest corner is that of their label), with a penalty also `r1`.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.ConditionalMixtureDensityGAN(
        ...     generator=km.networks.ConditionalGenerator(
        ...         km.networks.mlp_generator((2,), output_range=2), n_classes=8),
        ...     discriminator=km.networks.mlp_discriminator((2,), outputs=7),
        ...     latents=km.latents.Uniform(2), seed=0)
        >>> gan.compile()
        >>> x, y = km.datasets.ring().sample_with_labels(64)
        >>> history = gan.fit(x, y, batch_size=32, verbose=0)
        >>> gan.sample(3, seed=0, labels=[5, 5, 1]).shape
        (3, 2)

    Args:
        generator: a layer or model from `[latents, labels]` to data, such as
            `networks.ConditionalGenerator`.
        discriminator: a layer or model from data to `n_classes - 1` outputs without
            activation; with an `offset`, to `n_classes`.
        latents: a prior of `keras_mdgan.latents`.
        **kwargs: `n_classes`, the number of classes, by default the generator's; also
            `variance_real`, `variance_fake`, `scale`, `offset`, `generator_loss`,
            `embedding_range`, `penalty_weight`, `penalty_on`, `penalty_samples`,
            `penalty_every`, `relativistic`; see `MixtureDensityGAN`. `assignment` can
            only be `"max"`: labels assign samples to corners. Also `critic_steps`,
            `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit each other or the number of classes, or
            an option is unknown or out of its range.

    Reference:
        Eghbal-zadeh et al., Mixture Density Generative Adversarial Networks, 2019,
        eqs. (3) and (4), with labels in the place of section 3.6.
    """

    def __init__(self, generator, discriminator, latents, **kwargs):
        for name in ("augmentation", "consistency_weight"):
            if kwargs.get(name):
                raise ValueError(
                    f"`{name}` is for corners without labels, of MixtureDensityGAN. "
                    f"Received: {name}={kwargs[name]!r}"
                )
        super().__init__(generator, discriminator, latents, **kwargs)
        if self.components != self.n_classes:
            needed = self.n_classes - (0 if self.mixture_real.offset else 1)
            raise ValueError(
                f"`discriminator` must have {needed} outputs for "
                f"{self.n_classes} classes, a corner each. "
                f"Received: a discriminator with {self.n_outputs} outputs"
            )
        if self.assignment != "max":
            raise ValueError(
                "`assignment` must be 'max': labels assign samples to corners. "
                f"Received: assignment={self.assignment!r}"
            )

    def discriminator_loss(self, batch):
        real, labels = batch
        corners = ops.cast(labels, "int32")
        fake = self.generate_like(batch)
        on_real, on_fake = self.discriminate(real), self.discriminate(fake)
        log_real = log_ratio_at(self.mixture_real, on_real, corners)
        log_fake = log_ratio_at(self.mixture_fake, on_fake, corners)
        if self.relativistic:
            loss = losses.relativistic_loss(logit(log_real), logit(log_fake))
        else:
            loss = losses.density_discriminator_loss(log_real, log_fake)
        logs = {}
        if self.penalty_weight:
            logs = self._penalties(real, fake, corners, corners)
        loss = loss + 0.5 * self.penalty_weight * sum(logs.values())
        return loss, {
            **logs,
            "real_likelihood": ops.mean(ops.exp(log_real)),
            "fake_likelihood": ops.mean(ops.exp(log_fake)),
            "class_accuracy": share(self.mixture_real.assign(on_real) == corners),
            "fake_class_accuracy": share(self.mixture_fake.assign(on_fake) == corners),
        }

    def generator_loss(self, batch):
        real, labels = batch
        corners = ops.cast(labels, "int32")
        on_fake = self.discriminate(self.generate_for(batch))
        log_fake = log_ratio_at(self.mixture_fake, on_fake, corners)
        if not self.relativistic:
            return losses.density_generator_loss(log_fake, self.generator_objective), {}
        log_real = log_ratio_at(self.mixture_real, self.discriminate(real), corners)
        return losses.relativistic_loss(logit(log_fake), logit(log_real)), {}
