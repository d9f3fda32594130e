import functools
import json
import math

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.stats import chi, entropy

from keras_mdgan.datasets import GaussianMixtureData, grid, ring, synthetic_1200d
from keras_mdgan.metrics import ModeCoverage, mode_coverage
from keras_mdgan.metrics.modes import high_quality_radius, kl_from_uniform

pytestmark = pytest.mark.host

data_1200d = functools.cache(synthetic_1200d)
SHARE = 1 - math.exp(-4.5)
# Radius of a two-dimensional Gaussian cut at 3 deviations, over that of a whole one.
CUT_SPREAD = math.sqrt((1 - 5.5 * math.exp(-4.5)) / SHARE)


@pytest.mark.parametrize("data", [grid(), ring(), ring(radius=2.0, std=0.02)], ids=repr)
def test_true_data(data):
    coverage = mode_coverage(data.sample(100_000, seed=1), data)
    assert coverage.modes == coverage.modes_strict == coverage.n_modes == data.n_modes
    # Four deviations of the share of 100,000 samples.
    assert coverage.high_quality == pytest.approx(100 * SHARE, abs=0.14)
    assert coverage.spread == pytest.approx(CUT_SPREAD, abs=0.006)
    assert CUT_SPREAD == pytest.approx(0.974, abs=5e-4)
    assert coverage.kl < 1e-3
    assert sum(coverage.counts) == round(coverage.high_quality * 1000)


@pytest.mark.parametrize(
    "make",
    [
        data_1200d,
        lambda: GaussianMixtureData(10 * np.eye(5)[:3], 0.5),
        lambda: GaussianMixtureData([[-4.0], [4.0]], 0.7),
    ],
    ids=["1200-D", "5-D", "1-D"],
)
def test_true_data_score_the_same_in_every_dimension(make):
    data = make()
    n = 4000 if data.intrinsic_dim > 10 else 60_000
    coverage = mode_coverage(data.sample(n, seed=2), data)
    assert coverage.modes_strict == data.n_modes
    noise = 100 * math.sqrt(SHARE * (1 - SHARE) / n)
    assert coverage.high_quality == pytest.approx(100 * SHARE, abs=4 * noise)
    assert 0.93 < coverage.spread < 1.0


def test_1200d_samples_that_are_too_wide_or_off_centre_do_not_count():
    data = data_1200d()
    x, labels = data.sample_with_labels(500, seed=3)
    noise = x - data.centers[labels]
    assert mode_coverage(x + 0.15 * noise, data).high_quality < 1
    assert mode_coverage(0.9 * x, data).high_quality < 50
    generator = np.random.default_rng(0)
    assert mode_coverage(generator.normal(size=x.shape) * 0.77, data).modes == 0


def test_hand_made():
    centers = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    near = [0.0, 2.99]  # within 3 std of a centre
    far = [0.0, 3.01]
    samples = np.vstack(
        [centers[0] + near] * 20 + [centers[1] + near] * 5 + [centers[2] + far] * 15
    )
    coverage = mode_coverage(samples, centers=centers, std=1.0)
    assert coverage == ModeCoverage(
        modes=2,
        modes_strict=1,
        n_modes=4,
        high_quality=62.5,
        kl=pytest.approx(0.8 * math.log(3.2) + 0.2 * math.log(0.8)),
        spread=pytest.approx(2.99 / math.sqrt(2)),
        counts=(20, 5, 0, 0),
        n_samples=40,
    )
    lax = mode_coverage(samples, centers=centers, std=1.0, min_samples=5)
    assert lax.modes_strict == 2
    wide = mode_coverage(samples, centers=centers, std=1.0, threshold=3.02)
    assert wide.counts == (20, 5, 15, 0)


def test_point_masses_have_no_spread():
    data = grid()
    coverage = mode_coverage(np.repeat(data.centers, 30, axis=0), data)
    assert (coverage.spread, coverage.high_quality, coverage.kl) == (0.0, 100.0, 0.0)
    data = data_1200d()
    assert mode_coverage(data.centers, data).spread == 0.0


def test_nothing_near_any_mode():
    coverage = mode_coverage(np.full((50, 2), 99.0), grid())
    assert (coverage.modes, coverage.high_quality, coverage.spread) == (0, 0.0, 0.0)
    assert coverage.kl == pytest.approx(math.log(25))


def test_against_brute_force():
    generator = np.random.default_rng(0)
    centers = generator.normal(size=(1000, 3)) * 3
    samples = generator.normal(size=(25_000, 3)) * 3
    distances, nearest = cKDTree(centers).query(samples)
    good = distances <= 0.1 * chi.ppf(SHARE, 3)
    counts = np.bincount(nearest[good], minlength=1000)
    coverage = mode_coverage(samples, centers=centers, std=0.1, min_samples=2)
    assert coverage.counts == tuple(counts)
    assert coverage.modes == np.count_nonzero(counts)
    assert coverage.modes_strict == np.count_nonzero(counts >= 2)
    radius = np.sqrt(np.mean(distances[good] ** 2) / 3) / 0.1
    assert coverage.spread == pytest.approx(radius, rel=1e-12)
    assert coverage.kl == pytest.approx(entropy(counts, np.ones(1000)), rel=1e-12)


def test_far_from_the_origin_nothing_is_lost():
    data = grid()
    x = data.sample(2000, seed=0).astype("float64")
    moved = mode_coverage(x + 1e6, centers=data.centers + 1e6, std=data.std)
    assert moved.counts == mode_coverage(x, data).counts


@pytest.mark.parametrize("dim", [1, 2, 3, 17, 700, 3000])
@pytest.mark.parametrize("threshold", [1.0, 3.0])
def test_radius_is_the_chi_quantile(dim, threshold):
    share = -math.expm1(-0.5 * threshold**2)
    radius = high_quality_radius(threshold, dim)
    assert radius == pytest.approx(chi.ppf(share, dim), rel=1e-7)


def test_kl_closed_forms():
    assert kl_from_uniform([7, 7, 7]) == 0.0
    assert kl_from_uniform([3, 0, 0]) == pytest.approx(math.log(3))
    assert kl_from_uniform([1, 1, 0, 0]) == pytest.approx(math.log(2))
    assert kl_from_uniform([0, 0]) == pytest.approx(math.log(2))


def test_as_dict_is_json():
    coverage = mode_coverage(grid().sample(100), grid())
    again = json.loads(json.dumps(coverage.as_dict()))
    assert ModeCoverage(**again | {"counts": tuple(again["counts"])}) == coverage
    with pytest.raises(AttributeError):
        coverage.modes = 3


@pytest.mark.parametrize(
    ("samples", "arguments", "message"),
    [
        (np.ones((4, 3)), {"data": grid()}, r"\(n_samples, 2\).*\(4, 3\)"),
        (np.ones(4), {"data": grid()}, r"Received: samples.shape=\(4,\)"),
        (np.ones((0, 2)), {"data": grid()}, r"at least one sample.*\(0, 2\)"),
        ([[0, 1], [np.nan, 0]], {"data": grid()}, r"finite.*in 1 of 2.*index 1"),
        ([[np.inf, 0]], {"data": grid()}, r"finite"),
        (np.ones((4, 2)), {}, r"Pass either `data` or both"),
        (np.ones((4, 2)), {"centers": np.ones((1, 2))}, r"Pass either `data` or both"),
        (np.ones((4, 2)), {"data": grid(), "std": 1.0}, r"Pass either `data` or both"),
    ],
)
def test_wrong_arguments(samples, arguments, message):
    with pytest.raises(ValueError, match=message):
        mode_coverage(samples, **arguments)


@pytest.mark.parametrize(
    ("argument", "value"),
    [("threshold", v) for v in (float("nan"), float("inf"), -1.0, 0, True)]
    + [("min_samples", v) for v in (float("nan"), -1, 0, 2.5, True)],
)
def test_limits_that_count_nothing_are_refused(argument, value):
    data = grid()
    with pytest.raises(ValueError, match=rf"`{argument}`.*Received: {argument}="):
        mode_coverage(data.sample(50), data, **{argument: value})


@pytest.mark.parametrize("std", [float("nan"), float("inf"), 0.0, -1.0])
def test_a_width_that_no_mode_has_is_refused(std):
    with pytest.raises(ValueError, match="`std` must be a finite number > 0"):
        mode_coverage(np.zeros((5, 2)), centers=np.zeros((1, 2)), std=std)
