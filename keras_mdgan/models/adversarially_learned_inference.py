"""Adversarially learned inference (ALI, BiGAN)."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.encoding import EncoderGAN
from keras_mdgan.models.vanilla import accuracies


@keras.saving.register_keras_serializable("keras_mdgan")
class AdversariallyLearnedInference(EncoderGAN):
    """ALI: the discriminator tells the encoder's pairs from the generator's pairs.

    The discriminator judges pairs of data and latents, `(x, E(x))` against `(G(z), z)`.
    It minimises `E[softplus(-D(x, E(x)))] + E[softplus(D(G(z), z))]`. Generator and
    encoder minimise the same loss with the labels exchanged. The encoder is a diagonal
    Gaussian, `E(x) = mean(x) + exp(log_variance(x) / 2) eps`. At the optimum both joint
    distributions are the same, and encoder and generator are each other's inverse.

    Optimizers by default: Adam 1e-4 with b1 = 0.5, of the experiments on images.

    Logs: `discriminator_loss`, `generator_loss`, `real_accuracy` and `fake_accuracy`
    (the shares of the encoder's and the generator's pairs classified correctly).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.AdversariallyLearnedInference(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_pair_discriminator((2,), latent_dim=4),
        ...     latents=km.latents.Normal(4),
        ...     encoder=km.networks.mlp_encoder((2,), latent_dim=8), seed=0)
        >>> tuple(gan.encode(km.datasets.ring().sample(5)).shape)
        (5, 4)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a model from the list `[data, latents]` to one logit.
        latents: a prior of `keras_mdgan.latents`.
        encoder: a layer or model from data to `2 * latent_dim` numbers: means, then
            logarithms of variances.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit.

    Reference:
        Dumoulin et al., Adversarially Learned Inference, 2016, section 2, algorithm 1.
    """

    judges_pairs = True

    @property
    def encoder_outputs(self):
        return 2 * self.latents.dim

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(1e-4, 0.5) for p in self.players()}

    def encode(self, x):
        return super().encode(x)[:, : self.latents.dim]

    def _judged(self, real):
        dim = self.latents.dim
        outputs = self.infer(real)
        noise = ops.convert_to_tensor(self.draws.normal(ops.shape(outputs[:, :dim])))
        inferred = outputs[:, :dim] + ops.exp(0.5 * outputs[:, dim:]) * noise
        latents = self.draw_latents(real)
        return real, inferred, self.decode(latents), latents

    def discriminator_loss(self, real):
        x, inferred, fake, latents = map(ops.stop_gradient, self._judged(real))
        on_real, on_fake = self.judge(x, inferred), self.judge(fake, latents)
        return losses.vanilla_discriminator_loss(on_real, on_fake), accuracies(
            on_real, on_fake
        )

    def generator_loss(self, real):
        x, inferred, fake, latents = self._judged(real)
        on_real, on_fake = self.judge(x, inferred), self.judge(fake, latents)
        # Swapped arguments: the labels are exchanged. Both terms reach this player,
        # the first through the generator and the second through the encoder.
        return losses.vanilla_discriminator_loss(on_fake, on_real), {}
