import numpy as np
import pytest
from scipy.spatial.distance import pdist

from keras_mdgan.datasets import GaussianMixtureData, grid, ring, synthetic_1200d

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def data_1200d():
    return synthetic_1200d()


def test_grid():
    data = grid()
    expected = {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}
    assert {tuple(center) for center in data.centers.tolist()} == expected
    assert (data.std, data.n_modes, data.name) == (0.05, 25, "grid")


def test_ring():
    data = ring()
    np.testing.assert_allclose(np.linalg.norm(data.centers, axis=1), 1.0, rtol=1e-6)
    assert pdist(data.centers).min() == pytest.approx(2 * np.sin(np.pi / 8), rel=1e-6)
    assert (data.std, data.n_modes, data.intrinsic_dim) == (0.01, 8, 2)
    np.testing.assert_allclose(ring(radius=2.0).centers, 2 * data.centers, atol=1e-6)


def test_samples_have_the_stated_moments():
    data = grid()
    x, labels = data.sample_with_labels(50_000, seed=1)
    assert x.dtype == np.float32
    assert labels.dtype == np.int64
    counts = np.bincount(labels, minlength=25)
    assert abs(counts - 2000).max() < 5 * np.sqrt(2000)
    noise = x - data.centers[labels]
    assert noise.std() == pytest.approx(0.05, rel=0.02)
    assert abs(noise.mean(axis=0)).max() < 0.002
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.02


def test_samples_are_decided_by_the_seed():
    data = ring()
    np.testing.assert_array_equal(data.sample(9, seed=5), data.sample(9, seed=5))
    assert not np.array_equal(data.sample(9, seed=5), data.sample(9, seed=6))


def test_as_dataset_holds_the_samples_of_the_seed():
    batches = grid().as_dataset(100, batch_size=20, seed=2)
    assert len(batches) == 5
    read = np.concatenate(list(batches))
    expected = grid().sample(100, seed=2)
    np.testing.assert_array_equal(np.sort(read, axis=0), np.sort(expected, axis=0))
    fixed = grid().as_dataset(100, batch_size=20, seed=2, shuffle=False)
    np.testing.assert_array_equal(np.concatenate(list(fixed)), expected)


def test_1200d_is_as_described(data_1200d):
    data = data_1200d
    assert data.centers.shape == (10, 1200)
    assert data.maps.shape == (10, 1200, 700)
    assert data.intrinsic_dim == 700
    assert 30 < pdist(data.centers).min() < pdist(data.centers).max() < 45
    for mapping in data.maps[:2]:
        np.testing.assert_allclose(mapping.T @ mapping, np.eye(700), atol=1e-5)
    x, labels = data.sample_with_labels(60, seed=0)
    noise = x - data.centers[labels]
    # All of the noise lies in the mode's own 700 dimensions, and none in another's.
    for mode in range(2):
        part = noise[labels == mode].astype("float64")
        inside = np.linalg.norm(part @ data.maps[mode], axis=1)
        np.testing.assert_allclose(inside, np.linalg.norm(part, axis=1), rtol=1e-5)
        np.testing.assert_allclose(inside, 0.1 * np.sqrt(700), rtol=0.12)
    other = np.linalg.norm(noise[labels == 0] @ data.maps[1], axis=1)
    assert (other < 0.9 * np.linalg.norm(noise[labels == 0], axis=1)).all()


def test_1200d_is_decided_by_its_seed(data_1200d):
    again = synthetic_1200d(seed=0)
    np.testing.assert_array_equal(again.centers, data_1200d.centers)
    np.testing.assert_array_equal(again.sample(3, seed=4), data_1200d.sample(3, seed=4))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GaussianMixtureData([1.0], 1.0), r"`centers` must have shape"),
        (lambda: GaussianMixtureData([[np.nan]], 1.0), r"`centers` must be finite"),
        (lambda: GaussianMixtureData([[0.0]], 0.0), r"`std`.*Received: std=0.0"),
        (lambda: GaussianMixtureData([[0.0]], np.inf), r"`std`.*Received: std=inf"),
        (
            lambda: GaussianMixtureData([[0.0, 0.0]], 1.0, maps=np.ones((1, 2, 3))),
            r"`maps` must have shape.*Received: maps.shape=\(1, 2, 3\)",
        ),
        (lambda: ring(0), r"Received: n_modes=0"),
        (lambda: grid(0), r"Received: n_per_side=0"),
        (lambda: ring().sample(0), r"`n` must be an integer >= 1. Received: n=0"),
        (lambda: ring().as_dataset(5, 6), r"Received: batch_size=6"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
