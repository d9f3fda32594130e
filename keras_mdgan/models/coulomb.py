"""Coulomb GAN: generated samples are charges in the field of the data."""

import math

import keras
from keras import ops

from keras_mdgan.training import GAN, checks, replicas
from keras_mdgan.validation import check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class CoulombGAN(GAN):
    """Real samples attract generated ones, which repel each other.

    The Plummer kernel `k(a, b) = 1 / sqrt(norm(a - b)^2 + e^2)^(d - 2)` makes a
    field `P(a) = E_x k(a, x) - E_z k(a, G(z))`, positive where data are missing. The
    discriminator learns it: `0.5 E[(D(x) - P(x))^2] + 0.5 E[(D(G(z)) - P(G(z)))^2]`.
    The generator minimises `-0.5 E[D(G(z))]` and moves samples along the field. The
    only equilibrium is the one at which both distributions are the same.

    Optimizers by default: Adam 1e-4 with b1 = 0.9, of the authors' code for images.

    Logs: `discriminator_loss`, `generator_loss`, and the mean potential of real and of
    generated samples, `real_potential` and `fake_potential`.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.CoulombGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2), epsilon=0.3, seed=0)
        >>> gan.sample(3, seed=0).shape
        (3, 2)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one value.
        latents: a prior of `keras_mdgan.latents`.
        dimension: `d`, above 2: the kernel is the electric potential of `d`
            dimensions. It may differ from the data's dimension. The paper uses 3,
            because a kernel of the data's dimension would be too narrow.
        epsilon: `e`, the kernel's width in the data's units, above 0.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or a number is out of its range.

    Reference:
        Unterthiner et al., Coulomb GANs, 2017, section 2. The exponent `d - 2` is that
        of the authors' code.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        dimension: float = 3.0,
        epsilon: float = 1.0,
        **kwargs,
    ):
        super().__init__(generator, discriminator, latents, **kwargs)
        checks.require_one_output(self)
        self.dimension = check_number("dimension", dimension, above=2)
        self.epsilon = check_number("epsilon", epsilon, above=0)

    def default_optimizers(self):
        return {p.name: keras.optimizers.Adam(1e-4, 0.9) for p in self.players()}

    def potential(self, at, real, fake):
        """`P(at)`, the field of a batch of real and of generated samples.

        Args:
            at: points, `(n, *data_shape)`.
            real: `(m, *data_shape)`.
            fake: `(k, *data_shape)`.

        Returns:
            Float32 `(n,)`.
        """
        kernel = plummer_kernel
        attraction = kernel(at, real, self.dimension, self.epsilon)
        repulsion = kernel(at, fake, self.dimension, self.epsilon)
        return ops.mean(attraction, axis=1) - ops.mean(repulsion, axis=1)

    def discriminator_loss(self, real):
        real, fake = ops.cast(real, "float32"), self.generate_like(real)
        # All replicas' samples: the field is that of the whole batch.
        charges = replicas.gather(real), replicas.gather(fake)
        terms, logs = [], {}
        for name, points in (("real", real), ("fake", fake)):
            wanted = self.potential(points, *charges)
            off = self.discriminate(points)[:, 0] - wanted
            terms.append(0.5 * ops.mean(ops.square(off)))
            logs[f"{name}_potential"] = ops.mean(wanted)
        return sum(terms), logs

    def generator_loss(self, real):
        return -0.5 * ops.mean(self.discriminate(self.generate_for(real))), {}

    def get_config(self):
        return {
            **super().get_config(),
            "dimension": self.dimension,
            "epsilon": self.epsilon,
        }


def plummer_kernel(a, b, dimension: float, epsilon: float):
    """`1 / sqrt(norm(a_i - b_j)^2 + epsilon^2)^(dimension - 2)` of every pair.

    Examples:
        >>> a = keras.ops.zeros((1, 2))
        >>> round(float(plummer_kernel(a, a + 2.0, 3.0, 1.0)[0, 0]), 4)
        0.3333

    Args:
        a: `(n, ...)`.
        b: `(m, ...)`.
        dimension: above 2; the exponent is 2 less.
        epsilon: the width, above 0.

    Returns:
        `(n, m)`.
    """
    a, b = (ops.reshape(x, (-1, math.prod(x.shape[1:]))) for x in (a, b))
    if a.shape[-1] <= 16:  # exact for near points, and small enough
        difference = ops.expand_dims(a, 1) - ops.expand_dims(b, 0)
        square = ops.sum(ops.square(difference), axis=-1)
    else:
        norms = ops.sum(a * a, axis=1)[:, None] + ops.sum(b * b, axis=1)[None]
        # Rounding can make a small square negative.
        square = ops.relu(norms - 2.0 * ops.matmul(a, ops.transpose(b)))
    return (square + epsilon**2) ** (1.0 - 0.5 * dimension)
