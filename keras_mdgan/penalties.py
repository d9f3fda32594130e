"""Bounds on a critic's slope: penalties on its gradient, and clipped weights.

Training with a penalty differentiates the critic twice.
"""

from keras import ops

from keras_mdgan.training.backends import replicas
from keras_mdgan.training.backends.engine import gradient


def gradient_norm(critic, x):
    """The Euclidean norm of `critic`'s gradient at each sample.

    A small constant under the root keeps its derivative finite at a zero gradient.

    Args:
        critic: a function from `(n, ...)` to `(n, 1)` or `(n,)`.
        x: `(n, ...)`.

    Returns:
        `(n,)`.
    """
    slopes = gradient(critic, x)
    axes = tuple(range(1, len(slopes.shape)))
    return ops.sqrt(ops.sum(ops.square(slopes), axis=axes) + 1e-12)


def zero_centred_penalty(critic, x):
    """`E[norm(grad critic(x))^2]`: R1 at real samples, R2 at generated ones.

    Mescheder et al. (2018), eq. (9) and (10), without the factor `gamma / 2`.

    Examples:
        >>> from keras import ops
        >>> float(zero_centred_penalty(lambda x: 3.0 * x, ops.ones((2, 1))))
        9.0

    Args:
        critic: a function from `(n, ...)` to `(n, 1)`.
        x: the points at which the gradient is taken, `(n, ...)`.
    """
    # The points are constants: the penalty trains the critic, not the generator.
    slopes = gradient(critic, ops.stop_gradient(x))
    axes = tuple(range(1, len(slopes.shape)))
    return ops.mean(ops.sum(ops.square(slopes), axis=axes))


def every_kth(x, k, together=1):
    """Every `k`-th sample of a batch, for a penalty that need not see all of them.

    A mean over these is an unbiased estimate of the mean over the batch, at a `k`-th
    of the cost. Samples of independent order are assumed, as in a shuffled batch.

    Examples:
        >>> import numpy as np
        >>> every_kth(np.arange(10), 4).tolist()
        [0, 4, 8]
        >>> ops.convert_to_numpy(every_kth(np.arange(8), 2, together=2)).tolist()
        [0, 1, 4, 5]

    Args:
        x: `(n, ...)`.
        k: at least 1.
        together: samples that the critic takes as one; it divides `n`.
    """
    if k == 1 or together == 1:
        return x[::k]
    apart = ops.reshape(x, (-1, together, *x.shape[1:]))
    return ops.reshape(apart[::k], (-1, *x.shape[1:]))


def local_penalty(critic, real, draws, width=0.5):
    """`E[(norm(grad critic(x + d)) - 1)^2]` around real data (DRAGAN).

    `d = width std(x) U(0, 1)` with the standard deviation of all numbers of the batch
    (Kodali et al. 2017, algorithm 1, with the noise of the authors' code). The authors'
    code draws one more uniform number per sample and goes only that part of the way
    to `x + d`.

    Args:
        critic: a function from `(n, ...)` to `(n, 1)`.
        real: `(n, ...)`.
        draws: a source of draws.
        width: the largest distance `d`, in standard deviations of the data.
    """
    real = ops.cast(real, "float32")
    noise = ops.convert_to_tensor(draws.uniform(ops.shape(real)))
    # A replica holds a share, but the deviation is that of the whole batch.
    center = replicas.mean(ops.mean(real))
    std = ops.sqrt(replicas.mean(ops.mean(ops.square(real - center))))
    near = ops.stop_gradient(real + width * std * noise)
    return ops.mean(ops.square(gradient_norm(critic, near) - 1.0))


def clip_weights(network, limit):
    """Clip every trainable weight to `[-limit, limit]`, in place.

    Arjovsky et al. (2017), algorithm 1, line 7.

    Args:
        network: a layer or model.
        limit: above 0.
    """
    for variable in network.trainable_variables:
        variable.assign(ops.clip(variable.value, -limit, limit))


def interpolated_penalty(critic, real, fake, draws):
    """`E[(norm(grad critic(u)) - 1)^2]` on segments between real and generated data.

    `u = a x + (1 - a) G(z)` with one `a` per pair, uniform on [0, 1] (Gulrajani et al.
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
