"""The original GAN, which the other models modify."""

import keras
from keras import ops

from keras_mdgan import losses, penalties
from keras_mdgan.training import GAN, checks
from keras_mdgan.validation import check_choice, check_integer, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class VanillaGAN(GAN):
    """The original GAN: a discriminator with one logit, and two generator losses.

    The discriminator minimises `E[softplus(-D(x))] + E[softplus(D(G(z)))]`. The
    generator minimises `E[softplus(-D(G(z)))]` (non-saturating) or
    `-E[softplus(D(G(z)))]` (minimax). With `penalty_weight=g` the discriminator also
    minimises `(g / 2) E[norm(grad D(x))^2]` at real `x` (R1).

    Optimizers by default: Adam 1e-3 with b1 = 0.5, as in the experiments of Mixture
    Density GAN on points. (The paper trained with momentum.)

    Logs: `discriminator_loss` (1.386 at equilibrium), `generator_loss`,
    `real_accuracy` and `fake_accuracy` (the shares of real and generated samples
    classified correctly), with a penalty also `r1`.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.VanillaGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Uniform(2), seed=0)
        >>> gan.compile()
        >>> history = gan.fit(km.datasets.ring().sample(64), batch_size=32, verbose=0)
        >>> gan.sample(3, seed=0).shape
        (3, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one logit, `(batch_size, 1)`.
        latents: a prior of `keras_mdgan.latents`.
        generator_loss: `"non_saturating"` or `"minimax"`.
        penalty_weight: `g`, at least 0, in units of the data squared.
        penalty_every: R1 is taken at every so many real samples of a batch: an
            unbiased estimate at a fraction of the cost.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or for an unknown `generator_loss`.

    Reference:
        Goodfellow et al., Generative Adversarial Networks, 2014, eq. (1) and section 3.
        Penalty: Mescheder et al., Which Training Methods for GANs do actually
        Converge?, 2018, eq. (9).
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        generator_loss="non_saturating",
        penalty_weight: float = 0.0,
        penalty_every: int = 1,
        **kwargs,
    ):
        check_choice("generator_loss", generator_loss, ("non_saturating", "minimax"))
        super().__init__(generator, discriminator, latents, **kwargs)
        checks.require_one_output(self)
        self.penalty_weight = check_number("penalty_weight", penalty_weight, at_least=0)
        self.penalty_every = check_integer("penalty_every", penalty_every)
        if penalty_weight:
            checks.refuse_single_derivative_layers(discriminator, type(self).__name__)
        self.generator_objective = generator_loss

    def classification_loss(self, real):
        """The discriminator's loss without a penalty, and logs."""
        on_real = self.discriminate(real)
        on_fake = self.discriminate(self.generate_like(real))
        loss = losses.vanilla_discriminator_loss(on_real, on_fake)
        return loss, accuracies(on_real, on_fake)

    def discriminator_loss(self, real):
        loss, logs = self.classification_loss(real)
        if self.penalty_weight:
            points = penalties.every_kth(
                ops.cast(real, "float32"), self.penalty_every, self.samples_together
            )
            logs["r1"] = penalties.zero_centred_penalty(self.discriminate, points)
            loss = loss + 0.5 * self.penalty_weight * logs["r1"]
        return loss, logs

    def generator_loss(self, real):
        on_fake = self.discriminate(self.generate_for(real))
        return losses.vanilla_generator_loss(on_fake, self.generator_objective), {}

    def get_config(self):
        return {
            **super().get_config(),
            "generator_loss": self.generator_objective,
            "penalty_weight": self.penalty_weight,
            "penalty_every": self.penalty_every,
        }


def share(condition):
    """The share of true elements, float32."""
    return keras.ops.mean(keras.ops.cast(condition, "float32"))


def accuracies(on_real, on_fake):
    """The shares of real and of generated samples with a logit of the right sign."""
    return {
        "real_accuracy": share(on_real > 0),
        "fake_accuracy": share(on_fake < 0),
    }
