"""Gradient penalties. Each differentiates the critic's gradient again."""

from keras import ops

from keras_mdgan.training.engine import gradient


def gradient_norm(critic, x):
    """The Euclidean norm of `critic`'s gradient at each sample.

    The root has a small constant inside, so that its derivative is finite where the
    gradient is zero.

    Args:
        critic: a function from `(n, ...)` to `(n, 1)` or `(n,)`.
        x: `(n, ...)`.

    Returns:
        `(n,)`.
    """
    slopes = gradient(critic, x)
    axes = tuple(range(1, len(slopes.shape)))
    return ops.sqrt(ops.sum(ops.square(slopes), axis=axes) + 1e-12)


def interpolated_penalty(critic, real, fake, draws):
    """`E[(norm(grad critic(u)) - 1)^2]` on segments between real and generated data.

    `u = a x + (1 - a) G(z)` with `a` uniform on [0, 1], one a pair (Gulrajani et al.
    2017, algorithm 1, lines 5-7).

    Args:
        critic: a function from `(n, ...)` to `(n, 1)`.
        real: `(n, ...)`.
        fake: `(n, ...)`.
        draws: a source of draws.
    """
    real = ops.cast(real, "float32")
    shape = (ops.shape(real)[0], *[1] * (len(real.shape) - 1))
    weight = ops.convert_to_tensor(draws.uniform(shape))
    between = ops.stop_gradient(weight * real + (1.0 - weight) * fake)
    return ops.mean(ops.square(gradient_norm(critic, between) - 1.0))
