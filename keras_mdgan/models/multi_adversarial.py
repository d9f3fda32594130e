"""Generative multi-adversarial networks (GMAN)."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.vanilla import accuracies
from keras_mdgan.networks import Ensemble
from keras_mdgan.training import GAN, Player, replicas
from keras_mdgan.validation import check_choice, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class MultiAdversarialGAN(GAN):
    """Several discriminators against one generator.

    Each discriminator minimises the vanilla loss. The generator minimises the mean of
    its `N` losses weighted by `softmax(l * losses)`. With `l = 0` this is their mean.
    With `l = inf` it is the largest, the loss against the strictest discriminator. With
    `temperature="learned"`, `l = log(1 + e^a)`, where `a` is a variable of the
    generator's player. The loss then gains `-0.001 l`, so a generator that does well
    raises `l`.

    Optimizers by default: Adam 1e-3 with b1 = 0.5, as in the experiments of Mixture
    Density GAN on points. The authors' code, for images, has b1 = 0.5 too.

    Logs: `discriminator_loss` (the sum over the discriminators), `generator_loss`,
    `real_accuracy` and `fake_accuracy` (means over them), `strictest_share` (the
    largest of the weights).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.MultiAdversarialGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=[
        ...         km.networks.mlp_discriminator((2,), seed=s) for s in (1, 2, 3)],
        ...     latents=km.latents.Uniform(2), temperature="learned", seed=0)
        >>> gan.n_outputs
        3

    Args:
        generator: a layer or model from latents to data.
        discriminator: a list of layers or models from data to one logit, each with
            different initial weights (equal weights would stay equal). Or one network
            with one output per discriminator. The paper has 2 to 5.
        latents: a prior of `keras_mdgan.latents`.
        temperature: `l`, a number from 0 to `inf`, or `"learned"`.
        generator_loss: `"minimax"` (as in the paper) or `"non_saturating"`.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or `temperature` is none of the above.

    Reference:
        Durugkar, Gemp and Mahadevan, Generative Multi-Adversarial Networks, 2016,
        sections 4.1 and 4.2.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        temperature: float | str = 0.0,
        generator_loss: str = "non_saturating",
        **kwargs,
    ):
        check_choice("generator_loss", generator_loss, ("non_saturating", "minimax"))
        self._check_temperature(temperature)
        if isinstance(discriminator, (list, tuple)):
            discriminator = Ensemble(discriminator)
        super().__init__(generator, discriminator, latents, **kwargs)
        self.temperature, self.generator_objective = temperature, generator_loss
        self.learned = None
        if temperature == "learned":
            self.learned = _LearnedTemperature()

    @staticmethod
    def _check_temperature(temperature):
        if isinstance(temperature, str):
            check_choice("temperature", temperature, ("learned",))
        elif temperature != float("inf"):
            check_number("temperature", temperature, at_least=0)

    def players(self):
        discriminator, generator = super().players()
        own = [] if self.learned is None else [self.learned]
        return [discriminator, Player("generator", [*generator.networks, *own])]

    def discriminator_loss(self, real):
        on_real = self.discriminate(real)
        on_fake = self.discriminate(self.generate_like(real))
        mean = losses.vanilla_discriminator_loss(on_real, on_fake)
        # The sum of the losses: each discriminator learns as if it were alone.
        return mean * self.n_outputs, accuracies(on_real, on_fake)

    def generator_loss(self, real):
        on_fake = self.discriminate(self.generate_for(real))
        kind = self.generator_objective
        each = [
            losses.vanilla_generator_loss(on_fake[:, i], kind)
            for i in range(self.n_outputs)
        ]
        each = replicas.mean(ops.stack(each))  # of the batch: the weights depend on it
        if self.temperature == float("inf"):
            # All weight is on one loss: the share is 1, or 0 if a loss is NaN.
            strictest = ops.cast(each >= ops.max(each), "float32")
            return ops.max(each), {"strictest_share": ops.max(strictest)}
        temperature, bonus = self.temperature, 0.0
        if self.learned is not None:
            temperature = self.learned.value
            bonus = 1e-3 * temperature
        weights = ops.softmax(temperature * each)
        return ops.sum(weights * each) - bonus, {"strictest_share": ops.max(weights)}

    def get_config(self):
        infinite = self.temperature == float("inf")
        return {
            **super().get_config(),
            "temperature": "inf" if infinite else self.temperature,  # JSON has no inf
            "generator_loss": self.generator_objective,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        if config["temperature"] == "inf":
            config = {**config, "temperature": float("inf")}
        return super().from_config(config, custom_objects)


class _LearnedTemperature(keras.layers.Layer):
    """`log(1 + e^a)` of one trainable number."""

    def __init__(self):
        super().__init__(name="temperature")
        self.raw = self.add_weight(shape=(), initializer="zeros", name="raw")
        self.built = True

    @property
    def value(self):
        return ops.softplus(self.raw.value)
