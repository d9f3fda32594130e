import itertools
import math
import sys

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.metrics import clustering, clusters_of

pytestmark = pytest.mark.host


def by_hand(labels, clusters):
    """Accuracy over all matchings, purity, NMI and ARI, from their definitions."""
    labels, clusters = list(labels), list(clusters)
    n, classes, names = len(labels), sorted(set(labels)), sorted(set(clusters))
    pairs = list(zip(clusters, labels))
    # Places without a partner stand for clusters, or classes, that are left over.
    places = classes + [None] * max(0, len(names) - len(classes))
    accuracy = max(
        sum(chosen[names.index(k)] == c for k, c in pairs) / n
        for chosen in itertools.permutations(places, len(names))
    )
    purity = sum(max(pairs.count((k, c)) for c in classes) for k in names) / n
    of_pair = [pairs.count((k, c)) / n for k in names for c in classes]
    of_class = [labels.count(c) / n for c in classes]
    of_cluster = [clusters.count(k) / n for k in names]
    total = entropy(of_class) + entropy(of_cluster)
    nmi = (total - entropy(of_pair)) / (total / 2) if total else 1.0
    # The Rand index by all pairs of samples, adjusted for chance.
    both = a = b = 0
    for i, j in itertools.combinations(range(n), 2):
        same_class, same_cluster = labels[i] == labels[j], clusters[i] == clusters[j]
        both, a, b = (
            both + (same_class and same_cluster),
            a + same_class,
            b + same_cluster,
        )
    expected, most = a * b / math.comb(n, 2), (a + b) / 2
    ari = (both - expected) / (most - expected) if most != expected else 1.0
    return accuracy, purity, nmi, ari


def entropy(shares):
    return -sum(p * math.log(p) for p in shares if p)


@pytest.mark.parametrize(
    ("n_classes", "n_clusters"), [(3, 3), (2, 5), (5, 2), (4, 1), (1, 4), (1, 1)]
)
def test_against_the_definitions(n_classes, n_clusters):
    random = np.random.default_rng(n_classes + 10 * n_clusters)
    labels = random.integers(0, n_classes, 40) + 3
    clusters = (labels + (random.random(40) < 0.3) * labels**2) % n_clusters + 7
    found = clustering(labels, clusters)
    got = found.accuracy, found.purity, found.nmi, found.ari
    wanted = by_hand(labels.tolist(), clusters.tolist())
    np.testing.assert_allclose(got, wanted, atol=1e-12)
    assert found.n_classes == len(set(labels.tolist()))
    assert found.n_clusters == len(set(clusters.tolist()))
    assert found.n_samples == 40
    agree = {(k, c) for k, c in found.matching}
    right = [(k, c) in agree for k, c in zip(clusters.tolist(), labels.tolist())]
    assert np.mean(right) == pytest.approx(found.accuracy)


def test_a_matching_that_greed_misses():
    """Cluster 0 is mostly class 0, but class 0 is better off with cluster 1."""
    labels = np.repeat([0, 1, 0], [5, 4, 4])
    clusters = np.repeat([0, 0, 1], [5, 4, 4])
    found = clustering(labels, clusters)
    assert found.matching == ((0, 1), (1, 0))
    assert found.accuracy == 8 / 13
    assert found.purity == 9 / 13


def test_names_of_clusters_do_not_matter():
    labels = np.arange(30) % 5
    found = clustering(labels, (labels * 3 + 2) % 5 + 90)
    assert (found.accuracy, found.purity, found.nmi, found.ari) == (1, 1, 1, 1)
    assert found.matching == ((90, 1), (91, 3), (92, 0), (93, 2), (94, 4))


def test_clusters_that_are_over_are_wrong():
    """Two pure clusters for each class: half of each class is matched."""
    labels = np.repeat([0, 1], 10)
    found = clustering(labels, np.arange(20) // 5)
    assert (found.accuracy, found.purity) == (0.5, 1.0)


def test_random_clusters_have_no_adjusted_agreement():
    random = np.random.default_rng(0)
    found = clustering(random.integers(0, 10, 20_000), random.integers(0, 10, 20_000))
    assert abs(found.ari) < 1e-3
    assert 0 < found.nmi < 2e-3
    assert 0.1 < found.accuracy < 0.12


@pytest.mark.parametrize(
    ("labels", "clusters", "message"),
    [
        ([0, 1], [0, 1, 1], r"`clusters` must have shape \(2,\).*shape \(3,\)"),
        ([], [], r"`labels` must have shape \(n,\).*Received: shape \(0,\)"),
        ([[0], [1]], [0, 1], r"`labels` must have shape \(n,\).*shape \(2, 1\)"),
        ([0, -1], [0, 1], r"`labels` must be integers from 0.*from -1 to 0"),
        ([0, 1], [0, -3], r"`clusters` must be integers from 0.*from -3 to 0"),
        ([0.0, 1.0], [0, 1], r"`labels` must be integers.*float64 from 0.0 to 1.0"),
        ([0, 1], [0, np.nan], r"`clusters` must be integers.*float64 from nan"),
        ([True, False], [0, 1], r"`labels` must be integers.*Received: bool"),
        (["a", "b"], [0, 1], r"`labels` must be integers.*Received: <U1"),
        ([0, None], [0, 1], r"`labels` must be integers.*Received: object"),
    ],
)
def test_wrong_arguments(labels, clusters, message):
    with pytest.raises(ValueError, match=message):
        clustering(labels, clusters)


@pytest.mark.parametrize("missing", ["scipy.optimize", "sklearn.metrics"])
def test_a_missing_package_names_the_extra(missing, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r'pip install "keras-mdgan\[clustering\]"'):
        clustering([0, 1], [0, 1])
    with pytest.raises(ImportError, match=r"SciPy and scikit-learn"):
        km.callbacks.EvaluateClusters(np.zeros((2, 2)), [0, 1])


class Brightness:
    """A model of images with two clusters, dark and bright ones."""

    data_shape = (2, 2, 1)

    def __init__(self):
        self.sizes = []

    def cluster(self, x):
        assert x.dtype == np.float32
        self.sizes.append(len(x))
        return (x.mean(axis=(1, 2, 3)) > 0).astype("int32")


def test_clusters_are_computed_batch_by_batch():
    levels = np.random.default_rng(0).integers(0, 256, 25).astype("uint8")
    images = np.tile(levels[:, None, None, None], (1, 2, 2, 1))
    model = Brightness()
    found = clusters_of(model, images, batch_size=10)
    assert model.sizes == [10, 10, 5]
    np.testing.assert_array_equal(found, levels > 127.5)
    assert found.dtype == np.int64
    scaled = km.datasets.to_unit_range(images).astype("float64")
    np.testing.assert_array_equal(clusters_of(model, scaled), found)


@pytest.mark.parametrize(
    ("gan", "x", "message"),
    [
        (
            object(),
            np.zeros((1, 2, 2, 1)),
            "`gan` must have clusters.*Received: object",
        ),
        (Brightness(), np.zeros((3, 2, 2)), r"shape \(n, 2, 2, 1\).*=\(3, 2, 2\)"),
        (Brightness(), np.zeros((0, 2, 2, 1)), r"one sample.*=\(0, 2, 2, 1\)"),
        (Brightness(), np.float32(1), r"Received: x.shape=\(\)"),
    ],
)
def test_wrong_models_and_data(gan, x, message):
    with pytest.raises(ValueError, match=message):
        clusters_of(gan, x)
