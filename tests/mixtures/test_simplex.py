import numpy as np
import pytest
from keras import ops
from scipy.spatial.distance import pdist

from keras_mdgan import MixtureDensityGAN
from keras_mdgan.mixtures import SimplexGaussianMixture, simplex_vertices


@pytest.mark.parametrize("dim", [1, 2, 9, 64, 512])
@pytest.mark.parametrize("scale", ["unit_norm", "unit_edge"])
def test_is_a_regular_simplex(dim, scale):
    vertices = simplex_vertices(dim, scale)
    assert vertices.shape == (dim + 1, dim)
    assert vertices.dtype == np.float64
    edge = 1.0 if scale == "unit_edge" else np.sqrt(2 * (dim + 1) / dim)
    np.testing.assert_allclose(pdist(vertices), edge, rtol=1e-12)
    np.testing.assert_allclose(vertices.mean(axis=0), 0.0, atol=1e-12)
    norms = np.linalg.norm(vertices, axis=1)
    np.testing.assert_allclose(norms, norms[0], rtol=1e-12)
    if scale == "unit_norm":
        np.testing.assert_allclose(norms, 1.0, rtol=1e-12)


@pytest.mark.parametrize(("dim", "norm"), [(3, 0.88585), (9, 0.94357), (11, 0.95352)])
def test_the_demonstration_has_the_norms_of_its_code(dim, norm):
    """As measured in the authors' code; a regular simplex all the same."""
    vertices = simplex_vertices(dim, "authors_demo")
    np.testing.assert_allclose(np.linalg.norm(vertices, axis=1), norm, atol=5e-6)
    edge = norm * np.sqrt(2 * (dim + 1) / dim)
    np.testing.assert_allclose(pdist(vertices), edge, atol=1e-5)


@pytest.mark.filterwarnings("ignore:The vertices of")
def test_the_settings_called_slides_and_demonstration():
    norms = {}
    for name in ("slides", "authors_demo"):
        settings = MixtureDensityGAN.paper_settings(name)
        vertices = SimplexGaussianMixture(
            9, settings["variance_real"], settings["assignment"], settings["scale"]
        ).vertices
        norms[name] = np.linalg.norm(vertices[0])
    assert norms == {
        "slides": pytest.approx(1),
        "authors_demo": pytest.approx(0.94357, rel=1e-5),
    }


@pytest.mark.parametrize("dim", [0, -3, 2.0, True, "9", None])
def test_wrong_dim(dim):
    with pytest.raises(ValueError, match=r"`dim` must be an integer.*Received: dim="):
        simplex_vertices(dim)


def test_wrong_scale_names_the_nearest():
    with pytest.raises(ValueError, match=r"scale='unit-norm'. Did you mean 'unit_nor"):
        simplex_vertices(2, "unit-norm")


@pytest.mark.parametrize("assignment", ["max", "mixture"])
def test_with_an_offset_the_same_simplex_lies_aside(assignment):
    """Distances, peaks and posteriors are those of the simplex without its own axis."""
    aside = SimplexGaussianMixture(4, 0.1, assignment, offset=1.5)
    plain = SimplexGaussianMixture(3, 0.1, assignment)
    assert aside.n_components == plain.n_components == 4
    np.testing.assert_allclose(aside.vertices[:, :3], plain.vertices, atol=1e-7)
    np.testing.assert_allclose(aside.vertices[:, 3], -1.5)
    assert aside.n_peaks() == plain.n_peaks()
    e = np.random.default_rng(0).normal(0, 1, (20, 4)).astype("float32")
    squared = np.sum((e[:, None] - aside.vertices) ** 2, axis=-1)
    nearest = ops.convert_to_numpy(aside.assign(e))
    np.testing.assert_array_equal(nearest, squared.argmin(axis=1))
    for name in ("scores", "responsibilities"):
        np.testing.assert_allclose(
            ops.convert_to_numpy(getattr(aside, name)(e)),
            ops.convert_to_numpy(getattr(plain, name)(e[:, :3])),
            atol=1e-5,
        )
    # A Gaussian of the further coordinate is a factor of the likelihood.
    further = -0.5 / 0.1 * (e[:, 3] + 1.5) ** 2
    np.testing.assert_allclose(
        ops.convert_to_numpy(aside.log_ratio(e)),
        ops.convert_to_numpy(plain.log_ratio(e[:, :3])) + further,
        rtol=1e-4,
        atol=1e-4,
    )
    assert aside.fit_log_peak(300) == pytest.approx(aside.log_peak, abs=1e-4)
    made = SimplexGaussianMixture.from_config(aside.get_config())
    np.testing.assert_array_equal(made.vertices, aside.vertices)


def test_an_offset_needs_a_dimension_of_its_own():
    with pytest.raises(ValueError, match="With an `offset`, `dim` must be at least 2"):
        SimplexGaussianMixture(1, offset=1.0)
    with pytest.raises(ValueError, match=r"`offset` must be .* Received: offset=-1"):
        SimplexGaussianMixture(3, offset=-1.0)
