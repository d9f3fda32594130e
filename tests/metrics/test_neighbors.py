import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from keras_mdgan.metrics import (
    class_recall,
    density_coverage,
    distances,
    precision_recall,
)
from keras_mdgan.metrics.distances import Points, squared_radii

pytestmark = pytest.mark.host


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(distances, "_ELEMENTS", 400)


def by_brute_force(real, fake, k):
    """All measures, from every pair's difference."""

    def squared(a, b):
        return np.array([[np.sum((p - q) ** 2) for q in b] for p in a])

    def radii(a):
        own = squared(a, a)
        return np.sort([np.delete(row, i) for i, row in enumerate(own)])[:, k - 1]

    real, fake = real.astype("f8"), fake.astype("f8")
    cross = squared(real, fake)
    in_real = cross <= radii(real)[:, None]
    in_fake = cross <= radii(fake)
    return {
        "precision": in_real.any(axis=0).mean(),
        "recall": in_fake.any(axis=1).mean(),
        "density": in_real.sum() / (k * len(fake)),
        "coverage": in_real.any(axis=1).mean(),
        "recalled": in_fake.any(axis=1),
    }


def clusters(n, dim, seed, scale=1.0, offset=0.0):
    generator = np.random.default_rng(seed)
    centers = np.random.default_rng(9).normal(size=(4, dim)) * 5
    noise = generator.normal(size=(n, dim)) * scale
    return centers[generator.integers(4, size=n)] + noise + offset


def lattice(n, dim, seed):
    """Few values: many ties and equal vectors."""
    return np.random.default_rng(seed).integers(0, 3, size=(n, dim)).astype("f8")


CASES = {
    "plane": (clusters(90, 2, 0), clusters(70, 2, 1, 1.3)),
    "20-D": (clusters(60, 20, 2), clusters(80, 20, 3, 0.7)),
    "line": (clusters(50, 1, 4), clusters(50, 1, 5)),
    "far from the origin": (clusters(60, 3, 6, 1, 1e7), clusters(60, 3, 7, 1, 1e7)),
    "float32": (clusters(60, 5, 8).astype("f4"), clusters(60, 5, 9).astype("f4")),
    "ties": (lattice(60, 3, 0), lattice(50, 3, 1)),
    "tenths": (lattice(60, 3, 0) * 0.1 + 7, lattice(50, 3, 1) * 0.1 + 7),
    "copies": (clusters(60, 4, 10), clusters(60, 4, 10)[:45]),
    "collapsed": (clusters(60, 3, 11), np.tile(clusters(1, 3, 12), (30, 1))),
    "unequal copies": (
        clusters(60, 3, 22),
        np.repeat(clusters(30, 3, 23, 2.0), np.arange(30), axis=0),
    ),
    "collapsed almost": (
        clusters(60, 3, 11),
        clusters(1, 3, 12) + 1e-9 * clusters(30, 3, 13),
    ),
    "far apart": (clusters(40, 3, 14), clusters(40, 3, 15) + 1e6),
    "outlier": (
        clusters(40, 3, 16),
        np.concatenate([clusters(40, 3, 17), np.full((1, 3), 1e9)]),
    ),
    "tiny": (clusters(40, 3, 18) * 1e-30, clusters(40, 3, 19) * 1e-30),
    "huge": (clusters(40, 3, 20) * 1e30, clusters(40, 3, 21) * 1e30),
    "all equal": (np.ones((20, 3)), np.ones((10, 3))),
}


@pytest.mark.parametrize("k", [1, 3, 9])
@pytest.mark.parametrize("single_from", [1, 99], ids=["single", "double"])
@pytest.mark.parametrize("case", CASES)
def test_is_brute_force(case, single_from, k, monkeypatch):
    monkeypatch.setattr(distances, "_SINGLE_FROM", single_from)
    real, fake = CASES[case]
    wanted = by_brute_force(real, fake, k)
    pr, dc = precision_recall(real, fake, k), density_coverage(real, fake, k)
    assert (pr.precision, pr.recall) == (wanted["precision"], wanted["recall"])
    assert dc.density == pytest.approx(wanted["density"], rel=1e-14)
    assert dc.coverage == wanted["coverage"]
    assert (pr.n_real, pr.n_fake) == (len(real), len(fake))
    labels = np.arange(len(real)) % 3
    by_class = class_recall(real, fake, labels, k)
    recalls = [wanted["recalled"][labels == c].mean() for c in range(3)]
    assert by_class.recalls == pytest.approx(recalls, rel=1e-14)
    assert by_class.value == pytest.approx(np.mean(recalls), rel=1e-14)


@pytest.mark.parametrize("k", [1, 4])
def test_radii_are_scikit_learns(k):
    x = clusters(300, 6, 0)
    wanted = NearestNeighbors(n_neighbors=k).fit(x).kneighbors()[0][:, -1]
    assert np.sqrt(squared_radii(Points(x), k)) == pytest.approx(wanted, rel=1e-12)
    doubled = np.concatenate([x, x[:100]])
    points = Points(doubled)
    wanted = NearestNeighbors(n_neighbors=k).fit(doubled).kneighbors()[0][:, -1]
    radii = np.sqrt(squared_radii(points, k))[points.index]
    assert radii == pytest.approx(wanted, rel=1e-12)


def test_high_dimension_against_scipy():
    generator = np.random.default_rng(0)
    real, fake = generator.normal(size=(200, 2048)), generator.normal(size=(150, 2048))
    cross, own = cdist(real, fake), np.sort(cdist(real, real))[:, 5]
    result = density_coverage(real, fake, k=5)
    assert result.coverage == np.mean((cross <= own[:, None]).any(axis=1))
    assert result.density == pytest.approx(np.sum(cross <= own[:, None]) / 750)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dim", [1, 30, 2048])
def test_the_error_has_the_bound(dtype, dim, monkeypatch):
    monkeypatch.setattr(distances, "_SINGLE_FROM", 1 if dtype == "float32" else 9999)
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(40, dim)), generator.uniform(size=(30, dim))
    worst = 0.0
    for block in distances.blocks(x, y):
        assert block.approximate.dtype == dtype
        wanted = cdist(x[block.rows], y, "sqeuclidean") / block.scale
        worst = max(worst, np.max(np.abs(block.approximate - wanted)) / block.error)
    assert 0 < worst < 1


def test_a_lost_cluster_shows_in_recall_and_coverage_only():
    x, y = clusters(400, 2, 0, 0.1), clusters(400, 2, 1, 0.1)
    lost = np.linalg.norm(y - y[0], axis=1) < 2
    pr, dc = precision_recall(x, y[~lost]), density_coverage(x, y[~lost])
    whole = precision_recall(x, y), density_coverage(x, y)
    assert pr.precision == pytest.approx(whole[0].precision, abs=0.02)
    assert pr.recall == pytest.approx(whole[0].recall * (1 - lost.mean()), abs=0.06)
    assert dc.coverage == pytest.approx(whole[1].coverage * (1 - lost.mean()), abs=0.06)
    assert whole[1].density == pytest.approx(1.0, abs=0.1)


def test_class_recall_of_lost_and_absent_classes():
    x = clusters(90, 2, 0, 0.1)
    labels = np.where(np.linalg.norm(x - x[0], axis=1) < 2, 3, 1)
    result = class_recall(x, x[labels == 1], labels)
    assert result.recalls == (None, 1.0, None, 0.0)
    assert result.counts == (0, np.sum(labels == 1), 0, np.sum(labels == 3))
    assert (float(result), result.n_real) == (0.5, 90)


@pytest.mark.parametrize(
    ("measure", "arguments", "message"),
    [
        (precision_recall, (3,), r"`fake`, 3. Received: k=3"),
        (precision_recall, (5,), r"`real`, 5. Received: k=5"),
        (density_coverage, (5,), r"`real`, 5. Received: k=5"),
        (density_coverage, (0,), r"integer >= 1. Received: k=0"),
        (class_recall, ([0, 1, 2, 3, 4], 3), r"`fake`, 3. Received: k=3"),
        (class_recall, ([0, 1], 2), r"`real_labels` must have shape \(5,\)"),
        (class_recall, ([0.5] * 5, 2), r"integers from 0. Received: float64"),
    ],
)
def test_wrong_arguments(measure, arguments, message):
    with pytest.raises(ValueError, match=message):
        measure(np.eye(5), np.eye(5)[:3], *arguments)


def test_density_and_class_recall_need_balls_of_one_set_only():
    assert density_coverage(np.eye(5), np.eye(5)[:1], k=4).density == 5 / 4
    assert class_recall(np.eye(5)[:1], np.eye(5), [0], k=4).value == 1.0
