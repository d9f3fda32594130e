"""BEGAN: its objectives and the controller of its balance."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.training.draws import HostDraws
from support.hand import batch, check, close, linear, loss_of, mlp, run


def began(**kwargs):
    return km.BEGAN(
        mlp(2, 2, seed=1), mlp(2, 3, 2, seed=2), km.latents.Normal(2), seed=0, **kwargs
    )


def reconstruction(weights, x):
    return np.mean(np.abs(x - run(weights, x)))


def test_objectives():
    gan, x = began(diversity_ratio=0.6), batch()
    gan.balance.assign(0.3)

    def both(nets, draws):
        fake = run(nets["generator"], draws.normal((len(x), 2)))
        return [reconstruction(nets["discriminator"], v) for v in (x, fake)]

    def objective(nets, draws):
        real, fake = both(nets, draws)
        return real - 0.3 * fake

    _, logs = check(gan, "discriminator", x, objective)
    real, fake = logs["real_reconstruction"], logs["fake_reconstruction"]
    close(logs["convergence"], real + abs(0.6 * real - fake), rtol=1e-5)
    assert logs["balance"] == pytest.approx(0.3)
    check(gan, "generator", x, lambda nets, draws: both(nets, draws)[1])


def test_balance_follows_the_controller_and_stays_in_0_to_1():
    """Data whose errors are 20 times the generator's drive it up, small ones down."""
    gan = km.BEGAN(
        linear(np.eye(2)),
        linear(0.5 * np.eye(2)),
        km.latents.Normal(2),
        diversity_ratio=0.5,
        balance_rate=0.2,
        seed=0,
    )
    k, seen = 0.0, []
    for step, size in enumerate([20, 1, 20, 20, 20, 0.1, 0.1, 0.1, 20, 0.1]):
        x = size * batch(seed=step)
        loss, logs, _ = loss_of(gan, "discriminator", x, seed=step)
        fake = HostDraws(step).normal((6, 2)).astype("float64")
        on_real, on_fake = np.mean(np.abs(x / 2)), np.mean(np.abs(fake / 2))
        close(loss, on_real - k * on_fake, rtol=1e-5)
        close(logs["balance"], k, rtol=1e-5)
        k = min(max(k + 0.2 * (0.5 * on_real - on_fake), 0.0), 1.0)
        close(gan.balance.numpy(), k, rtol=1e-5)
        seen.append(k)
    assert 1.0 in seen
    assert any(0 < k < 1 for k in seen)
    gan.balance.assign(0.01)
    loss_of(gan, "discriminator", 0.01 * batch())
    assert float(gan.balance.numpy()) == 0.0


def test_evaluate_leaves_the_balance_alone():
    gan = began()
    gan.balance.assign(0.4)
    gan.compile()
    results = gan.evaluate(10 * batch(8), batch_size=4, verbose=0)
    np.testing.assert_array_equal(gan.balance.numpy(), np.float32(0.4))
    assert results["balance"] == pytest.approx(0.4, abs=0.05)


def test_paper_settings():
    gan = began()
    assert (gan.diversity_ratio, gan.balance_rate) == (0.7, 1e-3)
    rates = {float(o.learning_rate) for o in gan.default_optimizers().values()}
    assert rates == {float(keras.ops.cast(1e-4, "float32"))}
