import json
import math

import numpy as np
import pytest
from scipy.stats import entropy

from keras_mdgan.metrics import label_kl

pytestmark = pytest.mark.host

GENERATOR = np.random.default_rng(0)


def test_against_scipy():
    labels = GENERATOR.integers(0, 40, size=500) // 2
    counts = np.bincount(labels, minlength=50)
    result = label_kl(labels, 50)
    assert result.value == pytest.approx(entropy(counts, np.ones(50)), rel=1e-12)
    reference = GENERATOR.uniform(1, 2, size=50)
    result = label_kl(labels, 50, reference)
    assert result.value == pytest.approx(entropy(counts, reference), rel=1e-12)
    assert result.counts == tuple(counts)
    assert (result.modes, result.n_classes, result.n_fake) == (20, 50, 500)


def test_closed_forms():
    assert label_kl(np.arange(7), 7).value == 0.0
    assert label_kl([3, 3, 3], 7).value == pytest.approx(math.log(7))
    assert label_kl([0, 1], 8).value == pytest.approx(math.log(4))
    assert label_kl([0, 1], 2, [3, 1]).value == pytest.approx(math.log(4 / 3) / 2)
    assert label_kl([0, 0, 0, 1], 3, [3, 1, 0]).value == 0.0
    assert label_kl([0, 0, 0, 1], 3, [3, 1, 0]).modes == 2


def test_a_perfect_generator_of_stacked_mnist():
    """As the docstring says: (n_classes - 1) / (2 n) in expectation."""
    values = [
        label_kl(np.random.default_rng(s).integers(1000, size=25_000), 1000).value
        for s in range(5)
    ]
    assert np.mean(values) == pytest.approx(999 / 50_000, rel=0.05)


def test_result_is_json_and_a_number():
    result = label_kl([0, 1, 1], 3)
    assert json.loads(json.dumps(result.as_dict()))["counts"] == [1, 2, 0]
    assert float(result) == result.value


@pytest.mark.parametrize(
    ("labels", "n_classes", "reference", "message"),
    [
        ([0, 3], 3, None, r"integers from 0 below 3. Received: int64 from 0 to 3"),
        ([-1, 0], 3, None, r"from -1 to 0"),
        ([0.0, 1.0], 3, None, r"Received: float64"),
        ([], 3, None, r"shape \(n,\).*\(0,\)"),
        ([[0], [1]], 3, None, r"shape \(2, 1\)"),
        ([0], 0, None, r"n_classes=0"),
        ([0, 1], 2, [1, 0], r"`reference` must be 2 numbers.*1 classes with labels at"),
        ([0, 1], 2, [1, 1, 1], r"shape \(3,\)"),
        ([0, 1], 2, [1, -1], r"numbers >= 0"),
        ([0, 1], 2, [1, np.nan], r"numbers >= 0"),
    ],
)
def test_wrong_arguments(labels, n_classes, reference, message):
    with pytest.raises(ValueError, match=message):
        label_kl(labels, n_classes, reference)
