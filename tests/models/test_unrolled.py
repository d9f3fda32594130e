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


@pytest.mark.parametrize("steps", [1, 3])
def test_gradient_through_the_steps(steps):
    gan, x = unrolled(steps), batch()
    moments, real = set_moments(gan), x.astype("float64")
    after = []

    def fake_of(nets, draws):
        return run(nets["generator"], draws.normal((len(x), 2)).astype("float64"))

    def objective(nets, draws):
        fake = fake_of(nets, draws)
        after[:] = stepped(nets["discriminator"], real, fake, steps, moments)
        return np.mean(softplus(-run(after, fake)))

    check(gan, "generator", x, objective)

    # The steps matter, and so does the gradient through them.
    variables = gan.generator.trainable_variables
    *_, through = loss_of(gan, "generator", x, variables=variables)
    gan.unroll_steps = 0
    *_, plain = loss_of(gan, "generator", x, variables=variables)
    weights = [v.numpy().astype("float64") for v in variables]
    stopped = numeric_gradients(
        lambda: np.mean(
            softplus(-run(after, fake_of({"generator": weights}, HostDraws(3))))
        ),
        weights,
    )
    for other in (plain, stopped):
        difference = np.abs(through[0] - other[0]).max()
        assert difference > 0.02 * np.abs(through[0]).max()


def test_the_discriminator_is_where_it_was():
    gan = unrolled(2)
    set_moments(gan)
    before = [v.numpy() for v in (*gan.variables, *gan.optimizer.variables)]
    loss_of(gan, "generator", batch())
    after = [v.numpy() for v in (*gan.variables, *gan.optimizer.variables)]
    for a, b in zip(before, after):
        np.testing.assert_array_equal(a, b)


def test_unrolled_steps_are_those_of_keras_adam():
    """Real steps on the same batch, after which the vanilla loss is the unrolled."""
    real = batch()
    gan = unrolled(3)
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
    close(loss_of(other, "generator", real)[0], wanted, rtol=1e-5)
    assert abs(wanted - loss_of(unrolled(0), "generator", real)[0]) > 0.01


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
