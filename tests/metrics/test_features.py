import dataclasses
import json

import numpy as np
import pytest

from keras_mdgan import metrics
from keras_mdgan.metrics import Extractor, Features, Source
from keras_mdgan.metrics.features import blocks_of, matrix_of, parts_of
from keras_mdgan.metrics.results import Result

pytestmark = pytest.mark.host

SOURCE = Source("mnist/test", "digits 1", "none")
X = np.random.default_rng(0).normal(size=(60, 4))
P = np.full((60, 4), 0.25)


@pytest.mark.parametrize("batch_size", [1, 7, 25, 60])
def test_streams_are_the_same_as_the_whole(batch_size):
    batches = [
        Features(X[i : i + batch_size], source=SOURCE)
        for i in range(0, len(X), batch_size)
    ]
    values, source = matrix_of(iter(batches), "x")
    assert np.array_equal(values, X)
    assert source == SOURCE
    blocks = list(blocks_of(iter(batches), "x", 25))
    assert [len(block) for block, _ in blocks] == [25, 25, 10]
    assert np.array_equal(np.concatenate([block for block, _ in blocks]), X)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([], r"`x` is empty"),
        ("x.npy", r"`x` must be an array .* Received: 'x.npy'"),
        (3, r"Received: 3"),
        (np.ones(3), r"shape \(n, dim\).*\(3,\)"),
        (np.ones((0, 3)), r"n >= 1.*\(0, 3\)"),
        (np.array([["a"]]), r"real numbers.*<U1"),
        (np.array([[1j]]), r"real numbers.*complex128"),
        (np.array([[np.nan, 0.0]]), r"finite.*NaN or infinity"),
        ([X, X[:, :2]], r"one dimension and one source.*\(4,.*\(2,"),
        ([Features(X), Features(X, source=SOURCE)], r"one source.*digits 1"),
    ],
)
def test_wrong_features(features, message):
    with pytest.raises(ValueError, match=message):
        list(parts_of(features, "x"))


RESULTS = {
    "frechet_distance": lambda x, y: metrics.frechet_distance(x, y),
    "kernel_distance": lambda x, y: metrics.kernel_distance(x, y, subset_size=20),
    "precision_recall": lambda x, y: metrics.precision_recall(x, y),
    "density_coverage": lambda x, y: metrics.density_coverage(x, y),
    "class_recall": lambda x, y: metrics.class_recall(x, y, np.arange(60) % 3),
    "mode_score": lambda x, y: metrics.mode_score(y, x),
}


@pytest.mark.parametrize("name", RESULTS)
def test_every_comparison_says_what_it_compared(name):
    fake = Source("generated", SOURCE.extractor, SOURCE.resizer)
    result = RESULTS[name](Features(X, P, SOURCE), Features(X[:50], P[:50], fake))
    assert (result.n_real, result.n_fake) == (60, 50)
    assert (result.real, result.fake) == (SOURCE, fake)
    as_dict = json.loads(json.dumps(result.as_dict()))
    assert as_dict["fake"] == dataclasses.asdict(fake)
    if "value" in as_dict:
        assert float(result) == as_dict["value"]
    else:
        with pytest.raises(TypeError, match="no single value"):
            float(result)


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize(
    "other", [Source(extractor="digits 2"), Source(None, "digits 1", "bilinear")]
)
def test_no_comparison_of_features_made_in_different_ways(name, other):
    compare, real = RESULTS[name], Features(X, P, SOURCE)
    with pytest.raises(ValueError, match=rf"digits 1.*{other.resizer or 'digits 2'}"):
        compare(real, Features(X, P, other))
    compare(real, P if name == "mode_score" else X)  # an array is taken at its word
    with pytest.raises(ValueError, match=r"same dimension. Received: 4 and 2"):
        compare(X if name != "mode_score" else P, np.full((60, 2), 0.5))


def test_streams_of_batches_compare_like_arrays():
    for compare in RESULTS.values():
        whole = compare(P, P[:50])
        assert compare(iter([P[:11], P[11:]]), iter([P[:50]])).as_dict() == (
            whole.as_dict()
        )


def test_all_results_are_frozen_and_derive_from_one_base():
    classes = [v for v in vars(metrics).values() if isinstance(v, type)]
    results = [c for c in classes if c not in (Extractor, Features, Source)]
    assert len(results) >= len(RESULTS)
    for result in set(results) - {metrics.FrechetStatistics}:
        assert issubclass(result, Result)
    for each in set(classes) - {Extractor}:
        assert each.__dataclass_params__.frozen
