"""ALI and VEEGAN: discriminators of pairs, and VEEGAN's bound."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from support.hand import (
    array,
    batch,
    check,
    close,
    linear,
    loss_of,
    mean_softplus,
    mlp,
    pair_mlp,
    run,
)


def build(cls, encoder_outputs):
    return cls(
        mlp(2, 2, seed=1),
        pair_mlp(2, 2, hidden=3, seed=2),
        km.latents.Normal(2),
        mlp(2, encoder_outputs, seed=3),
        seed=0,
    )


def judged(nets, x, z):
    return run(nets["discriminator"], np.concatenate([x, z], axis=1))


def test_ali():
    """The encoder draws its noise, then the prior its latents."""
    gan, x = build(km.AdversariallyLearnedInference, 4), batch()

    def logits(nets, draws):
        outputs = run(nets["encoder"], x)
        noise = draws.normal((6, 2)).astype("float64")
        inferred = outputs[:, :2] + np.sqrt(np.exp(outputs[:, 2:])) * noise
        z = draws.normal((6, 2)).astype("float64")
        return judged(nets, x, inferred), judged(nets, run(nets["generator"], z), z)

    def discriminator(nets, draws):
        on_real, on_fake = logits(nets, draws)
        return mean_softplus(-on_real) + mean_softplus(on_fake)

    def generator(nets, draws):
        on_real, on_fake = logits(nets, draws)
        return mean_softplus(on_real) + mean_softplus(-on_fake)

    check(gan, "discriminator", x, discriminator)
    check(gan, "generator", x, generator)
    for network in (gan.encoder, gan.generator):
        *_, gradients = loss_of(
            gan, "generator", x, variables=network.trainable_variables
        )
        assert all(g.any() for g in gradients)
    means = run(gan.encoder.get_weights(), x)[:, :2]
    close(array(gan.encode(x)), means, rtol=1e-5)
    close(array(gan.reconstruct(x)), run(gan.generator.get_weights(), means), rtol=1e-5)


def test_veegan():
    gan, x = build(km.VEEGAN, 2), batch()

    def parts(nets, draws):
        z = draws.normal((6, 2)).astype("float64")
        return z, run(nets["generator"], z)

    def discriminator(nets, draws):
        z, fake = parts(nets, draws)
        on_fake, on_real = (
            judged(nets, fake, z),
            judged(nets, x, run(nets["encoder"], x)),
        )
        s = [1 / (1 + np.exp(-t)) for t in (on_fake, on_real)]
        return -np.mean(np.log(s[0])) - np.mean(np.log(1 - s[1]))

    def generator(nets, draws):
        z, fake = parts(nets, draws)
        distance = np.sum((z - run(nets["encoder"], fake)) ** 2, axis=1)
        return np.mean(judged(nets, fake, z)) + np.mean(distance)

    check(gan, "discriminator", x, discriminator)
    check(gan, "generator", x, generator)


class LogRatio(keras.layers.Layer):
    """The best discriminator of a linear Gaussian pair, in closed form.

    `log q(x|z) p0(z) - log p(z|x) p(x)` with `q(x|z) = N(a z, s^2)`,
    `p(z|x) = N(c x, t^2)` and data `p(x) = N(0, v^2)`.
    """

    def __init__(self, a, s, c, t, v):
        super().__init__()
        self.a, self.s, self.c, self.t, self.v = a, s, c, t, v

    def call(self, inputs):
        x, z = inputs

        def log_normal(value, mean, stddev):
            return -0.5 * ops.square((value - mean) / stddev) - np.log(stddev)

        return (
            log_normal(x, self.a * z, self.s)
            + log_normal(z, 0.0, 1.0)
            - log_normal(z, self.c * x, self.t)
            - log_normal(x, 0.0, self.v)
        )

    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], 1)


def posterior(c, t, v):
    """The `a` and `s` of `p(x|z)`, with which the bound is tight."""
    total = c**2 * v**2 + t**2
    return c * v**2 / total, v * t / np.sqrt(total)


@pytest.mark.parametrize(
    ("a", "s", "c", "t", "v"),
    [
        (1.5, 0.4, 0.5, 0.3, 2.0),
        (0.2, 0.5, 0.9, 0.8, 1.0),
        (*posterior(0.5, 0.3, 2.0), 0.5, 0.3, 2.0),
        (*posterior(0.8, 0.6, 1.0), 0.8, 0.6, 1.0),
    ],
)
def test_veegans_bound(a, s, c, t, v):
    """Objective and entropy bound `-E log p(z)` of the reconstructor's `z` (poster)."""
    n = 40_000
    generator = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(1),
            keras.layers.GaussianNoise(float(s), seed=0),
        ]
    )
    generator.layers[0].kernel.assign([[a]])
    gan = km.VEEGAN(
        generator,
        LogRatio(a, s, c, t, v),
        km.latents.Normal(1),
        linear([[c]]),
        seed=0,
    )
    variables = generator.trainable_variables
    x = np.zeros((n, 1), "float32")
    loss, logs, _ = loss_of(gan, "generator", x, variables=variables)

    distance = (1 - c * a) ** 2 + (c * s) ** 2
    close(logs["reconstruction"], distance, rtol=0.03)
    divergence = (
        np.log(t * v / s) - 1.0 + distance / (2 * t**2) + (a**2 + s**2) / (2 * v**2)
    )
    assert loss == pytest.approx(divergence + distance, abs=0.05)

    entropy = 0.5 * np.log(2 * np.pi * np.e)
    variance = (c * v) ** 2 + t**2
    cross_entropy = 0.5 * np.log(2 * np.pi * variance) + 0.5 / variance
    bound = loss + entropy - logs["reconstruction"]
    assert bound >= cross_entropy - 0.05
    tight = np.allclose((a, s), posterior(c, t, v))
    assert (abs(bound - cross_entropy) < 0.05) == tight
    assert loss + entropy > cross_entropy
