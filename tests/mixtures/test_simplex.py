import numpy as np
import pytest
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
