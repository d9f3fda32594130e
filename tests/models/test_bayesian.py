"""SGHMC's stationary law and state; Bayesian GAN's posteriors and ensembles."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.optimizers import SGHMC
from keras_mdgan.training.backends import engine
from keras_mdgan.training.draws import HostDraws
from support.hand import (
    array,
    batch,
    check,
    close,
    linear,
    loss_of,
    mean_softplus,
    mlp,
    run,
)


def stationary_variance(curvature, rate, friction, temperature):
    """Of the weight under SGHMC's recursion on a parabola: exact, at any rate.

    `s = (v, w)` moves to `A s + b xi`, so that its covariance is `A C A^T + b b^T`.
    """
    v = [1 - friction, -rate * curvature]
    a = np.array([v, [v[0], 1 + v[1]]])
    b = np.sqrt(2 * friction * rate * temperature) * np.ones((2, 1))
    system = np.eye(4) - np.kron(a, a)
    return np.linalg.solve(system, (b @ b.T).ravel())[3]


def test_stationary_variance_is_temperature_over_curvature():
    """10,000 chains in a parabola, 10,000 in one four times as steep."""
    curvature = np.repeat([1.0, 4.0], 10_000).astype("float32")
    temperature, rate, friction = 0.25, 0.02, 0.2
    variable = keras.Variable(np.zeros(20_000, "float32"))
    optimizer = SGHMC(rate, friction, temperature, seed=0)
    optimizer.draws = HostDraws(0)
    for _ in range(250):
        gradient = keras.ops.convert_to_tensor(curvature * variable.numpy())
        engine.apply(optimizer, [gradient], [variable])
    for part, c in zip(np.split(variable.numpy().astype("float64"), 2), (1.0, 4.0)):
        exact = stationary_variance(c, rate, friction, temperature)
        assert exact == pytest.approx(temperature / c, rel=0.03)
        error = np.sqrt(2 / len(part))  # relative standard error of a variance
        assert np.var(part) == pytest.approx(exact, rel=4 * error)
        assert abs(np.mean(part)) < 4 * np.sqrt(exact / len(part))


def test_without_noise_it_is_momentum():
    gradients = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    variable = keras.Variable(np.ones(3, "float32"))
    optimizer = SGHMC(0.1, friction=0.3, temperature=0.0)
    weight, velocity = np.ones(3), np.zeros(3)
    for gradient in gradients:
        engine.apply(optimizer, [keras.ops.convert_to_tensor(gradient)], [variable])
        velocity = 0.7 * velocity - 0.1 * gradient
        weight = weight + velocity
        close(variable.numpy(), weight, rtol=1e-5)


def test_the_seeds_state_is_saved():
    def step(optimizer, variable, count):
        for _ in range(count):
            engine.apply(optimizer, [keras.ops.ones(4)], [variable])
        return variable.numpy()

    first = keras.Variable(np.zeros(4, "float32"))
    optimizer = SGHMC(0.1, seed=3)
    start = step(optimizer, first, 2)
    store = {}
    optimizer.save_own_variables(store)
    store = {k: np.array(array(v)) for k, v in store.items()}
    wanted = step(optimizer, first, 2)
    second = keras.Variable(start)
    other = SGHMC.from_config({**optimizer.get_config(), "seed": 9})
    other.build([second])
    other.load_own_variables(store)
    np.testing.assert_array_equal(step(other, second, 2), wanted)
    assert not np.allclose(step(SGHMC(0.1, seed=4), keras.Variable(start), 2), wanted)


def bayesian(generators=3, discriminators=2, **kwargs):
    return km.BayesianGAN(
        [mlp(2, 2, seed=s) for s in range(generators)],
        [mlp(2, 3, 1, seed=10 + s) for s in range(discriminators)],
        km.latents.Normal(2),
        seed=0,
        **kwargs,
    )


def test_posteriors():
    """Losses are negative log posteriors over `N`; the generators share the batch."""
    gan, x = bayesian(data_size=50, prior_stddev=0.7), batch()
    generators = dict(enumerate(gan.generator.networks))
    judges = {f"d{i}": d for i, d in enumerate(gan.discriminator.networks)}

    def made(nets, draws):
        return [run(nets[i], draws.normal((2, 2))) for i in range(3)]

    def prior(nets, names):
        square = sum(np.sum(w**2) for name in names for w in nets[name])
        return square / (2 * 0.7**2 * 50)

    def discriminator(nets, draws):
        fake = np.concatenate(made(nets, draws))
        assert len(fake) == 6
        loss = sum(
            mean_softplus(-run(nets[d], x)) + mean_softplus(run(nets[d], fake))
            for d in judges
        )
        return loss + prior(nets, judges)

    def generator(nets, draws):
        loss = sum(
            np.mean([mean_softplus(-run(nets[d], fake)) for d in judges])
            for fake in made(nets, draws)
        )
        return loss + prior(nets, generators)

    networks = {**generators, **judges}
    check(gan, "discriminator", x, discriminator, networks)
    check(gan, "generator", x, generator, networks)


def test_a_batch_that_generators_do_not_divide_gives_each_its_share():
    gan = bayesian(4, 1)
    sizes = [array(part).shape[0] for part in gan._of_each_generator(batch(6))]
    assert sizes == [2, 2, 2, 2]


def test_temperature_is_one_over_the_number_of_samples():
    gan = bayesian(data_size=500)
    optimizers = gan.default_optimizers()
    assert {o.temperature for o in optimizers.values()} == {1 / 500}
    assert {o.friction for o in optimizers.values()} == {0.1}
    gan.draws = HostDraws(0)
    assert len({o.seed for o in optimizers.values()}) == 2


def test_samples_come_from_every_generator():
    generators = [linear(np.zeros((2, 2)), float(i)) for i in range(3)]
    gan = km.BayesianGAN(generators, mlp(2, 1), km.latents.Normal(2), seed=0)
    samples = gan.sample(3000, seed=1)[:, 0]
    shares = [np.mean(samples == i) for i in range(3)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == pytest.approx([1 / 3] * 3, abs=0.04)
    *_, gradients = loss_of(
        gan, "generator", batch(), variables=gan.generator.trainable_variables
    )
    assert len(gradients) == 6
    assert all(g.any() for g in gradients)


def trained(gan, x, **kwargs):
    gan.compile()
    gan.fit(x, verbose=0, **kwargs)
    return gan


def temperatures(gan):
    return {gan.optimizer[name].temperature for name in ("discriminator", "generator")}


def with_torch(x):
    import torch

    return torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.from_numpy(x)), batch_size=4
    )


def with_tensorflow(x):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(x).batch(4)


@pytest.mark.parametrize(
    "kind",
    [
        lambda x: x,
        lambda x: km.datasets.ShuffledBatches(x, batch_size=4),
        {"torch": with_torch, "tensorflow": with_tensorflow}.get(
            keras.backend.backend(), keras.ops.convert_to_tensor
        ),
    ],
)
def test_fit_knows_the_number_of_samples(kind):
    gan = trained(bayesian(), kind(batch(12)))
    assert gan.data_size == 12
    assert temperatures(gan) == {1 / 12}


def test_the_number_of_samples_decides_the_run():
    x = batch(12)
    found, told, other = (
        trained(bayesian(**kw), x, batch_size=4, epochs=2)
        for kw in ({}, {"data_size": 12}, {"data_size": 10_000})
    )
    for one, two in zip(found.get_weights(), told.get_weights()):
        np.testing.assert_array_equal(one, two)
    pairs = zip(told.get_weights(), other.get_weights())
    assert any(np.abs(one - two).max() > 0.01 for one, two in pairs)
    assert told.data_size == 12
    assert trained(bayesian(data_size=7), x, batch_size=4).data_size == 7


def test_other_data_are_another_number():
    gan = trained(bayesian(), batch(12), batch_size=4)
    gan.fit(batch(24), batch_size=4, verbose=0, validation_split=0.5)
    assert (gan.data_size, temperatures(gan)) == (12, {1 / 12})
    gan.fit(batch(24), batch_size=4, verbose=0)
    assert (gan.data_size, temperatures(gan)) == (24, {1 / 24})
    gan.compile({p.name: SGHMC(1e-2, temperature=0.5) for p in gan.players()})
    gan.fit(batch(8), batch_size=4, verbose=0)
    assert (gan.data_size, temperatures(gan)) == (8, {0.5})  # the user's choice


def test_a_loaded_model_knows_the_number(tmp_path):
    gan = trained(bayesian(), batch(12), batch_size=4)
    gan.save(tmp_path / "bayesian.keras")
    again = km.load_model(tmp_path / "bayesian.keras")
    assert (again.data_size, temperatures(again)) == (12, {1 / 12})
    again.fit(batch(24), batch_size=4, verbose=0)
    assert again.data_size == 24


def test_data_of_unknown_length_are_refused():
    def endless():
        while True:
            yield (batch(4),)

    gan = bayesian()
    gan.compile()
    with pytest.raises(ValueError, match="`data_size`"):
        gan.fit(endless(), steps_per_epoch=2, verbose=0)
    told = bayesian(data_size=50)
    told.compile()
    told.fit(endless(), steps_per_epoch=2, verbose=0)
