"""Boundary Equilibrium GAN."""

import keras
from keras import ops

from keras_mdgan.training import GAN, checks, replicas
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class BEGAN(GAN):
    """An autoencoder as discriminator, held in balance by a controller.

    With `L(v) = E[abs(v - D(v))]` the discriminator minimises `L(x) - k L(G(z))` and
    the generator `L(G(z))`. After each step of the discriminator
    `k <- clip(k + 0.001 (g L(x) - L(G(z))), 0, 1)`. The controller thus holds
    `L(G(z)) / L(x)` at the diversity ratio `g`. A low `g` favours quality over variety.

    Optimizers by default: Adam 1e-4, of the experiments on faces.

    Logs: `discriminator_loss`, `generator_loss`, `real_reconstruction` (`L(x)`),
    `fake_reconstruction` (`L(G(z))`), `balance` (`k`) and `convergence`, the measure
    `L(x) + abs(g L(x) - L(G(z)))`.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.BEGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_autoencoder((2,), code_dim=8),
        ...     latents=km.latents.Uniform(2), diversity_ratio=0.5, seed=0)
        >>> tuple(gan.embed(km.datasets.ring().sample(4)).shape)  # reconstructions
        (4, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: an autoencoder of data, such as `networks.mlp_autoencoder`.
        latents: a prior of `keras_mdgan.latents`.
        diversity_ratio: `g`, in (0, 1].
        balance_rate: the controller's gain, above 0.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the discriminator's outputs do not have the data's shape, or a
            number is out of its range.

    Reference:
        Berthelot, Schumm and Metz, BEGAN, 2017, eqs. (1) to (5), section 3.4.1.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        diversity_ratio: float = 0.7,
        balance_rate: float = 1e-3,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        self.diversity_ratio = check_number("diversity_ratio", diversity_ratio, above=0)
        if diversity_ratio > 1:
            raise ValueError(
                "`diversity_ratio` must be in (0, 1]. "
                f"Received: diversity_ratio={diversity_ratio!r}"
            )
        self.balance_rate = check_number("balance_rate", balance_rate, above=0)
        self.balance = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="balance"
        )

    def _count_outputs(self):
        checks.require_data_output(self)
        return None

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(1e-4) for p in self.players()}

    def reconstruction(self, v):
        """`L(v)`: the mean absolute error of the autoencoder in training, scalar."""
        return ops.mean(ops.abs(v - self.discriminate(v)))

    def discriminator_loss(self, real):
        on_real = self.reconstruction(ops.cast(real, "float32"))
        on_fake = self.reconstruction(self.generate_like(real))
        # A copy: on TensorFlow and PyTorch the value itself changes when assigned to.
        balance = ops.copy(self.balance.value)
        # The controller needs the whole batch, or replicas would differ in `balance`.
        on_real_all, on_fake_all = replicas.mean([on_real, on_fake])
        difference = self.diversity_ratio * on_real_all - on_fake_all
        moved = balance + self.balance_rate * ops.stop_gradient(difference)
        self.balance.assign(ops.clip(moved, 0.0, 1.0))
        return on_real - balance * on_fake, {
            "real_reconstruction": on_real,
            "fake_reconstruction": on_fake,
            "balance": balance,
            "convergence": on_real_all + ops.abs(difference),
        }

    def generator_loss(self, real):
        return self.reconstruction(self.generate_for(real)), {}

    def get_config(self):
        return {
            **super().get_config(),
            "diversity_ratio": self.diversity_ratio,
            "balance_rate": self.balance_rate,
        }
