"""Where the likelihood has its maxima: the geometry that decides whether MD-GAN works.

The table holds the row's number of maxima, the norm of the global one, and the
likelihood at a vertex and at the origin over lambda, as an independent program found
them with other code (design notes, section 1).
"""

import math

import keras
import numpy as np
import pytest

from keras_mdgan.mixtures import SimplexGaussianMixture, peaks

crowded = pytest.mark.filterwarnings("ignore:The vertices of:UserWarning")

ROWS = [
    ("unit_norm", 4, 0.25, 3.27, 4, 0.98, 0.999, 0.53),
    ("unit_norm", 6, 0.25, 3.10, 7, 0.94, 0.994, 0.775),
    ("unit_norm", 8, 0.25, 3.02, 9, 0.86, 0.981, 0.990),
    ("unit_norm", 10, 0.25, 2.98, 1, 0.0, 0.817, 1.0),
    ("unit_norm", 10, 0.16, 3.73, 11, 0.99, 1.0, 0.435),
    ("unit_norm", 10, 0.10, 4.71, 10, 1.0, 1.0, 0.067),
    ("unit_norm", 4, 0.50, 2.31, 1, 0.0, 0.82, 1.0),
    ("unit_norm", 25, 0.50, 2.04, 1, 0.0, 0.43, 1.0),
    ("unit_norm", 8, 0.28, 2.86, 1, 0.0, 0.83, 1.0),
    ("unit_norm", 10, 0.28, 2.82, 1, 0.0, 0.70, 1.0),
    ("unit_edge", 4, 0.16, 2.50, 1, 0.0, 0.91, 1.0),
    ("unit_edge", 25, 0.16, 2.50, 1, 0.0, 0.37, 1.0),
    ("unit_edge", 4, 0.10, 3.16, 4, 0.59, 1.0, 0.60),
    ("unit_edge", 10, 0.10, 3.16, 11, 0.60, 0.99, 0.98),
    ("unit_edge", 12, 0.10, 3.16, 13, 0.0, 0.89, 1.0),
    ("unit_edge", 25, 0.10, 3.16, 1, 0.0, 0.51, 1.0),
]


@crowded
@pytest.mark.parametrize(
    ("scale", "components", "variance", "ratio", "n_peaks", "norm", "vertex", "centre"),
    ROWS,
)
def test_geometry(scale, components, variance, ratio, n_peaks, norm, vertex, centre):
    dim = components - 1
    mixture = SimplexGaussianMixture(dim, variance, "mixture", scale)
    edge = np.linalg.norm(mixture.vertices[0] - mixture.vertices[1])
    assert edge / math.sqrt(variance) == pytest.approx(ratio, abs=0.006)
    assert mixture.n_peaks() == n_peaks
    place, _ = peaks.highest_peak(mixture._vertices, variance)
    assert np.linalg.norm(place) == pytest.approx(norm, abs=0.01)
    e = np.vstack([mixture.vertices[:1], np.zeros((1, dim), "float32")])
    shares = np.exp(keras.ops.convert_to_numpy(mixture.log_ratio(e)))
    np.testing.assert_allclose(shares, [vertex, centre], atol=0.006)


def test_max_has_a_peak_a_vertex_and_the_closed_form():
    mixture = SimplexGaussianMixture(9, 0.5)
    assert mixture.n_peaks() == 10
    assert mixture.log_peak == pytest.approx(-4.5 * math.log(math.pi), rel=1e-14)


@crowded
@pytest.mark.parametrize("variance", [0.25, 0.16])
def test_nothing_is_higher_than_the_peak(variance):
    mixture = SimplexGaussianMixture(9, variance, "mixture")
    points = np.random.default_rng(0).normal(size=(20_000, 9)) * 0.4
    points[:1000] = 1.2 * np.linspace(0, 1, 1000)[:, None] * mixture._vertices[2]
    values, _ = peaks.log_kernel(points, mixture._vertices, variance)
    _, highest = peaks.highest_peak(mixture._vertices, variance)
    assert values.max() <= highest + 1e-12
    assert values.max() > highest - 1e-4


@crowded
@pytest.mark.parametrize(
    ("dim", "variance", "assignment", "scale"),
    [
        (9, 0.25, "max", "unit_norm"),
        (9, 0.25, "mixture", "unit_norm"),
        (7, 0.25, "mixture", "unit_norm"),
        (5, 0.10, "mixture", "unit_edge"),
    ],
)
def test_the_papers_fit_finds_the_peak(dim, variance, assignment, scale):
    mixture = SimplexGaussianMixture(dim, variance, assignment, scale)
    fitted = mixture.fit_log_peak(seed=3)
    assert fitted == pytest.approx(mixture.log_peak, rel=1e-5, abs=1e-6)
    assert fitted <= mixture.log_peak + 1e-9


def test_the_fit_draws_nothing_from_keras_seeds():
    keras.utils.set_random_seed(0)
    first = keras.ops.convert_to_numpy(keras.random.normal((3,)))
    keras.utils.set_random_seed(0)
    SimplexGaussianMixture(2).fit_log_peak(steps=50)
    second = keras.ops.convert_to_numpy(keras.random.normal((3,)))
    np.testing.assert_array_equal(first, second)


def test_the_fit_refuses_no_steps():
    with pytest.raises(ValueError, match=r"`steps`.*Received: steps=0"):
        SimplexGaussianMixture(2).fit_log_peak(steps=0)
