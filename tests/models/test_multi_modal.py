"""MMGAN: algorithm 1, and what the encoder tells."""

import numpy as np
import pytest

import keras_mdgan as km
from support.hand import array, batch, check, close, loss_of, mlp, run, softplus

X = batch()


def mmgan():
    return km.MultiModalGAN(
        mlp(5, 2, seed=1),
        mlp(2, 3, 1, seed=2),
        km.latents.Normal(2),
        mlp(2, 3, seed=3),
        clusters=3,
        code_weight=0.6,
        seed=0,
    )


def log_probabilities(nets, x):
    logits = run(nets["encoder"], x)
    return logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))


def generated(nets, draws):
    """`G(z, E(x))`, and `G(z, y')` with its codes; the same noise for both."""
    z = draws.normal((6, 2)).astype("float64")
    codes = np.eye(3)[draws.integers((6,), 3)]
    own = np.exp(log_probabilities(nets, X))
    of_data, of_codes = (
        run(nets["generator"], np.concatenate([z, y], axis=1)) for y in (own, codes)
    )
    return of_data, of_codes, codes


def test_algorithm_1():
    gan = mmgan()

    def discriminator(nets, draws):
        fake, _, _ = generated(nets, draws)
        d = nets["discriminator"]
        return np.mean(softplus(-(run(d, X) - run(d, fake))))

    check(gan, "discriminator", X, discriminator)

    def generator(nets, draws):
        fake, of_codes, codes = generated(nets, draws)
        d = nets["discriminator"]
        relative = np.log(1 / (1 + np.exp(-(run(d, fake) - run(d, X)))))
        log_code = np.sum(codes * log_probabilities(nets, of_codes), axis=1)
        return -np.mean(relative[:, 0] + 0.6 * log_code)

    _, logs = check(gan, "generator", X, generator)
    assert logs["code_log_likelihood"] < 0
    assert 1 / 3 < logs["code_confidence"] < 1


def test_what_the_encoder_tells():
    gan = mmgan()
    logits = run(gan.encoder.get_weights(), X)
    probabilities = np.exp(logits) / np.sum(np.exp(logits), axis=1, keepdims=True)
    close(array(gan.encode(X)), probabilities, rtol=1e-5)
    np.testing.assert_array_equal(array(gan.cluster(X)), np.argmax(logits, axis=1))
    with pytest.raises(NotImplementedError, match="cluster"):
        gan.reconstruct(X)
    *_, gradients = loss_of(
        gan, "generator", X, variables=gan.encoder.trainable_variables
    )
    assert all(g.any() for g in gradients)
