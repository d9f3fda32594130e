"""Unrolled GAN: the generator plays against what the discriminator will become."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.models.vanilla import VanillaGAN
from keras_mdgan.training import regularization
from keras_mdgan.training.backends import engine, replicas
from keras_mdgan.training.backends.scope import with_values
from keras_mdgan.validation import check_bool, check_integer, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class UnrolledGAN(VanillaGAN):
    """The generator's loss is taken after `k` more steps of the discriminator.

    The discriminator learns as in the vanilla GAN. In the generator's turn the
    discriminator takes `k` more steps on the same real and generated samples, to `D_k`.
    The generator minimises the surrogate `f(G, D_k)`, and the gradient flows through
    those steps. They are then undone. A generator that loses a mode thus sees the
    discriminator's reaction.

    With the minimax loss, `f = E[log s(D_k(x))] + E[log(1 - s(D_k(G(z))))]`, as in the
    authors' code. With the non-saturating loss the second term is
    `-E[log s(D_k(G(z)))]`. The first term depends on the generator too, because the
    generated samples move `D_k`.

    The steps continue the discriminator's own optimizer from its present state, at its
    present rate, if that is Adam or SGD. Otherwise they start a fresh Adam at that
    rate. (Clipping and weight decay are left out.)

    Optimizers by default: Adam 1e-3 for the generator and 1e-4 for the discriminator,
    b1 = 0.5, of the authors' code for their experiment on a ring of Gaussians.

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
        unroll_learning_rate: the rate of these steps, above 0. With `None` it is the
            present rate of the discriminator's optimizer.
        real_term: whether the surrogate has its first term. `False` is how the
            recorded results on points were made.
        **kwargs: `generator_loss`, see `VanillaGAN`; `critic_steps`, `ema_momentum`,
            `seed`, `name`, see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or a number is out of its range.

    Reference:
        Metz et al., Unrolled Generative Adversarial Networks, 2016, eqs. (7) to (12),
        and the authors' code for Adam and both terms of the surrogate.
    """

    differentiates_twice = True

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        unroll_steps: int = 5,
        unroll_learning_rate: float | None = None,
        real_term: bool = True,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        self.unroll_steps = check_integer("unroll_steps", unroll_steps, at_least=0)
        if unroll_learning_rate is not None:
            unroll_learning_rate = check_number(
                "unroll_learning_rate", unroll_learning_rate, above=0
            )
        self.unroll_learning_rate = unroll_learning_rate
        self.real_term = check_bool("real_term", real_term)

    def default_optimizers(self):
        return {
            "discriminator": keras.optimizers.Adam(1e-4, 0.5),
            "generator": keras.optimizers.Adam(1e-3, 0.5),
        }

    def generator_loss(self, real):
        fake = self.generate_for(real)
        variables = self.discriminator.trainable_variables
        values = [ops.convert_to_tensor(v.value) for v in variables]

        def discriminator_loss():
            loss = losses.vanilla_discriminator_loss(
                self.discriminate(real), self.discriminate(fake)
            )
            added = regularization.of_weights(variables)
            return loss if added is None else loss + added

        def loss_with(values):
            return with_values(discriminator_loss, variables, values)

        rule = _rule(self._member_optimizer(), variables, self.unroll_learning_rate)
        for _ in range(self.unroll_steps):
            gradients = replicas.mean(engine.gradient(loss_with, values))
            values = rule.step(values, gradients)

        # Without a step the first term does not depend on the generator.
        whole = self.real_term and self.unroll_steps > 0
        on_fake, on_real = with_values(
            lambda: (
                self.discriminate(fake),
                self.discriminate(real) if whole else None,
            ),
            variables,
            values,
        )
        loss = losses.vanilla_generator_loss(on_fake, self.generator_objective)
        if whole:
            loss = loss - ops.mean(ops.softplus(-on_real))
        return loss, {}

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
            "real_term": self.real_term,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        # Files written before there was a choice have the second term alone.
        return super().from_config({"real_term": False, **config}, custom_objects)


def _rule(optimizer, variables, rate):
    """The rule of an optimizer's updates, on values instead of variables.

    Args:
        optimizer: a Keras optimizer, or `None` for a fresh Adam.
        variables: the optimizer's variables.
        rate: the rate, or `None` for the optimizer's own.
    """
    if rate is None and optimizer is None:
        rate = 1e-4
    elif rate is None:
        # A variable or a schedule, and so the present rate also in a compiled step.
        rate = ops.convert_to_tensor(optimizer.learning_rate)
    if isinstance(optimizer, keras.optimizers.SGD):
        return _SGD(optimizer, variables, rate)
    return _Adam(optimizer, variables, rate)


class _SGD:
    """Gradient descent with momentum, from an optimizer's velocities."""

    def __init__(self, optimizer, variables, learning_rate):
        self.rate, self.momentum = learning_rate, optimizer.momentum
        self.nesterov = optimizer.nesterov
        self.velocities = [0.0] * len(variables)
        if self.momentum and optimizer.built:
            self.velocities = [v.value for v in optimizer.momentums]

    def step(self, values, gradients):
        moves = [-self.rate * g for g in gradients]
        if not self.momentum:
            return [x + move for x, move in zip(values, moves)]
        self.velocities = [
            self.momentum * v + move for v, move in zip(self.velocities, moves)
        ]
        if not self.nesterov:
            return [x + v for x, v in zip(values, self.velocities)]
        return [
            x + self.momentum * v + move
            for x, v, move in zip(values, self.velocities, moves)
        ]


class _Adam:
    """Adam's rule, from an optimizer's moments if that is Adam."""

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
