import math
import warnings

import keras
import numpy as np
import pytest
from scipy.special import logsumexp, softmax
from scipy.stats import multivariate_normal

from keras_mdgan.mixtures import SimplexGaussianMixture, log1mexp, simplex_vertices

SETTINGS = [
    (1, 0.25, "unit_norm"),
    (2, 0.1, "unit_norm"),
    (9, 0.1, "unit_norm"),
    (9, 0.04, "unit_edge"),
    (64, 0.1, "unit_norm"),
]


def embeddings(dim, n=40, seed=0):
    """Points all over the discriminator's box, near vertices, and on them."""
    generator = np.random.default_rng(seed)
    vertices = simplex_vertices(dim)
    near = vertices[: n // 4] + 1e-3 * generator.normal(size=vertices[: n // 4].shape)
    box = generator.uniform(-2.5, 2.5, (n, dim))
    middle = 0.3 * generator.normal(size=(n, dim)) / np.sqrt(dim)
    return np.vstack([box, middle, near, vertices]).astype("float32")


def log_densities(mixture, e):
    """Log density of each component in float64, by SciPy: `(n, dim + 1)`."""
    e = e.astype("float64")
    return np.column_stack(
        [
            multivariate_normal(vertex, mixture.variance).logpdf(e).reshape(len(e))
            for vertex in simplex_vertices(mixture.dim, mixture.scale)
        ]
    )


def numpy_of(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize(("dim", "variance", "scale"), SETTINGS)
@pytest.mark.parametrize("assignment", ["max", "mixture"])
def test_against_scipy(dim, variance, scale, assignment):
    mixture = SimplexGaussianMixture(dim, variance, assignment, scale)
    e = embeddings(dim)
    exact = log_densities(mixture, e)
    if assignment == "max":
        likelihood = exact.max(axis=1)
    else:
        likelihood = logsumexp(exact, axis=1) - math.log(dim + 1)
    close = {"rtol": 3e-6, "atol": 3e-6}
    np.testing.assert_allclose(numpy_of(mixture.log_likelihood(e)), likelihood, **close)
    ratio = numpy_of(mixture.log_ratio(e))
    np.testing.assert_allclose(ratio, likelihood - mixture.log_peak, **close)
    assert ratio.shape == (len(e),)
    assert ratio.max() <= 0.0
    shares = numpy_of(mixture.responsibilities(e))
    np.testing.assert_allclose(shares, softmax(exact, axis=1), atol=3e-5)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-5)
    index = numpy_of(mixture.assign(e))
    assert np.issubdtype(index.dtype, np.integer)
    chosen = exact[np.arange(len(e)), index]
    np.testing.assert_allclose(chosen, exact.max(axis=1), atol=1e-5)


@pytest.mark.parametrize("dim", [2, 9, 512])
@pytest.mark.parametrize("distance", [0.0, 1e-5, 1e-3, 0.1])
def test_max_ratio_is_the_squared_distance(dim, distance):
    mixture = SimplexGaussianMixture(dim, 0.25)
    direction = np.random.default_rng(1).normal(size=dim)
    direction *= distance / np.linalg.norm(direction)
    e = (mixture.vertices + direction).astype("float32")
    moved = np.linalg.norm(e.astype("float64") - simplex_vertices(dim), axis=1)
    # Rounding an embedding to float32 moves it by up to 6e-8 along each axis.
    ratio = numpy_of(mixture.log_ratio(e))
    np.testing.assert_allclose(ratio, -(moved**2) / 0.5, rtol=2e-4, atol=1e-10)


@pytest.mark.parametrize("assignment", ["max", "mixture"])
def test_gradients(gradient, assignment):
    mixture = SimplexGaussianMixture(9, 0.1, assignment)
    e = embeddings(9)
    e = np.vstack([e, np.zeros((1, 9), "float32")])
    exact = e.astype("float64")
    if assignment == "max":
        nearest = log_densities(mixture, e).argmax(axis=1)
        target = simplex_vertices(9)[nearest]
    else:
        target = softmax(log_densities(mixture, e), axis=1) @ simplex_vertices(9)
    slope = gradient(mixture.log_likelihood, e[:-1])
    expected = ((target - exact) / 0.1)[:-1]
    np.testing.assert_allclose(slope, expected, rtol=1e-4, atol=2e-5)
    for function in (mixture.log_ratio, lambda e: log1mexp(mixture.log_ratio(e))):
        assert np.isfinite(gradient(function, e)).all()


def test_fakes_on_a_vertex_have_a_finite_loss():
    mixture = SimplexGaussianMixture(9)
    loss = numpy_of(log1mexp(mixture.log_ratio(mixture.vertices)))
    np.testing.assert_allclose(loss, -13.8155, rtol=1e-4)


def test_half_precision_embeddings_are_computed_in_float32():
    mixture = SimplexGaussianMixture(9)
    e = keras.ops.cast(keras.ops.convert_to_tensor(embeddings(9)), "bfloat16")
    assert "float32" in str(mixture.log_ratio(e).dtype)


@pytest.mark.parametrize("assignment", ["max", "mixture"])
def test_config_round_trip(assignment):
    mixture = SimplexGaussianMixture(5, 0.05, assignment, "unit_edge")
    saved = keras.saving.serialize_keras_object(mixture)
    assert saved["registered_name"] == "keras_mdgan>SimplexGaussianMixture"
    again = keras.saving.deserialize_keras_object(saved)
    assert again.get_config() == mixture.get_config()
    np.testing.assert_array_equal(again.vertices, mixture.vertices)
    assert again.vertices.dtype == np.float32
    assert again.n_components == 6


def test_vertices_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        SimplexGaussianMixture(2).vertices[0] = 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dim": 0}, r"`dim` must be an integer.*Received: dim=0"),
        ({"dim": 2.5}, r"`dim` must be an integer.*Received: dim=2.5"),
        ({"dim": 2, "variance": 0}, r"`variance` must be .* > 0. Received: .*=0"),
        ({"dim": 2, "variance": -1.0}, r"`variance`.*Received: variance=-1.0"),
        ({"dim": 2, "variance": math.nan}, r"`variance`.*Received: variance=nan"),
        ({"dim": 2, "variance": math.inf}, r"`variance`.*Received: variance=inf"),
        ({"dim": 2, "variance": "a"}, r"`variance`.*Received: variance='a'"),
        ({"dim": 2, "assignment": "mixtur"}, r"`assignment`.*Did you mean 'mixture'"),
        ({"dim": 2, "assignment": None}, r"`assignment`.*Received: assignment=None"),
        ({"dim": 2, "scale": "unit_egde"}, r"`scale`.*Did you mean 'unit_edge'"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        SimplexGaussianMixture(**arguments)


@pytest.mark.parametrize(
    "method", ["log_likelihood", "log_ratio", "responsibilities", "assign"]
)
def test_wrong_embeddings(method):
    with pytest.raises(ValueError, match=r"dim=9. Received: e.shape=\(4, 10\)"):
        getattr(SimplexGaussianMixture(9), method)(np.zeros((4, 10), "float32"))


def test_warns_of_one_bell():
    with pytest.warns(UserWarning, match=r"edge/sigma = 2.98.*at most 0.1623"):
        SimplexGaussianMixture(9, 0.25, "mixture")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SimplexGaussianMixture(9, 0.1623, "mixture")
        SimplexGaussianMixture(9, 0.25, "max")


def test_many_components_need_more_than_3_7():
    """65 components at edge/sigma = 3.7: the origin is twice as high as a vertex."""
    variance = 2 * 65 / 64 / 3.71**2
    with pytest.warns(UserWarning, match=r"less than 4.12"):
        mixture = SimplexGaussianMixture(64, variance, "mixture")
    e = np.vstack([mixture.vertices[:1], np.zeros((1, 64), "float32")])
    at_vertex, at_origin = numpy_of(mixture.log_ratio(e))
    assert at_origin == pytest.approx(0.0, abs=1e-5)
    assert math.exp(at_vertex) < 0.55
