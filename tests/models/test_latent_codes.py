"""DeliGAN, InfoGAN and GM-GAN: what they make of their latents."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.training.draws import HostDraws
from support.hand import array, batch, check, close, loss_of, mean_softplus, mlp, run

X = batch()


def mixture(trainable=True):
    latents = km.latents.GaussianMixture(2, 3, trainable=trainable)
    rng = np.random.default_rng(8)
    latents.log_stddevs.assign(rng.normal(-0.5, 0.4, latents.log_stddevs.shape))
    return latents


def drawn(latents, draws, n=6):
    """`mu_k + sigma_k eps` and `k`, from means and logarithms of deviations."""
    means, log_stddevs = latents
    index = draws.integers((n,), len(means))
    noise = draws.normal((n, means.shape[1])).astype("float64")
    return means[index] + np.exp(log_stddevs[index]) * noise, index


def test_deligan():
    """The gradient reaches means and deviations, through samples and the penalty."""
    gan = km.DeliGAN(
        mlp(2, 2, seed=1), mlp(2, 3, 1, seed=2), mixture(), stddev_weight=0.7, seed=0
    )

    def generator(nets, draws):
        z, _ = drawn(nets["latents"], draws)
        on_fake = run(nets["discriminator"], run(nets["generator"], z))
        stddevs = np.exp(nets["latents"][1])
        return mean_softplus(-on_fake) + 0.7 * np.mean((1 - stddevs) ** 2)

    _, logs = check(gan, "generator", X, generator, seed=1)  # all components
    close(logs["mean_stddev"], np.mean(np.exp(gan.latents.log_stddevs.numpy())))

    def discriminator(nets, draws):
        z, _ = drawn(nets["latents"], draws)
        d = nets["discriminator"]
        on_fake = run(d, run(nets["generator"], z))
        return mean_softplus(-run(d, X)) + mean_softplus(on_fake)

    check(gan, "discriminator", X, discriminator)


def test_deligans_penalty_in_closed_form():
    """A generator that ignores its latents: `2 w (s - 1) s / n` by `log s`."""
    gan = km.DeliGAN(mlp(2, 2), mlp(2, 1), mixture(), seed=0)
    gan.generator.set_weights([np.zeros((2, 2)), np.zeros(2)])
    log_stddevs = gan.latents.log_stddevs
    *_, (gradient,) = loss_of(gan, "generator", X, variables=[log_stddevs])
    sigma = np.exp(log_stddevs.numpy().astype("float64"))
    close(gradient, 2 * 0.1 * (sigma - 1) * sigma / sigma.size)


def infogan(**kwargs):
    return km.InfoGAN(
        mlp(6, 2, seed=1),
        mlp(2, 3, 6, seed=2),
        km.latents.Normal(1),
        codes=[km.latents.Categorical(3), km.latents.Uniform(2)],
        information_weight=0.6,
        seed=0,
        **kwargs,
    )


@pytest.mark.parametrize("kind", ["non_saturating", "minimax"])
def test_infogan(kind):
    gan = infogan(generator_loss=kind)

    def parts(nets, draws):
        noise = draws.normal((6, 1)).astype("float64")
        category = draws.integers((6,), 3)
        value = draws.uniform((6, 2), -1.0, 1.0).astype("float64")
        z = np.concatenate([noise, np.eye(3)[category], value], axis=1)
        out = run(nets["discriminator"], run(nets["generator"], z))
        powers = np.exp(out[:, 1:4])
        probability = powers / np.sum(powers, axis=1, keepdims=True)
        normal = np.exp(-0.5 * (value - out[:, 4:]) ** 2) / np.sqrt(2 * np.pi)
        likelihood = probability[np.arange(6), category] * np.prod(normal, axis=1)
        return out[:, :1], np.mean(np.log(likelihood))

    def discriminator(nets, draws):
        on_fake, log_q = parts(nets, draws)
        on_real = run(nets["discriminator"], X)[:, :1]
        return mean_softplus(-on_real) + mean_softplus(on_fake) - 0.6 * log_q

    def generator(nets, draws):
        on_fake, log_q = parts(nets, draws)
        minimax = kind == "minimax"
        loss = -mean_softplus(on_fake) if minimax else mean_softplus(-on_fake)
        return loss - 0.6 * log_q

    check(gan, "discriminator", X, discriminator)
    check(gan, "generator", X, generator)


def test_recognize():
    gan = infogan()
    out = run(gan.discriminator.get_weights(), X)
    category, value = map(array, gan.recognize(X))
    exponentials = np.exp(out[:, 1:4])
    close(category, exponentials / exponentials.sum(axis=1, keepdims=True), rtol=1e-5)
    close(value, out[:, 4:], rtol=1e-5)
    rates = {k: float(o.learning_rate) for k, o in gan.default_optimizers().items()}
    assert rates == pytest.approx({"discriminator": 2e-4, "generator": 1e-3})


def gm_gan(outputs=1, **kwargs):
    return km.GaussianMixtureGAN(
        mlp(2, 2, seed=1), mlp(2, 3, outputs, seed=2), mixture(False), seed=0, **kwargs
    )


def test_supervised_objectives():
    """Those of the slides, with `f` of three components onto two classes."""
    gan = gm_gan(2, supervised=True, dynamic=True, class_of_component=[1, 0, 1])
    labels = np.array([0, 1, 1, 0, 1, 0], "int32")

    def sigmoid(t):
        return 1 / (1 + np.exp(-t))

    def of_class(d, y):
        """`log D_y + sum_{m != y} log(1 - D_m)` of each sample, summed by hand."""
        return [
            sum(np.log(p if m == k else 1 - p) for m, p in enumerate(row))
            for row, k in zip(d, y)
        ]

    def discriminator(nets, draws):
        z, _ = drawn(nets["latents"], draws)
        d, fake = nets["discriminator"], run(nets["generator"], z)
        fake, real = sigmoid(run(d, fake)), sigmoid(run(d, X))
        rejected = np.mean(np.sum(np.log(1 - fake), axis=1))
        return -rejected - np.mean(of_class(real, labels))

    _, logs = check(gan, "discriminator", (X, labels), discriminator)
    right = np.argmax(run(gan.discriminator.get_weights(), X), axis=1) == labels
    assert logs["class_accuracy"] == pytest.approx(np.mean(right))

    def generator(nets, draws):
        z, index = drawn(nets["latents"], draws)
        assert set(index) == {0, 1, 2}
        fake = sigmoid(run(nets["discriminator"], run(nets["generator"], z)))
        return -np.mean(of_class(fake, np.array([1, 0, 1])[index]))

    check(gan, "generator", (X, labels), generator, seed=1)
    assert gm_gan(2, supervised=True)._classes == [0, 1, 0]


def test_sigmoids_can_all_reject_a_sample_and_a_softmax_cannot():
    """Why outputs are no softmax: its least loss on generated samples is not 0."""
    gan = gm_gan(2, supervised=True)
    weights = gan.discriminator.get_weights()
    weights[-2][:], weights[-1][:] = 0.0, -20.0
    gan.discriminator.set_weights(weights)
    real = array(gan._class_loss(array(gan.embed(X)), np.zeros(6, "int32")))
    loss = loss_of(gan, "discriminator", (X, np.zeros(6, "int32")))[0]
    assert loss - real == pytest.approx(0.0, abs=1e-5)
    assert -2 * np.log(1 - 1 / 2) > 1.38  # the best two probabilities with sum 1


def fake_of(nets, draws):
    return run(nets["generator"], drawn(nets["latents"], draws)[0])


def test_unsupervised_is_vanilla():
    gan = gm_gan(dynamic=True)

    def discriminator(nets, draws):
        d = nets["discriminator"]
        return mean_softplus(-run(d, X)) + mean_softplus(run(d, fake_of(nets, draws)))

    def generator(nets, draws):
        return mean_softplus(-run(nets["discriminator"], fake_of(nets, draws)))

    check(gan, "discriminator", X, discriminator)
    check(gan, "generator", X, generator)


def test_form_of_wgan_gp():
    gan = gm_gan(gradient_penalty=5.0, dynamic=True)

    def discriminator(nets, draws):
        d, fake = nets["discriminator"], fake_of(nets, draws)
        weight = draws.uniform((6, 1)).astype("float64")
        hidden = np.tanh((weight * X + (1 - weight) * fake) @ d[0] + d[1])
        slopes = ((1 - hidden**2) * d[2][:, 0]) @ d[0].T
        penalty = np.mean((np.linalg.norm(slopes, axis=1) - 1) ** 2)
        return np.mean(run(d, fake)) - np.mean(run(d, X)) + 5.0 * penalty

    def generator(nets, draws):
        return -np.mean(run(nets["discriminator"], fake_of(nets, draws)))

    check(gan, "discriminator", X, discriminator)
    check(gan, "generator", X, generator)


@pytest.mark.parametrize("dynamic", [True, False])
def test_dynamic_latents_move(dynamic):
    gan = gm_gan(dynamic=dynamic)
    gan.compile({p.name: keras.optimizers.SGD(0.1) for p in gan.players()})
    before = [v.numpy() for v in gan.latents.weights]
    gan.adversarial_step((keras.ops.convert_to_tensor(X),))
    for variable, value in zip(gan.latents.weights, before):
        assert np.array_equal(variable.numpy(), value) != dynamic
    draws = HostDraws(5)
    z, _ = drawn([v.numpy().astype("float64") for v in gan.latents.weights], draws, 4)
    close(array(gan.latents.sample(4, seed=5)), z, rtol=1e-5)
