"""InfoGAN: latent codes that can be recognised from the samples."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.latents import Categorical, Joint, Uniform
from keras_mdgan.models.vanilla import accuracies
from keras_mdgan.training import GAN, checks
from keras_mdgan.validation import check_choice, check_number

_HALF_LOG_2PI = 0.9189385332046727


@keras.saving.register_keras_serializable("keras_mdgan")
class InfoGAN(GAN):
    """The vanilla GAN, whose generator also makes its codes `c` recognisable.

    Latents are noise and codes. The discriminator has one logit and further outputs,
    the recogniser `Q(c given x)`, which shares its hidden layers. They are logits for a
    categorical code, and the mean of a Gaussian of variance one for a continuous code.
    Both losses gain `-w E[log Q(c given G(z, c))]`, a bound of the mutual information
    between codes and samples. In the generator's loss it makes codes visible in the
    samples. In the discriminator's loss it trains `Q` (as in the authors' code).

    Optimizers by default: Adam with b1 = 0.5, 2e-4 for the discriminator and 1e-3
    for the generator, of the experiments on images.

    Logs: those of `VanillaGAN` and `code_log_likelihood`, `E[log Q]` on generated
    samples.

    Examples:
        >>> import keras_mdgan as km
        >>> codes = [km.latents.Categorical(8), km.latents.Uniform(1)]
        >>> gan = km.InfoGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,), outputs=1 + 8 + 1),
        ...     latents=km.latents.Uniform(2), codes=codes, seed=0)
        >>> tuple(gan.recognize(km.datasets.ring().sample(4))[0].shape)
        (4, 8)

    Args:
        generator: a layer or model from noise and codes, joined, to data.
        discriminator: a layer or model from data to one logit, followed by one output
            per dimension of the codes.
        latents: the noise, a prior of `keras_mdgan.latents`.
        codes: a list of `Categorical` and `Uniform` priors.
        information_weight: `w`, at least 0.
        generator_loss: `"non_saturating"` or `"minimax"`.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `codes` holds another prior.

    Reference:
        Chen et al., InfoGAN, 2016, eqs. (5) and (6), section 6.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        codes,
        information_weight: float = 1.0,
        generator_loss: str = "non_saturating",
        **kwargs,
    ):
        codes = list(codes) if isinstance(codes, (list, tuple)) else [codes]
        if not codes or not all(isinstance(c, (Categorical, Uniform)) for c in codes):
            raise ValueError(
                "`codes` must be a list of Categorical and Uniform priors. "
                f"Received: codes={codes!r}"
            )
        checks.require_prior(latents)
        check_choice("generator_loss", generator_loss, ("non_saturating", "minimax"))
        super().__init__(generator, discriminator, Joint([latents, *codes]), **kwargs)
        wanted = 1 + sum(code.dim for code in codes)
        if self.n_outputs != wanted:
            raise ValueError(
                f"`discriminator` must have {wanted} outputs: a logit and one for each "
                f"dimension of the codes. Received: {self.n_outputs} outputs"
            )
        self.codes = codes
        self.information_weight = check_number(
            "information_weight", information_weight, at_least=0
        )
        self.generator_objective = generator_loss

    def default_optimizers(self):
        return {
            "discriminator": keras.optimizers.Adam(2e-4, 0.5),
            "generator": keras.optimizers.Adam(1e-3, 0.5),
        }

    def _code_log_likelihood(self, outputs, latents):
        """`E[log Q(c given x)]` of the discriminator's outputs, scalar."""
        codes = self.latents.split(latents)[1:]
        total, start = 0.0, 1  # output 0 is the logit
        for prior, code in zip(self.codes, codes):
            about = outputs[:, start : start + prior.dim]
            start += prior.dim
            if isinstance(prior, Categorical):
                each = code * ops.log_softmax(about, axis=-1)
            else:
                each = -0.5 * ops.square(code - about) - _HALF_LOG_2PI
            total = total + ops.mean(ops.sum(each, axis=-1))
        return total

    def discriminator_loss(self, real):
        latents = self.draw_latents(real)
        on_fake = self.discriminate(ops.stop_gradient(self.decode(latents)))
        on_real = self.discriminate(real)[:, 0]
        information = self._code_log_likelihood(on_fake, latents)
        loss = losses.vanilla_discriminator_loss(on_real, on_fake[:, 0])
        return loss - self.information_weight * information, {
            **accuracies(on_real, on_fake[:, 0]),
            "code_log_likelihood": information,
        }

    def generator_loss(self, real):
        latents = self.draw_latents(real)
        on_fake = self.discriminate(self.decode(latents))
        information = self._code_log_likelihood(on_fake, latents)
        loss = losses.vanilla_generator_loss(on_fake[:, 0], self.generator_objective)
        return loss - self.information_weight * information, {}

    def recognize(self, x):
        """The codes that `Q` recognises in data: a list with an array for each code.

        Args:
            x: data `(batch_size, *data_shape)`.

        Returns:
            Probabilities `(batch_size, categories)` of a categorical code, means
            `(batch_size, dim)` of a continuous one.
        """
        outputs, start, found = self.embed(x), 1, []  # output 0 is the logit
        for prior in self.codes:
            about = outputs[:, start : start + prior.dim]
            start += prior.dim
            categorical = isinstance(prior, Categorical)
            found.append(ops.softmax(about, axis=-1) if categorical else about)
        return found

    def get_config(self):
        # `__init__` joins noise and codes again.
        noise = self.latents.priors[0]
        return {
            **super().get_config(),
            "latents": keras.saving.serialize_keras_object(noise),
            "codes": [keras.saving.serialize_keras_object(c) for c in self.codes],
            "information_weight": self.information_weight,
            "generator_loss": self.generator_objective,
        }
