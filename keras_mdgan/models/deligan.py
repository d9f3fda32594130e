"""DeLiGAN: a learned mixture of Gaussians as latent space."""

import keras
from keras import ops

from keras_mdgan.latents import find_mixture
from keras_mdgan.models.vanilla import VanillaGAN
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class DeliGAN(VanillaGAN):
    """The vanilla GAN with latents `z = mu_k + sigma_k eps`, `k` uniform, learned.

    The generator's player owns `mu` and `sigma`. Its loss gains `w E[(1 - sigma)^2]`;
    without this term the standard deviations would shrink to zero.

    Optimizers by default: Adam 1e-4 with b1 = 0.5, of the authors' code for points
    in two dimensions.

    Logs: those of `VanillaGAN` and `mean_stddev`, the mean of `sigma`.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.DeliGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.GaussianMixture(
        ...         2, components=50, stddev=0.2, trainable=True), seed=0)
        >>> gan.sample(3, seed=0).shape
        (3, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one logit.
        latents: a trainable `keras_mdgan.latents.GaussianMixture`, or a `Joint` with
            one. The paper's has 50 components and means from `U[-1, 1]`.
        stddev_weight: `w`, at least 0.
        **kwargs: `generator_loss`, see `VanillaGAN`; `critic_steps`, `ema_momentum`,
            `seed`, `name`, see `GAN`.

    Raises:
        ValueError: if the networks do not fit, the latents hold no trainable mixture,
            or `stddev_weight` is negative.

    Reference:
        Gurumurthy, Sarvadevabhatla and Babu, DeLiGAN, 2017, eqs. (4) and (6).
    """

    def __init__(
        self, generator, discriminator, latents, *, stddev_weight=0.1, **kwargs
    ):
        self._check_latents(latents)
        super().__init__(generator, discriminator, latents, **kwargs)
        self.stddev_weight = check_number("stddev_weight", stddev_weight, at_least=0)

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(1e-4, 0.5) for p in self.players()}

    @classmethod
    def _check_latents(cls, latents):
        if not find_mixture(latents, cls.__name__).trainable:
            raise ValueError(
                f"`latents` of {cls.__name__} must be trained: pass `trainable=True` "
                f"to the GaussianMixture. Received: latents={latents!r}"
            )

    def generator_loss(self, real):
        loss, logs = super().generator_loss(real)
        mixture = find_mixture(self.latents, type(self).__name__)
        stddevs = ops.exp(mixture.log_stddevs.value)
        penalty = ops.mean(ops.square(1.0 - stddevs))
        return loss + self.stddev_weight * penalty, {
            **logs,
            "mean_stddev": ops.mean(stddevs),
        }

    def get_config(self):
        return {**super().get_config(), "stddev_weight": self.stddev_weight}
