"""What the paper proves, on problems small enough to solve."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mdgan import losses
from keras_mdgan.mixtures import (
    SimplexGaussianMixture,
    balanced_assignment,
    simplex_vertices,
)
from keras_mdgan.training.backends import engine


@pytest.mark.parametrize("offset", [0.0, 1.0])
@pytest.mark.parametrize("assignment", ["max", "mixture", "balanced"])
def test_optimal_discriminator_of_a_discrete_problem(assignment, offset):
    """Eq. (5): `lk(D*(x)) = lambda p_data(x) / (p_data(x) + p_gen(x))`.

    Data and generator have values 0 to 4 with known probabilities, and a free
    embedding of each value stands for a discriminator that can be anything.
    """
    data = np.array([8, 4, 4, 2, 2])
    generated = np.array([2, 4, 8, 2, 4])
    balanced = assignment == "balanced"
    mixture = SimplexGaussianMixture(
        3 if offset else 2, 0.1, "max" if balanced else assignment, offset=offset
    )
    start = np.random.default_rng(0).normal(0, 0.3, (5, mixture.dim))
    embeddings = keras.Variable(start.astype("float32"))
    real, fake = (np.repeat(np.arange(5), counts) for counts in (data, generated))

    def loss():
        of_real = ops.take(embeddings, real, axis=0)
        log_real = mixture.log_ratio(of_real)
        if balanced:  # the real samples' corners have equal shares
            shares = balanced_assignment(mixture.scores(of_real))
            corners = ops.argmax(shares, axis=-1)
            log_real = mixture.log_ratio_at(of_real, corners)
        log_fake = mixture.log_ratio(ops.take(embeddings, fake, axis=0))
        return losses.density_discriminator_loss(log_real, log_fake), {}

    optimizer = keras.optimizers.Adam(0.02)
    optimizer.build([embeddings])
    for _ in range(600):
        _, gradients = engine.value_and_grad(loss, [embeddings])
        engine.apply(optimizer, gradients, [embeddings])
    ratio = np.exp(ops.convert_to_numpy(mixture.log_ratio(embeddings.value)))
    np.testing.assert_allclose(ratio, data / (data + generated), atol=2e-3)
    if balanced:
        corners = ops.convert_to_numpy(mixture.assign(embeddings.value))
        held = np.bincount(corners, weights=data, minlength=3)
        assert held.min() >= 4  # of 20: each corner has its share, as far as values go


def test_with_lambda_one_and_the_identity_it_is_the_vanilla_gan():
    """Section 4: the likelihood is then the probability, here a sigmoid's."""
    real, fake = np.random.default_rng(0).normal(0, 3, (2, 50)).astype("float32")
    log_real, log_fake = (
        ops.log_sigmoid(ops.convert_to_tensor(x)) for x in (real, fake)
    )
    pairs = [
        (
            losses.density_discriminator_loss(log_real, log_fake),
            losses.vanilla_discriminator_loss(real, fake),
        )
    ] + [
        (
            losses.density_generator_loss(log_fake, kind),
            losses.vanilla_generator_loss(fake, kind),
        )
        for kind in ("minimax", "non_saturating")
    ]
    for density, vanilla in pairs:
        density, vanilla = map(ops.convert_to_numpy, (density, vanilla))
        np.testing.assert_allclose(density, vanilla, rtol=1e-5)


def test_equilibrium_is_two_log_two():
    half = ops.full((4,), float(np.log(0.5)))
    loss = losses.density_discriminator_loss(half, half)
    np.testing.assert_allclose(ops.convert_to_numpy(loss), 2 * np.log(2), rtol=1e-6)


@pytest.mark.parametrize("kind", ["minimax", "non_saturating"])
def test_the_generator_is_drawn_to_the_nearest_vertex(kind):
    """Descent moves an embedding straight towards the vertex it is nearest to."""
    mixture = SimplexGaussianMixture(3, 0.25)
    offsets = np.random.default_rng(0).normal(0, 0.15, (4, 3)).astype("float32")
    embeddings = keras.Variable(mixture.vertices + offsets)

    def loss():
        log_ratio = mixture.log_ratio(embeddings.value)
        return losses.density_generator_loss(log_ratio, kind), {}

    _, (gradient,) = engine.value_and_grad(loss, [embeddings])
    gradient = ops.convert_to_numpy(gradient)
    cosine = np.sum(gradient * offsets, axis=1) / (
        np.linalg.norm(gradient, axis=1) * np.linalg.norm(offsets, axis=1)
    )
    np.testing.assert_allclose(cosine, 1.0, rtol=1e-4)


@pytest.mark.parametrize(("dim", "scale"), [(2, "unit_norm"), (9, "unit_edge")])
def test_midway_between_corners_a_likelihood_may_be_a_half(dim, scale):
    """`docs/concepts.md`: it is if the squared edge is 8 log 2 variances."""
    edges = simplex_vertices(dim, scale)
    squared = np.sum((edges[0] - edges[1]) ** 2)
    variance = squared / (8 * np.log(2))
    mixture = SimplexGaussianMixture(dim, variance, "max", scale)
    midway = 0.5 * (edges[0] + edges[1])[None].astype("float32")
    ratio = np.exp(ops.convert_to_numpy(mixture.log_ratio(midway)))
    np.testing.assert_allclose(ratio, [0.5], rtol=1e-5)


@pytest.mark.parametrize(("offset", "slower"), [(0.0, True), (1.0, False)])
def test_from_the_corners_centre_there_is_no_way_out(offset, slower):
    """`docs/concepts.md`: why `offset` speeds up the first steps of a discriminator.

    A generated embedding begins near the origin. Gradient descent on its own loss,
    `-log(1 - r)`, takes it away from the corners: at once with an offset, and after a
    detour along the saddle at the centre without.
    """
    components = 10
    mixture = SimplexGaussianMixture(
        components if offset else components - 1, 0.5, offset=offset
    )
    start = np.random.default_rng(0).normal(0, 0.02, (64, mixture.dim))
    embeddings = keras.Variable(start.astype("float32"))
    optimizer = keras.optimizers.SGD(0.05)
    optimizer.build([embeddings])

    def loss():
        log_ratio = mixture.log_ratio(embeddings.value)
        return -ops.sum(ops.log1p(-ops.exp(log_ratio))), {}

    def ratio():
        return np.exp(ops.convert_to_numpy(mixture.log_ratio(embeddings.value))).mean()

    before = ratio()
    for _ in range(10):
        _, gradients = engine.value_and_grad(loss, [embeddings])
        engine.apply(optimizer, gradients, [embeddings])
    assert (ratio() > 0.85 * before) == slower, (before, ratio())
