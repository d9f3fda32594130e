"""Unrolled GAN: the generator plays against what the discriminator will become."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.vanilla import VanillaGAN
from keras_mdgan.training.backends import engine, replicas
from keras_mdgan.training.backends.scope import with_values
from keras_mdgan.validation import check_integer, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class UnrolledGAN(VanillaGAN):
    """The generator's loss is taken after `k` more steps of the discriminator.

    The discriminator learns as in the vanilla GAN. In the generator's turn the
    discriminator takes `k` more steps on the same real and generated samples. The
    generator minimises its vanilla loss against the resulting discriminator, and the
    gradient flows through those steps. They are then undone. A generator that loses a
    mode thus sees the discriminator's reaction.

    The steps continue the discriminator's own optimizer, from its present moments, if
    that is Adam. Otherwise they start a fresh Adam. Their rate is
    `unroll_learning_rate`.

    Logs: those of `VanillaGAN`.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.UnrolledGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2), unroll_steps=10, seed=0)
        >>> gan.compile()
        >>> gan.sample(3, seed=0).shape
        (3, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one logit. On TensorFlow, Keras'
            own normalisation layers are refused; see `keras_mdgan.layers`.
        latents: a prior of `keras_mdgan.latents`.
        unroll_steps: `k`, at least 0 (0 is the vanilla GAN).
        unroll_learning_rate: the rate of these steps, above 0.
        **kwargs: `generator_loss`, see `VanillaGAN`; `critic_steps`, `ema_momentum`,
            `seed`, `name`, see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or a number is out of its range.

    Reference:
        Metz et al., Unrolled Generative Adversarial Networks, 2016, eqs. (7) to (12),
        and the authors' code for Adam.
    """

    differentiates_twice = True

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        unroll_steps: int = 5,
        unroll_learning_rate: float = 1e-4,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        self.unroll_steps = check_integer("unroll_steps", unroll_steps, at_least=0)
        self.unroll_learning_rate = check_number(
            "unroll_learning_rate", unroll_learning_rate, above=0
        )

    def default_optimizers(self):
        return {
            "discriminator": keras.optimizers.Adam(1e-4, 0.5),
            "generator": keras.optimizers.Adam(1e-3, 0.5),
        }

    def generator_loss(self, real):
        fake = self.generate_for(real)
        variables = self.discriminator.trainable_variables
        values = [ops.convert_to_tensor(v.value) for v in variables]

        def loss_with(values):
            return with_values(
                lambda: losses.vanilla_discriminator_loss(
                    self.discriminate(real), self.discriminate(fake)
                ),
                variables,
                values,
            )

        adam = _Adam(self._member_optimizer(), variables, self.unroll_learning_rate)
        for _ in range(self.unroll_steps):
            gradients = replicas.mean(engine.gradient(loss_with, values))
            values = adam.step(values, gradients)
        on_fake = with_values(lambda: self.discriminate(fake), variables, values)
        return losses.vanilla_generator_loss(on_fake, self.generator_objective), {}

    def _member_optimizer(self):
        if not self.compiled:
            return None
        member = self.optimizer["discriminator"]
        # In mixed precision a `LossScaleOptimizer` wraps the optimizer.
        return getattr(member, "inner_optimizer", member)

    def get_config(self):
        return {
            **super().get_config(),
            "unroll_steps": self.unroll_steps,
            "unroll_learning_rate": self.unroll_learning_rate,
        }


class _Adam:
    """Adam's rule on values instead of variables, from an optimizer's moments."""

    def __init__(self, optimizer, variables, learning_rate):
        self.rate, self.beta_1, self.beta_2, self.epsilon = (
            learning_rate,
            0.5,
            0.999,
            1e-7,
        )
        self.step_count = 0.0
        self.first = self.second = [0.0] * len(variables)
        if isinstance(optimizer, keras.optimizers.Adam) and optimizer.built:
            self.beta_1, self.beta_2 = optimizer.beta_1, optimizer.beta_2
            self.epsilon = optimizer.epsilon
            self.step_count = ops.cast(optimizer.iterations.value, "float32")
            self.first = [v.value for v in optimizer._momentums]
            self.second = [v.value for v in optimizer._velocities]

    def step(self, values, gradients):
        self.step_count = self.step_count + 1.0
        bias_1 = 1.0 - self.beta_1**self.step_count
        bias_2 = 1.0 - self.beta_2**self.step_count
        self.first = [
            m + (g - m) * (1.0 - self.beta_1) for m, g in zip(self.first, gradients)
        ]
        self.second = [
            v + (ops.square(g) - v) * (1.0 - self.beta_2)
            for v, g in zip(self.second, gradients)
        ]
        rate = self.rate * bias_2**0.5 / bias_1
        # The root's slope at zero is infinite. Without the constant, one weight of a
        # dead unit would make all gradients NaN.
        return [
            x - rate * m / (ops.sqrt(v + 1e-20) + self.epsilon)
            for x, m, v in zip(values, self.first, self.second)
        ]
