"""Energy-based GAN."""

import keras
from keras import ops

from keras_mdgan.training import GAN, checks, replicas
from keras_mdgan.validation import check_choice, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class EnergyBasedGAN(GAN):
    """An autoencoder as discriminator: its error is the energy of a sample.

    The energy `e(v) = norm(D(v) - v)` is the Euclidean norm of the error with which the
    autoencoder `D` reconstructs `v`. The discriminator minimises
    `E[e(x)] + E[max(0, m - e(G(z)))]` and the generator `E[e(G(z))] + w PT`. The
    pulling-away term `PT` is the mean squared cosine between the encodings of different
    generated samples: it pulls them apart.

    The margin acts where the autoencoder could push energies beyond it. For images in
    [-1, 1] the norm is at most twice the root of the number of pixels and channels, 56
    for MNIST, so margins of 10 to 80 are reached. `energy="mean_squared_error"` is the
    square of the norm divided by that number, at most 4: give it a smaller margin.

    Optimizers by default: Adam 1e-3 with b1 = 0.5. (The paper chose its own by a search
    on MNIST.)

    Logs: `discriminator_loss`, `generator_loss`, `real_energy`, `fake_energy` and
    `pulling_away` (without its weight).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.EnergyBasedGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_autoencoder((2,), code_dim=8),
        ...     latents=km.latents.Uniform(2), margin=1.0, seed=0)
        >>> tuple(gan.energy(km.datasets.ring().sample(4)).shape)
        (4,)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a `networks.Autoencoder`, or another layer from data to data
            with a method `encode(x, training)` to vectors.
        latents: a prior of `keras_mdgan.latents`.
        margin: `m`, above 0, in the energy's unit: that of the data, or its square. The
            paper chooses it per data set: 10 for MNIST (section 4.1), 20 for CelebA,
            80 for LSUN. Raising it has no effect once it is above the energy of every
            sample that the generator could make.
        energy: `"norm"`, or `"mean_squared_error"` for the mean of the squared errors.
        pulling_away_weight: `w`, at least 0.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the discriminator is not such an autoencoder, or a number is out
            of its range.

    Reference:
        Zhao, Mathieu and LeCun, Energy-based GAN, 2016, eqs. (1) and (2); section 2.3
        for the energy, section 2.4 for the pulling-away term.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        margin: float = 10.0,
        pulling_away_weight: float = 0.1,
        energy: str = "norm",
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        check_choice("energy", energy, ("norm", "mean_squared_error"))
        self.energy_form = energy
        self.margin = check_number("margin", margin, above=0)
        self.pulling_away_weight = check_number(
            "pulling_away_weight", pulling_away_weight, at_least=0
        )

    def _count_outputs(self):
        checks.require_data_output(self)
        if not callable(getattr(self.discriminator, "encode", None)):
            raise ValueError(
                "`discriminator` of EnergyBasedGAN needs `encode(x, training)`; "
                "see keras_mdgan.networks.Autoencoder. "
                f"Received: discriminator={self.discriminator!r}"
            )
        return None

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(1e-3, 0.5) for p in self.players()}

    def _energy_in_training(self, v):
        return self._size(v - self.discriminate(v))

    def _size(self, error):
        square = ops.square(error)
        axes = tuple(range(1, len(error.shape)))
        if self.energy_form == "mean_squared_error":
            return ops.mean(square, axis=axes)
        # The constant keeps the root's slope finite where the error is zero.
        return ops.sqrt(ops.sum(square, axis=axes) + 1e-12)

    def discriminator_loss(self, real):
        on_real = self._energy_in_training(ops.cast(real, "float32"))
        on_fake = self._energy_in_training(self.generate_like(real))
        beyond = ops.relu(self.margin - on_fake)
        return ops.mean(on_real) + ops.mean(beyond), {
            "real_energy": ops.mean(on_real),
            "fake_energy": ops.mean(on_fake),
        }

    def generator_loss(self, real):
        fake = self.generate_for(real)
        codes = ops.cast(self.discriminator.encode(fake, training=True), "float32")
        pulling = pulling_away_term(replicas.gather(codes))
        energy = ops.mean(self._energy_in_training(fake))
        return energy + self.pulling_away_weight * pulling, {"pulling_away": pulling}

    def energy(self, x):
        """The energy of data, `(batch_size,)` float32: low where real data are.

        Args:
            x: data `(batch_size, *data_shape)`.
        """
        x = ops.convert_to_tensor(x, "float32")
        return self._size(x - self.embed(x))

    def get_config(self):
        return {
            **super().get_config(),
            "margin": self.margin,
            "pulling_away_weight": self.pulling_away_weight,
            "energy": self.energy_form,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        # Files written before there was a choice have the mean squared error.
        config = {"energy": "mean_squared_error", **config}
        return super().from_config(config, custom_objects)


def pulling_away_term(codes):
    """The mean squared cosine between different samples' codes, in [0, 1].

    `1 / (n (n - 1)) sum_{i != j} (s_i . s_j / (norm(s_i) norm(s_j)))^2`.

    Examples:
        >>> float(pulling_away_term(ops.convert_to_tensor([[1.0, 0.0], [0.0, 2.0]])))
        0.0

    Args:
        codes: `(n, code_dim)` with `n >= 2`.
    """
    codes = ops.reshape(codes, (ops.shape(codes)[0], -1))
    # The constant keeps the root's slope finite at a code of zeros.
    length = ops.sqrt(ops.sum(ops.square(codes), axis=1, keepdims=True) + 1e-12)
    unit = codes / length
    cosines = ops.matmul(unit, ops.transpose(unit))
    n = ops.cast(ops.shape(codes)[0], "float32")
    # The diagonal, each code with itself. It is not exactly `n`: see the constant.
    own = ops.sum(ops.square(ops.sum(ops.square(unit), axis=1)))
    return (ops.sum(ops.square(cosines)) - own) / ops.maximum(n * (n - 1.0), 1.0)
