"""GMAN: how the discriminators' judgements are weighted."""

import numpy as np
import pytest

import keras_mdgan as km
from support.hand import batch, check, close, loss_of, mean_softplus, mlp, run, softplus

X = batch()


def gman(temperature, kind="non_saturating"):
    judges = [mlp(2, 3, 1, seed=seed) for seed in (2, 3, 4)]
    gan = km.MultiAdversarialGAN(
        mlp(2, 2, seed=1),
        judges,
        km.latents.Normal(2),
        temperature=temperature,
        generator_loss=kind,
        seed=0,
    )
    networks = {"generator": gan.generator, **dict(enumerate(judges))}
    if temperature == "learned":
        gan.learned.raw.assign(0.7)
        networks["temperature"] = gan.learned
    return gan, networks


def fake_of(nets, draws):
    return run(nets["generator"], draws.normal((6, 2)))


def test_discriminators_minimise_their_own_losses():
    gan, networks = gman(0.0)

    def objective(nets, draws):
        fake = fake_of(nets, draws)
        return sum(
            mean_softplus(-run(nets[i], X)) + mean_softplus(run(nets[i], fake))
            for i in range(3)
        )

    check(gan, "discriminator", X, objective, networks)
    # Another first discriminator changes nothing for the second.
    variables = networks[1].trainable_variables
    *_, before = loss_of(gan, "discriminator", X, variables=variables)
    networks[0].set_weights([5 * w for w in networks[0].get_weights()])
    *_, after = loss_of(gan, "discriminator", X, variables=variables)
    for a, b in zip(before, after):
        close(a, b, rtol=1e-6)


@pytest.mark.parametrize("kind", ["non_saturating", "minimax"])
@pytest.mark.parametrize("temperature", [0.0, 2.0, float("inf"), "learned"])
def test_generator(temperature, kind):
    """`sum_i w_i V_i`, `w = softmax(l V)`; learned, its gradient by differences."""
    gan, networks = gman(temperature, kind)
    weights = []

    def objective(nets, draws):
        fake = fake_of(nets, draws)
        on_fake = [run(nets[i], fake) for i in range(3)]
        if kind == "minimax":
            each = np.array([-mean_softplus(t) for t in on_fake])
        else:
            each = np.array([mean_softplus(-t) for t in on_fake])
        if temperature == float("inf"):
            weights[:] = [1.0]
            return max(each)
        rate = temperature
        if temperature == "learned":
            rate = float(softplus(nets["temperature"][0]))
        powers = np.exp(rate * each)
        weights[:] = powers / powers.sum()
        bonus = 1e-3 * rate if temperature == "learned" else 0.0
        return np.sum(weights * each) - bonus

    _, logs = check(gan, "generator", X, objective, networks)
    close(logs["strictest_share"], max(weights))


def test_mean_and_maximum_are_the_ends():
    low, high = (loss_of(gman(t)[0], "generator", X)[0] for t in (0.0, float("inf")))
    close(loss_of(gman(1e-6)[0], "generator", X)[0], low, rtol=1e-5)
    close(loss_of(gman(1e4)[0], "generator", X)[0], high, rtol=1e-5)
    assert low < loss_of(gman(1.0)[0], "generator", X)[0] < high
