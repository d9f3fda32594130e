"""MMGAN: clusters of the data as the generator's codes."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.latents import Categorical, Joint
from keras_mdgan.models.encoding import EncoderGAN
from keras_mdgan.training import checks
from keras_mdgan.validation import check_integer, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class MultiModalGAN(EncoderGAN):
    """The encoder assigns a sample to one of `K` clusters; the generator follows it.

    Let `y = E(x)` be probabilities, `y'` uniform one-hot codes, `z` noise,
    `x_f = G(z, y)` and `x_p = G(z, y')`. The discriminator is relativistic and
    minimises `-E[log s(D(x) - D(x_f))]`. Generator and encoder minimise
    `-E[log s(D(x_f) - D(x)) + a log E(y' given x_p)]`.

    The discriminator never judges `x_p`, but `sample` draws it. Samples are therefore
    only good if the encoder's probabilities of real data are close to one-hot codes.

    Optimizers by default: Adam 1e-3 with b1 = 0.5, as in the experiments of Mixture
    Density GAN on points.

    Logs: `discriminator_loss` and `generator_loss`, `code_log_likelihood`
    (`E[log E(y' given x_p)]`) and `code_confidence` (the mean largest probability of
    real data).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.MultiModalGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2),
        ...     encoder=km.networks.mlp_encoder((2,), latent_dim=10),
        ...     clusters=10, seed=0)
        >>> tuple(gan.cluster(km.datasets.ring().sample(5)).shape)
        (5,)

    Args:
        generator: a layer or model from noise and a code of `K` numbers, joined, to
            data.
        discriminator: a layer or model from data to one logit.
        latents: the noise, a prior of `keras_mdgan.latents`.
        encoder: a layer or model from data to `K` logits.
        clusters: `K`.
        code_weight: `a`, at least 0.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or a number is out of its range.

    Reference:
        Pandeva and Schubert, MMGAN, 2019, algorithm 1.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        encoder,
        *,
        clusters: int = 10,
        code_weight: float = 1.0,
        **kwargs,
    ):
        checks.require_prior(latents)
        clusters = check_integer("clusters", clusters)
        joint = Joint([latents, Categorical(clusters)])
        super().__init__(generator, discriminator, joint, encoder, **kwargs)
        self.clusters = clusters
        self.code_weight = check_number("code_weight", code_weight, at_least=0)

    @property
    def encoder_outputs(self):
        return self.latents.priors[1].dim

    def _noise_and_code(self, real):
        return self.latents.split(self.draw_latents(real))

    def _of_own_cluster(self, real, noise):
        """`G(z, E(x))`, and the logarithms of `E(x)`."""
        log_code = ops.log_softmax(self.infer(real), axis=-1)
        joined = ops.concatenate([noise, ops.exp(log_code)], axis=-1)
        return self.decode(joined), log_code

    def discriminator_loss(self, real):
        noise, _ = self._noise_and_code(real)
        fake, _ = self._of_own_cluster(real, noise)
        on_fake = self.discriminate(ops.stop_gradient(fake))
        return losses.relativistic_loss(self.discriminate(real), on_fake), {}

    def generator_loss(self, real):
        noise, code = self._noise_and_code(real)
        fake, log_own = self._of_own_cluster(real, noise)
        # A uniform code, as `sample` draws it: the encoder must find it again.
        of_code = self.decode(ops.concatenate([noise, code], axis=-1))
        log_code = ops.log_softmax(self.infer(of_code), axis=-1)
        likelihood = ops.mean(ops.sum(code * log_code, axis=-1))
        loss = losses.relativistic_loss(
            self.discriminate(fake), self.discriminate(real)
        )
        return loss - self.code_weight * likelihood, {
            "code_log_likelihood": likelihood,
            "code_confidence": ops.mean(ops.exp(ops.max(log_own, axis=-1))),
        }

    def encode(self, x):
        """Probabilities of the clusters, `(batch_size, K)` float32.

        Args:
            x: data `(batch_size, *data_shape)`.
        """
        return ops.softmax(super().encode(x), axis=-1)

    def cluster(self, x):
        """The likeliest cluster of each sample, integers `(batch_size,)`.

        Args:
            x: data `(batch_size, *data_shape)`.
        """
        return ops.argmax(self.encode(x), axis=-1)

    def reconstruct(self, x):
        """Not defined: the encoder gives clusters, not whole latents."""
        raise NotImplementedError(
            "MultiModalGAN's encoder gives clusters and no noise; see `cluster`."
        )

    def get_config(self):
        noise = self.latents.priors[0]
        return {
            **super().get_config(),
            "latents": keras.saving.serialize_keras_object(noise),
            "clusters": self.clusters,
            "code_weight": self.code_weight,
        }
