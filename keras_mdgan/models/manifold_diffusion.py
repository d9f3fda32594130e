"""MDGAN of Che et al.: a manifold step and a diffusion step."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.encoding import EncoderGAN, squared_distance
from keras_mdgan.training import Player, checks
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class ManifoldDiffusionGAN(EncoderGAN):
    """First move the generator's manifold to the data, then spread samples on it.

    Manifold step: a discriminator `D1` tells `x` from `G(E(x))`. Generator and encoder
    minimise `-E[log s(D1(G(E(x))))] + lambda E[d(x, G(E(x)))]`, with `d` the squared
    distance. Diffusion step: a second discriminator `D2` tells `G(E(x))` (as real) from
    `G(z)`, and the generator also minimises `-E[log s(D2(G(z)))]`. `D2` judges only
    samples on the generator's manifold, so its gradients are smooth.

    `MixtureDensityGAN` is another method with the same abbreviation.

    Optimizers by default: Adam 1e-3 with b1 = 0.5, as in the experiments of Mixture
    Density GAN on points.

    Logs: `manifold_discriminator_loss`, `diffusion_discriminator_loss`,
    `generator_loss` (of both steps) and `reconstruction` (`E[d(x, G(E(x)))]`).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.ManifoldDiffusionGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(4),
        ...     encoder=km.networks.mlp_encoder((2,), latent_dim=4),
        ...     diffusion_discriminator=km.networks.mlp_discriminator((2,)), seed=0)
        >>> [player.name for player in gan.players()]
        ['manifold_discriminator', 'diffusion_discriminator', 'generator']

    Args:
        generator: a layer or model from latents to data.
        discriminator: `D1`, a layer or model from data to one logit.
        latents: a prior of `keras_mdgan.latents`.
        encoder: a layer or model from data to latents.
        diffusion_discriminator: `D2`, a layer or model from data to one logit.
        geometric_weight: `lambda`, at least 0.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or the weight is negative.

    Reference:
        Che et al., Mode Regularized GANs, 2017, section 3.3 and algorithm 1.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        encoder,
        diffusion_discriminator,
        *,
        geometric_weight: float = 1e-2,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, encoder, **kwargs)
        self.geometric_weight = check_number(
            "geometric_weight", geometric_weight, at_least=0
        )
        self.diffusion_discriminator = diffusion_discriminator
        shape = checks.output_shape(
            diffusion_discriminator, self.data_shape, "diffusion_discriminator"
        )
        if shape != (1,):
            raise ValueError(
                "`diffusion_discriminator` must have one output, (batch_size, 1). "
                f"Received: a network with output shape {shape} a sample"
            )

    def players(self):
        discriminator, generator = super().players()
        steps = discriminator.steps
        return [
            Player("manifold_discriminator", discriminator.networks, steps),
            Player("diffusion_discriminator", [self.diffusion_discriminator], steps),
            generator,
        ]

    def _diffusion_discriminate(self, x):
        return ops.cast(self.diffusion_discriminator(x, training=True), "float32")

    def _again(self, real):
        return self.decode(self.infer(real))

    def manifold_discriminator_loss(self, real):
        again = ops.stop_gradient(self._again(real))
        return losses.vanilla_discriminator_loss(
            self.discriminate(real), self.discriminate(again)
        ), {}

    def diffusion_discriminator_loss(self, real):
        # The reconstruction is the real sample here: it lies on the manifold already.
        again, fake = ops.stop_gradient(self._again(real)), self.generate_like(real)
        return losses.vanilla_discriminator_loss(
            self._diffusion_discriminate(again), self._diffusion_discriminate(fake)
        ), {}

    def generator_loss(self, real):
        again, fake = self._again(real), self.generate_for(real)
        distance = ops.mean(squared_distance(real, again))
        manifold = losses.vanilla_generator_loss(self.discriminate(again))
        diffusion = losses.vanilla_generator_loss(self._diffusion_discriminate(fake))
        loss = manifold + self.geometric_weight * distance + diffusion
        return loss, {"reconstruction": distance}

    def get_config(self):
        other = self.diffusion_discriminator
        return {
            **super().get_config(),
            "diffusion_discriminator": keras.saving.serialize_keras_object(other),
            "geometric_weight": self.geometric_weight,
        }
