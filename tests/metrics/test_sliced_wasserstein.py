"""The sliced Wasserstein distance against its definition and POT."""

import sys

import numpy as np
import pytest

from keras_mdgan.metrics import Features, Source, sliced_wasserstein
from keras_mdgan.metrics.sliced_wasserstein import _squared_distances

pytestmark = pytest.mark.host

RANDOM = np.random.default_rng(0)


def by_loops(x, y):
    """`W_2^2` of two lists: mass is moved in order, one crumb after the other."""
    x, y = sorted(x), sorted(y)
    i = j = 0
    left_x, left_y, cost = len(y), len(x), 0  # in units of 1 / (n m)
    while i < len(x) and j < len(y):
        moved = min(left_x, left_y)
        cost += moved * (x[i] - y[j]) ** 2
        left_x, left_y = left_x - moved, left_y - moved
        if not left_x:
            i, left_x = i + 1, len(y)
        if not left_y:
            j, left_y = j + 1, len(x)
    return cost / (len(x) * len(y))


@pytest.mark.parametrize(("n", "m"), [(7, 7), (7, 3), (4, 6), (1, 5), (9, 1), (12, 8)])
def test_in_one_dimension(n, m):
    x, y = RANDOM.normal(size=(n, 3)), RANDOM.normal(size=(m, 3)) + 1
    wanted = [by_loops(a.tolist(), b.tolist()) for a, b in zip(x.T, y.T)]
    np.testing.assert_allclose(_squared_distances(x, y), wanted)
    one = sliced_wasserstein(x[:, :1], y[:, :1], directions=5)
    assert one.value == pytest.approx(wanted[0])
    assert one.std == pytest.approx(0, abs=1e-12)


def test_directions_are_uniform_and_seeded():
    x = RANDOM.normal(size=(300, 8))
    shift = np.arange(8.0)
    found = sliced_wasserstein(x, x + shift, directions=20_000)
    # The mean square of a unit vector's scalar product with the shift.
    wanted = np.sum(shift**2) / 8
    error = found.std / found.directions**0.5
    assert found.value == pytest.approx(wanted, abs=4 * error)
    assert error < 0.05 * wanted
    assert sliced_wasserstein(x, x).value == 0.0
    same = sliced_wasserstein(x, x + shift, directions=50, seed=3)
    assert same == sliced_wasserstein(x, x + shift, directions=50, seed=3)
    assert same != sliced_wasserstein(x, x + shift, directions=50, seed=4)


def test_blocks_of_directions_change_nothing(monkeypatch):
    module = sys.modules["keras_mdgan.metrics.sliced_wasserstein"]
    x, y = RANDOM.normal(size=(40, 5)), RANDOM.normal(size=(30, 5))
    whole = sliced_wasserstein(x, y, directions=23)
    monkeypatch.setattr(module, "_ELEMENTS", 200)
    parts = sliced_wasserstein(x, y, directions=23)
    assert parts.value == pytest.approx(whole.value)
    assert parts.std == pytest.approx(whole.std)


def test_it_sees_what_means_and_covariances_do_not():
    """Two Gaussians, and one with the same mean and covariance."""
    signs = np.sign(RANDOM.normal(size=(2000, 1)))
    two = signs * 2.0 + RANDOM.normal(size=(2000, 1))
    one = two.std() * RANDOM.normal(size=(2000, 1)) + two.mean()
    near = sliced_wasserstein(two[:1000], two[1000:], directions=1).value
    assert sliced_wasserstein(two, one, directions=1).value > 3 * near


def test_against_pot():
    ot = pytest.importorskip("ot")
    x, y = RANDOM.normal(size=(50, 6)), RANDOM.normal(size=(35, 6)) + 0.5
    axes = np.random.default_rng(2).standard_normal((40, 6))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    wanted = ot.sliced_wasserstein_distance(x, y, projections=axes.T) ** 2
    found = sliced_wasserstein(x, y, directions=40, seed=2)
    assert found.value == pytest.approx(wanted)


def test_wrong_arguments():
    x = np.zeros((4, 2))
    with pytest.raises(ValueError, match="`directions` must be an integer >= 1"):
        sliced_wasserstein(x, x, directions=0)
    with pytest.raises(ValueError, match="dimension"):
        sliced_wasserstein(x, np.zeros((4, 3)))
    ours, theirs = (Features(x, source=Source(extractor=e)) for e in "ab")
    with pytest.raises(ValueError, match="extractor"):
        sliced_wasserstein(ours, theirs)
