"""Balanced assignments against sums they must have and a linear programme."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.optimize import linear_sum_assignment

from keras_mdgan.mixtures import SimplexGaussianMixture, balanced_assignment
from keras_mdgan.training.backends import engine


def assigned(scores, **kwargs):
    return ops.convert_to_numpy(balanced_assignment(scores, **kwargs))


def test_every_sample_once_and_every_component_equally():
    scores = np.random.default_rng(0).normal(size=(60, 5))
    q = assigned(scores, temperature=0.3, iterations=200)
    np.testing.assert_allclose(q.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(q.sum(axis=0), 60 / 5, rtol=1e-3)


def test_it_is_sinkhorns_scaling_in_float64():
    scores = np.random.default_rng(1).normal(size=(12, 4))
    kernel = np.exp(scores / 0.2)
    for _ in range(10):
        kernel /= kernel.sum(axis=0, keepdims=True)
        kernel /= kernel.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(assigned(scores, temperature=0.2), kernel, atol=2e-5)


def test_cold_it_is_the_best_assignment_with_equal_shares():
    """The optimum of the linear programme, by SciPy's Hungarian algorithm."""
    scores = np.random.default_rng(2).normal(size=(12, 4))
    places = np.repeat(np.arange(4), 3)  # three places for each component
    rows, columns = linear_sum_assignment(scores[:, places], maximize=True)
    best = places[columns[np.argsort(rows)]]
    q = assigned(scores, temperature=0.02, iterations=2_000)
    np.testing.assert_array_equal(q.argmax(axis=1), best)


def test_all_at_one_corner_are_spread_over_all():
    """The state in which training without balance ends on images."""
    e = np.tile([[1.0, 0.0, 0.0]], (40, 1))
    e += np.random.default_rng(3).normal(scale=0.05, size=e.shape)
    mixture = SimplexGaussianMixture(3)
    corners = assigned(mixture.scores(e.astype("float32"))).argmax(axis=1)
    counts = np.bincount(corners, minlength=4)
    assert counts.min() >= 5
    assert counts.max() <= 15


@pytest.mark.parametrize("n", [1, 3])
def test_fewer_samples_than_components(n):
    q = assigned(np.random.default_rng(4).normal(size=(n, 8)))
    np.testing.assert_allclose(q.sum(axis=1), 1.0, rtol=1e-5)
    assert len(set(q.argmax(axis=1))) == n  # as far apart as they can be


def test_large_scores_stay_finite():
    q = assigned(np.array([[1e4, -1e4], [1e4, -1e4]], "float32"))
    assert np.isfinite(q).all()


def test_gradients_do_not_pass():
    scores = keras.Variable(np.random.default_rng(5).normal(size=(6, 3)))

    def loss():
        q = balanced_assignment(scores.value)
        return ops.sum(q * scores.value), {}

    _, (gradient,) = engine.value_and_grad(loss, [scores])
    np.testing.assert_allclose(
        ops.convert_to_numpy(gradient), assigned(scores.value), rtol=1e-5
    )


def test_the_likelihood_at_the_nearest_corner_is_that_of_max():
    mixture = SimplexGaussianMixture(4, 0.25)
    e = np.random.default_rng(6).normal(size=(20, 4)).astype("float32")
    np.testing.assert_allclose(
        ops.convert_to_numpy(mixture.log_ratio_at(e, mixture.assign(e))),
        ops.convert_to_numpy(mixture.log_ratio(e)),
        rtol=1e-5,
    )
    scores = ops.convert_to_numpy(mixture.scores(mixture.vertices))
    np.testing.assert_allclose(np.diag(scores), 1.0, rtol=1e-5)
