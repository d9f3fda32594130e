"""Clipped density and coverage against their definitions, one pair at a time."""

import numpy as np
import pytest
from scipy import stats

from keras_mdgan.metrics import clipped_density_coverage, density_coverage, distances
from keras_mdgan.metrics.clipped import expected_coverage

pytestmark = pytest.mark.host


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(distances, "_ELEMENTS", 400)


def squared(a, b):
    return float(np.sum((a - b) ** 2))


def by_loops(real, fake, k):
    """Both measures, as the paper defines them."""
    n = len(real)
    radii = []
    for i in range(n):
        others = sorted(squared(real[i], real[j]) for j in range(n) if j != i)
        radii.append(others[k - 1])
    median = np.median(radii)

    def fidelity(points, own):
        shares = []
        for j, point in enumerate(points):
            held = sum(
                squared(real[i], point) <= min(radii[i], median)
                for i in range(n)
                if not (own and i == j)
            )
            shares.append(min(1.0, held / k))
        return np.mean(shares)

    density = min(1.0, fidelity(fake, False) / fidelity(real, True))
    covered = np.mean(
        [
            min(1.0, sum(squared(real[i], y) <= radii[i] for y in fake) / k)
            for i in range(n)
        ]
    )
    expected = [0.0]
    for m in range(1, len(fake) + 1):
        j = np.arange(m + 1)
        chances = stats.betabinom.pmf(j, m, k, n - k)
        expected.append(float(np.sum(np.minimum(j, k) * chances)) / k)
    coverage = np.interp(covered, expected, np.linspace(0, 1, len(expected)))
    return density, coverage


def clusters(n, dim, seed, offset=0.0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, dim)) + 4.0 * generator.integers(2, size=(n, 1))


CASES = {
    "plane": (clusters(50, 2, 0), clusters(40, 2, 1)),
    "20-D, more samples": (clusters(30, 20, 2), clusters(60, 20, 3)),
    "bad": (clusters(40, 3, 4), clusters(40, 3, 5) + 2.0),
    "an outlier": (
        np.vstack([clusters(40, 2, 6), [[99.0, 0]]]),
        clusters(40, 2, 7) * 3,
    ),
    "few samples": (clusters(20, 2, 8), clusters(3, 2, 9)),
    "ties": tuple(
        np.random.default_rng(s).integers(0, 3, (30, 3)).astype("f8") for s in (0, 1)
    ),
    "one point": (clusters(20, 2, 8), np.zeros((20, 2))),
}


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("case", CASES)
def test_against_the_definition(case, k):
    real, fake = CASES[case]
    found = clipped_density_coverage(real, fake, k=k)
    wanted = by_loops(real, fake, k)
    np.testing.assert_allclose((found.density, found.coverage), wanted, atol=1e-9)
    assert (found.n_real, found.n_fake, found.k) == (len(real), len(fake), k)


def test_expected_coverage_is_that_of_true_samples():
    """Drawn: true samples in balls around true data."""
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(300):
        real, fake = generator.normal(size=(20, 1)), generator.normal(size=(12, 1))
        gaps = np.sort(np.abs(real - real.T), axis=1)
        inside = np.abs(real - fake.T) <= gaps[:, 3:4]
        drawn.append(np.minimum(inside.sum(axis=1) / 3, 1).mean())
    wanted = expected_coverage(20, 12, 3)[-1]
    assert np.mean(drawn) == pytest.approx(wanted, abs=4 * np.std(drawn) / 300**0.5)
    large = expected_coverage(10_000, 10_000, 5)
    assert (np.diff(large) > 0).all()
    wanted = (
        np.minimum(
            stats.betabinom(10_000, 5, 9_995).rvs(200_000, random_state=0), 5
        ).mean()
        / 5
    )
    assert large[-1] == pytest.approx(wanted, abs=3e-3)


def test_both_are_the_share_of_good_samples():
    real, good = clusters(400, 4, 0), clusters(400, 4, 1)
    for share in (0.0, 0.25, 0.5, 1.0):
        fake = good.copy()
        bad = round(share * len(fake))
        fake[:bad] += 100.0
        found = clipped_density_coverage(real, fake)
        assert found.density == pytest.approx(1 - share, abs=0.07)
        assert found.coverage == pytest.approx(1 - share, abs=0.07)


def test_an_outlier_does_not_admit_bad_samples():
    """The reason for the measure: density is fooled."""
    real = np.vstack([clusters(200, 2, 0), [[300.0, 0.0]]])
    bad = np.full((200, 2), 150.0)
    bad[:, 0] += np.linspace(0, 1, 200)
    assert density_coverage(real, bad).density > 0.1
    assert clipped_density_coverage(real, bad).density == 0.0


def test_wrong_arguments():
    with pytest.raises(ValueError, match="`k` must be less than the number of vectors"):
        clipped_density_coverage(np.zeros((5, 2)), np.zeros((9, 2)))
    with pytest.raises(ValueError, match="`k` must be an integer >= 1"):
        clipped_density_coverage(np.zeros((5, 2)), np.zeros((9, 2)), k=0)
