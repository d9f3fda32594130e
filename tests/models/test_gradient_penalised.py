"""DRAGAN and R3GAN: penalties in closed form, and the pairing of R3GAN."""

import keras
import numpy as np
from keras import ops

import keras_mdgan as km
from keras_mdgan.training.draws import HostDraws
from support.hand import batch, check, close, linear, loss_of, mlp, run, softplus


class HalfSquare(keras.layers.Layer):
    """`norm(x)^2 / 2`, whose gradient is `x`: it tells where a gradient was taken."""

    def call(self, x):
        return 0.5 * ops.sum(ops.square(x), axis=-1, keepdims=True)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 1)


def build(cls, discriminator, **kwargs):
    generator = linear([[0.5, 0.0], [0.2, 1.5]], 0.3)
    return cls(generator, discriminator, km.latents.Normal(2), seed=0, **kwargs)


def noise_and_fake(gan, n, seed=3):
    draws = HostDraws(seed)
    z = draws.normal((n, 2)).astype("float64")
    return draws, run(gan.generator.get_weights(), z)


def vanilla(on_real, on_fake):
    return np.mean(softplus(-on_real)) + np.mean(softplus(on_fake))


def test_dragan_with_a_linear_discriminator():
    """The gradient is `w` everywhere: the penalty is `(norm(w) - 1)^2`."""
    gan, x = build(km.DRAGAN, linear([[3.0], [4.0]], 0.5), penalty_weight=7.0), batch()

    def objective(nets, draws):
        fake = run(nets["generator"], draws.normal((6, 2)))
        w = nets["discriminator"]
        penalty = (np.linalg.norm(w[0]) - 1) ** 2
        return vanilla(run(w, x), run(w, fake)) + 7.0 * penalty

    _, logs = check(gan, "discriminator", x, objective)
    close(logs["gradient_penalty"], 16.0, rtol=1e-5)

    def generator(nets, draws):
        fake = run(nets["generator"], draws.normal((6, 2)))
        return np.mean(softplus(-run(nets["discriminator"], fake)))

    check(gan, "generator", x, generator)


def test_where_dragan_takes_gradients():
    gan, x = build(km.DRAGAN, HalfSquare()), 3.0 * batch()
    draws, fake = noise_and_fake(gan, 6)
    near = x + 0.5 * np.std(x) * draws.uniform((6, 2))
    penalty = np.mean((np.linalg.norm(near, axis=1) - 1) ** 2)
    loss, logs, _ = loss_of(gan, "discriminator", x)
    close(logs["gradient_penalty"], penalty, rtol=1e-5)
    half = [0.5 * np.sum(v**2, axis=1) for v in (x.astype("float64"), fake)]
    close(loss, vanilla(*half) + 10.0 * penalty, rtol=1e-5)


def test_r3gan_with_a_linear_discriminator():
    """Both penalties are `norm(w)^2`, and the pairing is by places in the batch."""
    gan = build(km.RelativisticGAN, linear([[0.6], [-0.8]], 2.0), penalty_weight=0.3)
    x = batch()

    def objective(nets, draws):
        w = nets["discriminator"]
        fake = run(nets["generator"], draws.normal((6, 2)))
        pairs = softplus(-(run(w, x) - run(w, fake)))
        return np.mean(pairs) + 0.15 * 2 * np.sum(w[0] ** 2)

    _, logs = check(gan, "discriminator", x, objective)
    close([logs["r1"], logs["r2"]], [1.0, 1.0], rtol=1e-5)

    def generator(nets, draws):
        w = nets["discriminator"]
        fake = run(nets["generator"], draws.normal((6, 2)))
        return np.mean(softplus(-(run(w, fake) - run(w, x))))

    check(gan, "generator", x, generator)


def test_r1_at_real_and_r2_at_generated_samples():
    gan, x = build(km.RelativisticGAN, HalfSquare(), penalty_weight=2.0), 2.0 * batch()
    _, fake = noise_and_fake(gan, 6)
    squares = [np.sum(v**2, axis=1) for v in (x.astype("float64"), fake)]
    loss, logs, _ = loss_of(gan, "discriminator", x)
    close(logs["r1"], np.mean(squares[0]), rtol=1e-5)
    close(logs["r2"], np.mean(squares[1]), rtol=1e-5)
    pairs = np.mean(softplus(-0.5 * (squares[0] - squares[1])))
    close(loss, pairs + logs["r1"] + logs["r2"], rtol=1e-5)
    close(logs["pair_accuracy"], np.mean(squares[0] > squares[1]))


def test_penalties_of_a_bent_discriminator():
    gan = build(km.RelativisticGAN, mlp(2, 3, 1, seed=4), penalty_weight=1.5)
    x = batch()

    def slopes(w, v):
        hidden = np.tanh(v @ w[0] + w[1])
        return ((1 - hidden**2) * w[2][:, 0]) @ w[0].T

    def objective(nets, draws):
        w = nets["discriminator"]
        fake = run(nets["generator"], draws.normal((6, 2)))
        penalties = [np.mean(np.sum(slopes(w, v) ** 2, axis=1)) for v in (x, fake)]
        return np.mean(softplus(run(w, fake) - run(w, x))) + 0.75 * sum(penalties)

    check(gan, "discriminator", x, objective)
