"""Losses that several GANs share.

Each takes float32 tensors with one value per sample and returns the mean to *minimise*.
"""

from keras import ops

from keras_mdgan.mixtures.numerics import log1mexp


def vanilla_discriminator_loss(real, fake):
    """`E[softplus(-real)] + E[softplus(fake)]` of logits.

    The negative of eq. (1) of Goodfellow et al. (2014) with `D = sigmoid(logit)`.

    Examples:
        >>> from keras import ops
        >>> round(float(vanilla_discriminator_loss(ops.zeros(4), ops.zeros(4))), 4)
        1.3863

    Args:
        real: logits of real data, `(n, ...)`.
        fake: logits of generated data, `(n, ...)`.
    """
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))


def vanilla_generator_loss(fake, kind="non_saturating"):
    """The generator's loss of logits: `"non_saturating"` or `"minimax"`.

    Non-saturating `E[softplus(-fake)] = -E[log D]`, minimax
    `-E[softplus(fake)] = E[log(1 - D)]` (Goodfellow et al. 2014, section 3).

    Args:
        fake: logits of generated data, `(n, ...)`.
        kind: `"non_saturating"` or `"minimax"`.
    """
    if kind == "minimax":
        return -ops.mean(ops.softplus(fake))
    return ops.mean(ops.softplus(-fake))


def density_discriminator_loss(log_real, log_fake):
    """`-E[log r] - E[log(1 - f)]` of normalised likelihoods, given as logarithms.

    With `r = lk(D(x)) / lambda` and `f = lk(D(G(z))) / lambda` this is the negative of
    eq. (4) of Mixture Density GAN plus the constant `2 log lambda`. With
    `log_real = log sigmoid(logit)` it is the vanilla loss. At equilibrium
    `r = f = 1/2` (eq. 5), and the loss is `2 log 2 = 1.386`.

    Args:
        log_real: `(n,)`, never positive.
        log_fake: `(n,)`, never positive.
    """
    return -ops.mean(log_real) - ops.mean(log1mexp(log_fake))


def density_generator_loss(log_fake, kind):
    """The generator's loss, from the logarithm of a normalised likelihood.

    `"minimax"`: `E[log(1 - f)]` (eq. 4); `"non_saturating"`: `-E[log f]`.

    Args:
        log_fake: `(n,)`, never positive.
        kind: `"minimax"` or `"non_saturating"`.
    """
    if kind == "minimax":
        return ops.mean(log1mexp(log_fake))
    return -ops.mean(log_fake)


def wasserstein_critic_loss(real, fake):
    """`E[fake] - E[real]` (Arjovsky et al. 2017, eq. 2).

    Args:
        real: the critic's values of real data, `(n, ...)`.
        fake: the critic's values of generated data, `(n, ...)`.
    """
    return ops.mean(fake) - ops.mean(real)


def hinge_discriminator_loss(real, fake):
    """`E[max(0, 1 - real)] + E[max(0, 1 + fake)]` (Lim and Ye 2017, eq. 24).

    Also Miyato et al. (2018), eq. (16). Values beyond the margin cost nothing.

    Examples:
        >>> from keras import ops
        >>> float(hinge_discriminator_loss(ops.full((3,), 2.0), ops.zeros(3)))
        1.0

    Args:
        real: the discriminator's values of real data, `(n, ...)`.
        fake: its values of generated data, `(n, ...)`.
    """
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


def relativistic_loss(winner, loser):
    """`E[softplus(loser - winner)]`: small if `winner` looks more real than `loser`.

    The relativistic pairing of Jolicoeur-Martineau (2018), section 4. Real and
    generated samples at the same position in the batch form a pair.

    Examples:
        >>> from keras import ops
        >>> round(float(relativistic_loss(ops.zeros(4), ops.zeros(4))), 4)
        0.6931

    Args:
        winner: logits that should be larger, `(n, ...)`.
        loser: logits that should be smaller, `(n, ...)`.
    """
    return ops.mean(ops.softplus(loser - winner))
