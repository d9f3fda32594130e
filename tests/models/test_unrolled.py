"""Unrolled GAN: the generator's gradient flows through the discriminator's steps."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.models.unrolled import _Adam
from keras_mdgan.training.backends import engine
from keras_mdgan.training.draws import HostDraws
from support.hand import (
    array,
    batch,
    check,
    close,
    linear,
    loss_of,
    mlp,
    numeric_gradients,
    run,
    softplus,
)

RATE = 0.3


def unrolled(steps, cls=km.UnrolledGAN, **kwargs):
    if cls is km.UnrolledGAN:
        kwargs = {"unroll_steps": steps, "unroll_learning_rate": RATE, **kwargs}
    gan = cls(
        mlp(2, 2, seed=1), mlp(2, 3, 1, seed=2), km.latents.Normal(2), seed=0, **kwargs
    )
    gan.compile()
    return gan


def set_moments(gan, seed=5):
    """What Adam remembers of earlier steps, which the unrolled ones go on from."""
    adam = gan.optimizer["discriminator"]
    rng = np.random.default_rng(seed)
    moments = [0.1 * rng.normal(size=v.shape) for v in adam._momentums]
    squares = [rng.uniform(0.002, 0.01, size=v.shape) for v in adam._velocities]
    for slots, values in ((adam._momentums, moments), (adam._velocities, squares)):
        for slot, value in zip(slots, values):
            slot.assign(value)
    adam.iterations.assign(7)
    return moments, squares, 7


def discriminator_gradients(weights, real, fake):
    """Of the vanilla loss with one hidden `tanh` layer, by hand."""
    w, b, v, c = weights
    total = [np.zeros_like(a) for a in weights]
    for x, sign in ((real, -1.0), (fake, 1.0)):
        hidden = np.tanh(x @ w + b)
        slope = sign / (1 + np.exp(-sign * (hidden @ v + c))) / len(x)
        inner = (slope @ v.T) * (1 - hidden**2)
        for t, g in zip(
            total, (x.T @ inner, inner.sum(0), hidden.T @ slope, slope.sum(0))
        ):
            t += g
    return total


def stepped(weights, real, fake, steps, moments):
    """The discriminator after Adam's steps (Kingma and Ba 2014, algorithm 1)."""
    weights = [w.copy() for w in weights]
    first, second = ([m.copy() for m in moments[i]] for i in (0, 1))
    for t in range(moments[2] + 1, moments[2] + steps + 1):
        for i, g in enumerate(discriminator_gradients(weights, real, fake)):
            first[i] = 0.5 * first[i] + 0.5 * g
            second[i] = 0.999 * second[i] + 0.001 * g**2
            rate = RATE * np.sqrt(1 - 0.999**t) / (1 - 0.5**t)
            weights[i] -= rate * first[i] / (np.sqrt(second[i]) + 1e-7)
    return weights


def surrogate(weights, real, fake, kind, real_term=True):
    """`f(G, D_k)`, eq. (10), or with its second term non-saturating."""
    on_fake = run(weights, fake)
    second = softplus(-on_fake) if kind == "non_saturating" else -softplus(on_fake)
    first = -np.mean(softplus(-run(weights, real))) if real_term else 0.0
    return first + np.mean(second)


@pytest.mark.parametrize("real_term", [True, False])
@pytest.mark.parametrize("kind", ["non_saturating", "minimax"])
@pytest.mark.parametrize("steps", [1, 3])
def test_gradient_through_the_steps(steps, kind, real_term):
    gan, x = unrolled(steps, generator_loss=kind, real_term=real_term), batch()
    moments, real = set_moments(gan), x.astype("float64")
    after = []

    def fake_of(nets, draws):
        return run(nets["generator"], draws.normal((len(x), 2)).astype("float64"))

    def objective(nets, draws):
        fake = fake_of(nets, draws)
        after[:] = stepped(nets["discriminator"], real, fake, steps, moments)
        return surrogate(after, real, fake, kind, real_term)

    check(gan, "generator", x, objective)

    # The steps matter, and so does the gradient through them.
    variables = gan.generator.trainable_variables
    *_, through = loss_of(gan, "generator", x, variables=variables)
    gan.unroll_steps = 0
    *_, plain = loss_of(gan, "generator", x, variables=variables)
    weights = [v.numpy().astype("float64") for v in variables]
    stopped = numeric_gradients(
        lambda: surrogate(
            after, real, fake_of({"generator": weights}, HostDraws(3)), kind, real_term
        ),
        weights,
    )
    for other in (plain, stopped):
        difference = np.abs(through[0] - other[0]).max()
        assert difference > 0.01 * np.abs(through[0]).max()


def test_the_real_term_depends_on_the_generator():
    """Through the discriminator's steps: its derivative is not zero."""
    x = batch()
    gradients = []
    for real_term in (True, False):
        gan = unrolled(3, real_term=real_term)
        set_moments(gan)
        variables = gan.generator.trainable_variables
        gradients.append(loss_of(gan, "generator", x, variables=variables)[2][0])
    difference = np.abs(gradients[0] - gradients[1]).max()
    assert difference > 0.02 * np.abs(gradients[1]).max()


@pytest.mark.parametrize(
    "momentum", [{}, {"momentum": 0.7}, {"momentum": 0.7, "nesterov": True}]
)
def test_steps_of_gradient_descent(momentum):
    """The discriminator's optimizer is SGD: so are the steps, at its own rate."""
    gan, x = unrolled(3, unroll_learning_rate=None), batch()
    gan.compile(
        {
            "discriminator": keras.optimizers.SGD(0.2, **momentum),
            "generator": keras.optimizers.SGD(0.2),
        }
    )
    own = gan.optimizer["discriminator"]
    rng = np.random.default_rng(5)
    start = [0.1 * rng.normal(size=v.shape) for v in gan.discriminator.weights]
    if momentum:
        for slot, value in zip(own.momentums, start):
            slot.assign(value)

    def objective(nets, draws):
        fake = run(nets["generator"], draws.normal((len(x), 2)).astype("float64"))
        weights = [w.copy() for w in nets["discriminator"]]
        velocities, m = [v.copy() for v in start], momentum.get("momentum", 0.0)
        for _ in range(3):
            for i, g in enumerate(discriminator_gradients(weights, x, fake)):
                velocities[i] = m * velocities[i] - 0.2 * g
                nesterov = m * velocities[i] - 0.2 * g
                weights[i] += nesterov if "nesterov" in momentum else velocities[i]
        return surrogate(weights, x, fake, "non_saturating")

    check(gan, "generator", x, objective)


def test_the_rate_is_that_of_the_discriminators_optimizer():
    """Also when it changes: by a callback, or by a schedule."""
    x = batch()

    def loss(rate=None, own=RATE, schedule=False):
        gan = unrolled(2, unroll_learning_rate=rate)
        if schedule:
            own = keras.optimizers.schedules.PiecewiseConstantDecay([6], [9.0, own])
        gan.compile(
            {
                "discriminator": keras.optimizers.Adam(own, 0.5),
                "generator": keras.optimizers.Adam(1e-3),
            }
        )
        set_moments(gan)  # after seven updates
        return gan, loss_of(gan, "generator", x)[0]

    wanted = loss(rate=RATE, own=1e-4)[1]
    gan, follows = loss()
    close(follows, wanted, rtol=1e-6)
    close(loss(schedule=True)[1], wanted, rtol=1e-6)
    gan.optimizer["discriminator"].learning_rate = 0.01
    other = loss(rate=0.01)[1]
    close(loss_of(gan, "generator", x)[0], other, rtol=1e-6)
    assert abs(other - wanted) > 1e-3


def test_a_compiled_step_follows_the_rate():
    """The rate is read in each step, and not when the step is compiled."""
    x = np.tile(batch(), (4, 1))

    def train(unroll_learning_rates):
        gan, rates = unrolled(2), iter(unroll_learning_rates)
        for rate in (0.5, 1e-3):
            gan.unroll_learning_rate = next(rates)
            gan.optimizer["discriminator"].learning_rate = rate
            gan.fit(x, batch_size=6, verbose=0)
            if gan.unroll_learning_rate is not None:
                gan.train_function = None  # a number is compiled into the step
        return gan.get_weights()

    for one, other in zip(train((None, None)), train((0.5, 1e-3))):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_files_from_before_the_choice_keep_their_surrogate():
    gan = unrolled(2)
    config = gan.get_config()
    assert type(gan).from_config(dict(config)).real_term
    del config["real_term"]
    assert not type(gan).from_config(config).real_term


def test_the_discriminator_is_where_it_was():
    gan = unrolled(2)
    set_moments(gan)
    before = [v.numpy() for v in (*gan.variables, *gan.optimizer.variables)]
    loss_of(gan, "generator", batch())
    after = [v.numpy() for v in (*gan.variables, *gan.optimizer.variables)]
    for a, b in zip(before, after):
        np.testing.assert_array_equal(a, b)


def test_unrolled_steps_are_those_of_keras_adam():
    """Real steps on the same batch, after which `f` is the surrogate."""
    real = batch()
    gan = unrolled(3, generator_loss="minimax")
    set_moments(gan)
    wanted, *_ = loss_of(gan, "generator", real)
    other = unrolled(0)
    set_moments(other)
    adam = other.optimizer["discriminator"]
    adam.learning_rate = RATE
    variables = other.discriminator.trainable_variables
    for _ in range(3):
        gradients = loss_of(other, "discriminator", real, variables=variables)[2]
        engine.apply(
            adam, [keras.ops.convert_to_tensor(g) for g in gradients], variables
        )
    close(-loss_of(other, "discriminator", real)[0], wanted, rtol=1e-5)
    assert abs(wanted + loss_of(unrolled(0), "discriminator", real)[0]) > 0.01


def test_adams_rule_on_values():
    variable = keras.Variable(np.array([1.0, -2.0, 0.5], "float32"))
    adam = keras.optimizers.Adam(RATE, 0.7, 0.95, epsilon=1e-3)
    adam.build([variable])
    rule = _Adam(adam, [variable], RATE)
    values = [keras.ops.convert_to_tensor(variable.numpy())]
    for gradient in np.random.default_rng(0).normal(size=(4, 3)).astype("float32"):
        gradient[2] = 0.0  # a dead unit's weight, which must stay
        gradients = [keras.ops.convert_to_tensor(gradient)]
        values = rule.step(values, gradients)
        engine.apply(adam, gradients, [variable])
        close(array(values[0]), variable.numpy(), rtol=1e-5)
    assert variable.numpy()[2] == 0.5


def test_no_steps_are_the_vanilla_gan():
    real = batch()
    for kind in ("non_saturating", "minimax"):
        pair = [
            unrolled(0, cls, generator_loss=kind)
            for cls in (km.UnrolledGAN, km.VanillaGAN)
        ]
        for player in ("discriminator", "generator"):
            (a, logs, g), (b, other, h) = (loss_of(gan, player, real) for gan in pair)
            assert a == b
            assert logs == other
            for one, two in zip(g, h):
                np.testing.assert_array_equal(one, two)


def test_a_weight_without_gradient_gives_no_nan():
    gan = km.UnrolledGAN(
        linear(np.eye(2)), linear(np.zeros((2, 1))), km.latents.Normal(2), seed=0
    )  # not compiled: the steps are those of a fresh Adam
    *_, gradients = loss_of(gan, "generator", np.zeros((4, 2), "float32"))
    assert all(np.isfinite(g).all() for g in gradients)
