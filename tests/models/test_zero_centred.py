"""R1 of the vanilla GAN and of Mixture Density GAN, against other derivations."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km

X = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")


def gan_of(cls, outputs, discriminator=None, **options):
    if discriminator is None:
        discriminator = km.networks.mlp_discriminator((2,), outputs=outputs, seed=1)
        draw = np.random.default_rng(2)
        weights = discriminator.get_weights()
        # Larger than at the start of training, where slopes are nearly zero.
        discriminator.set_weights(
            [draw.normal(0, 1.5 / np.sqrt(len(w)), w.shape) for w in weights]
        )
    return cls(
        km.networks.mlp_generator((2,), output_range=2, seed=0),
        discriminator,
        km.latents.Uniform(2),
        seed=0,
        **options,
    )


def linear(outputs):
    layer = keras.layers.Dense(outputs, kernel_initializer="glorot_normal")
    return keras.Sequential([keras.Input((2,)), layer])


def r1_of(gan):
    return number(gan.discriminator_loss(ops.convert_to_tensor(X))[1]["r1"])


def number(x):
    return float(ops.convert_to_numpy(x))


def test_vanilla_penalty_of_a_linear_discriminator():
    gan = gan_of(km.VanillaGAN, 1, linear(1), penalty_weight=2.0)
    wanted = np.sum(np.square(gan.discriminator.get_weights()[0]))
    np.testing.assert_allclose(r1_of(gan), wanted, rtol=1e-5)


@pytest.mark.parametrize("penalty_on", ["logit", "log_ratio"])
def test_penalty_of_the_likelihood_by_finite_differences(penalty_on):
    """`likelihood` does not share the penalty's code; smooth between corners."""
    gan = gan_of(km.MixtureDensityGAN, 3, penalty_weight=1.0, penalty_on=penalty_on)
    step, squares = 2e-3, np.zeros(len(X))
    for axis in range(2):
        moved = [X.copy(), X.copy()]
        moved[0][:, axis] += step
        moved[1][:, axis] -= step
        ratios = [
            ops.convert_to_numpy(gan.likelihood(m)).astype("float64") for m in moved
        ]
        scores = [np.log(r) for r in ratios]
        if penalty_on == "logit":
            scores = [s - np.log(1 - r) for s, r in zip(scores, ratios)]
        squares += ((scores[0] - scores[1]) / (2 * step)) ** 2
    assert squares.mean() > 1e-4
    np.testing.assert_allclose(r1_of(gan), squares.mean(), rtol=2e-2)


def test_penalty_of_the_embedding_is_unbiased():
    """A linear embedding's Jacobian is its kernel."""
    gan = gan_of(
        km.MixtureDensityGAN,
        3,
        linear(3),
        penalty_weight=1.0,
        penalty_on="embedding",
        embedding_range=None,
    )
    wanted = np.sum(np.square(gan.discriminator.get_weights()[0]))
    estimates = [r1_of(gan) for _ in range(300)]
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert np.std(estimates) > 0.1 * wanted
    assert abs(np.mean(estimates) - wanted) < 4 * error


def test_balanced_penalty_is_that_of_the_corners_given():
    gan = gan_of(
        km.MixtureDensityGAN,
        3,
        penalty_weight=1.0,
        assignment="balanced",
        penalty_on="log_ratio",
    )
    embeddings = gan.discriminate(X)
    shares = km.mixtures.balanced_assignment(gan.mixture_real.scores(embeddings))
    corners = ops.convert_to_numpy(shares).argmax(axis=1)
    step, squares = 2e-3, 0.0
    for axis in np.eye(2, dtype="float32"):
        scores = [
            ops.convert_to_numpy(
                gan.mixture_real.log_ratio_at(gan.discriminate(X + d * axis), corners)
            )
            for d in (step, -step)
        ]
        squares += np.mean(((scores[0] - scores[1]) / (2 * step)) ** 2)
    np.testing.assert_allclose(r1_of(gan), squares, rtol=2e-2)


@pytest.mark.parametrize(
    ("cls", "outputs"), [(km.VanillaGAN, 1), (km.MixtureDensityGAN, 3)]
)
def test_penalties_enter_the_loss_with_half_their_weight(cls, outputs):
    losses = {}
    for weight in (0.0, 1e-6, 3.0):
        gan = gan_of(cls, outputs, penalty_weight=weight)
        loss, logs = gan.discriminator_loss(ops.convert_to_tensor(X))
        losses[weight] = number(loss), number(logs.get("r1", 0.0))
        assert ("r1" in logs) == (weight > 0)
    difference = losses[3.0][0] - losses[0.0][0]
    np.testing.assert_allclose(difference, 1.5 * losses[3.0][1], rtol=1e-4)


def test_a_penalty_refuses_wrong_arguments_and_layers():
    with pytest.raises(ValueError, match=r"`penalty_weight`.*Received.*-1"):
        gan_of(km.VanillaGAN, 1, penalty_weight=-1)
    with pytest.raises(ValueError, match=r"`penalty_on`.*'logits'"):
        gan_of(km.MixtureDensityGAN, 3, penalty_on="logits")
    if keras.backend.backend() != "tensorflow":
        return
    layers = [keras.Input((2,)), keras.layers.BatchNormalization()]
    critic = keras.Sequential([*layers, keras.layers.Dense(3)])
    gan_of(km.MixtureDensityGAN, 3, critic)
    with pytest.raises(ValueError, match=r"keras_mdgan\.layers"):
        gan_of(km.MixtureDensityGAN, 3, critic, penalty_weight=1.0)


@pytest.mark.parametrize(
    ("cls", "outputs"),
    [(km.VanillaGAN, 1), (km.RelativisticGAN, 1), (km.MixtureDensityGAN, 3)],
)
def test_a_penalty_of_every_third_sample(cls, outputs):
    few = gan_of(cls, outputs, penalty_weight=1.0, penalty_every=3)
    assert few.get_config()["penalty_every"] == 3
    whole = gan_of(cls, outputs, penalty_weight=1.0)
    logs = whole.discriminator_loss(ops.convert_to_tensor(X[[0, 3]]))[1]
    np.testing.assert_allclose(r1_of(few), number(logs["r1"]), rtol=1e-5)
    with pytest.raises(ValueError, match=r"`penalty_every`.*Received.*0"):
        gan_of(cls, outputs, penalty_every=0)


def test_a_penalty_of_every_second_pack():
    packs = {}
    for every, x in ((2, X), (1, X[[0, 1, 4, 5]])):
        layers = [keras.layers.Dense(1), keras.layers.ELU()]
        critic = keras.Sequential([keras.Input((4,)), *layers])
        critic.set_weights([np.arange(4.0)[:, None] - 1.2, np.zeros(1)])
        gan = gan_of(km.PackedGAN, 1, critic, penalty_weight=1.0, penalty_every=every)
        logs = gan.discriminator_loss(ops.convert_to_tensor(x))[1]
        packs[every] = number(logs["r1"])
    np.testing.assert_allclose(packs[2], packs[1], rtol=1e-5)


def test_the_corner_of_a_sample_is_that_of_its_augmented_copy():
    class Mirror(keras.layers.Layer):
        def call(self, x, training=False):
            return -x if training else x

    plain = gan_of(km.MixtureDensityGAN, 3, assignment="balanced")
    mirrored = gan_of(
        km.MixtureDensityGAN, 3, assignment="balanced", augmentation=Mirror()
    )
    x = ops.convert_to_tensor(X)
    wanted = plain._corners(plain.discriminate(-x))
    embeddings = mirrored.discriminate(x)
    corners = mirrored._corners(mirrored._embedded_copies(x))
    corners, wanted = map(ops.convert_to_numpy, (corners, wanted))
    np.testing.assert_array_equal(corners, wanted)
    unchanged = plain._corners(embeddings)
    assert np.any(corners != ops.convert_to_numpy(unchanged))
    log_real = mirrored.mixture_real.log_ratio_at(embeddings, corners)
    likelihood = mirrored.discriminator_loss(x)[1]["real_likelihood"]
    np.testing.assert_allclose(
        number(likelihood), number(ops.mean(ops.exp(log_real))), rtol=1e-5
    )
    with pytest.raises(ValueError, match=r"`augmentation` is for.*'max'"):
        gan_of(km.MixtureDensityGAN, 3, augmentation=Mirror())
    with pytest.raises(ValueError, match=r"must be None or a layer.*True"):
        gan_of(km.MixtureDensityGAN, 3, assignment="balanced", augmentation=True)
    with pytest.raises(ValueError, match=r"`consistency_weight` needs an `augm"):
        gan_of(km.MixtureDensityGAN, 3, consistency_weight=1.0)


def test_copies_are_classified_as_their_samples():
    """`consistency_weight`: scikit-learn's cross entropy of Gaussians' posteriors."""
    from scipy.stats import multivariate_normal
    from sklearn.metrics import log_loss

    arguments = dict(assignment="balanced", augmentation=keras.layers.Rescaling(-0.7))
    plain = gan_of(km.MixtureDensityGAN, 3, **arguments)
    gan = gan_of(km.MixtureDensityGAN, 3, **arguments, consistency_weight=2.0)
    x = ops.convert_to_tensor(X)
    fake = ops.convert_to_tensor(X[::-1].copy() * 0.5)
    for each in (plain, gan):
        each.generate_like = lambda real: fake
    copies, own = (
        ops.convert_to_numpy(gan.discriminate(each)) for each in (-0.7 * x, x)
    )
    densities = np.stack(
        [multivariate_normal(v, 0.25).pdf(copies) for v in gan.mixture_real.vertices], 1
    )
    posteriors = densities / densities.sum(axis=1, keepdims=True)
    shares = km.mixtures.balanced_assignment(gan.mixture_real.scores(own))
    corners = ops.convert_to_numpy(shares).argmax(axis=1)
    wanted = log_loss(corners, posteriors, labels=range(4))
    loss, logs = gan.discriminator_loss(x)
    np.testing.assert_allclose(number(logs["consistency"]), wanted, rtol=1e-4)
    without = plain.discriminator_loss(x)[0]
    np.testing.assert_allclose(number(loss - without), 2 * wanted, rtol=1e-4)


@pytest.mark.parametrize("assignment", ["max", "balanced"])
def test_pairs_and_both_penalties_by_hand(assignment):
    gan = gan_of(
        km.MixtureDensityGAN,
        3,
        penalty_weight=2.0,
        penalty_samples="both",
        relativistic=True,
        assignment=assignment,
    )
    fake = X[::-1].copy() * 0.5
    gan.generate_like = gan.generate_for = lambda real: ops.convert_to_tensor(fake)
    loss, logs = gan.discriminator_loss(ops.convert_to_tensor(X))
    embeddings = gan.discriminate(X)
    corners = None
    if assignment == "balanced":
        shares = km.mixtures.balanced_assignment(gan.mixture_real.scores(embeddings))
        corners = ops.convert_to_numpy(shares).argmax(axis=1)

    def scores(x, corners):
        e = gan.discriminate(ops.convert_to_tensor(x))
        found = gan.mixture_real.log_ratio(e)
        if corners is not None:
            found = gan.mixture_real.log_ratio_at(e, corners)
        found = ops.convert_to_numpy(found).astype("float64")
        return found - np.log1p(-np.exp(found))

    def slopes(x, corners):
        step, squares = 5e-4, 0.0
        for axis in step * np.eye(2, dtype="float32"):
            moved = scores(x + axis, corners) - scores(x - axis, corners)
            squares += np.mean((moved / (2 * step)) ** 2)
        return squares

    np.testing.assert_allclose(number(logs["r1"]), slopes(X, corners), rtol=2e-2)
    np.testing.assert_allclose(number(logs["r2"]), slopes(fake, None), rtol=2e-2)
    apart = scores(fake, None) - scores(X, corners)
    wanted = np.mean(np.logaddexp(0, apart)) + number(logs["r1"]) + number(logs["r2"])
    np.testing.assert_allclose(number(loss), wanted, rtol=1e-4)
    loss, _ = gan.generator_loss(ops.convert_to_tensor(X))
    np.testing.assert_allclose(
        number(loss), np.mean(np.logaddexp(0, -apart)), rtol=1e-4
    )
    with pytest.raises(ValueError, match=r"`penalty_samples`.*'all'"):
        gan_of(km.MixtureDensityGAN, 3, penalty_samples="all")
