"""The measures of points in tables."""

import numpy as np
import pytest

from keras_mdgan.datasets import dataset
from keras_mdgan.experiments import measures

pytestmark = pytest.mark.host


def test_both_rules_stand_below_the_table_of_many_dimensions():
    """True data lie outside of the paper's radius, and narrower samples inside."""
    of_points = measures.of(dataset("synthetic_1200d"))
    truth = of_points.truth
    x, modes = truth.sample_with_labels(500, seed=1)
    narrow = truth.centers[modes] + 0.2 * (x - truth.centers[modes])
    narrow[modes > 3] += 100.0
    kept = {"vanilla": of_points.kept(narrow)}
    share = 100 * np.mean(modes <= 3)
    text = "\n".join(of_points.notes(kept, {"vanilla": "1.6 / 2.0"}))
    assert "| model | within 28.1 | within 10 | published |" in text
    assert "| true data | 10 / 9" in text
    assert "between 24 and 29 of them" in text
    (true,) = [line for line in text.splitlines() if line.startswith("| true data")]
    assert true.endswith("| 0 / 0.0 | - |")
    assert f"| vanilla | 4 / {share:.1f} | 4 / {share:.1f} | 1.6 / 2.0 |" in text


def test_in_two_dimensions_there_is_one_rule():
    of_points = measures.of(dataset("ring"))
    kept = {"vanilla": of_points.kept(of_points.truth.sample(9, seed=0))}
    assert of_points.notes(kept, {"vanilla": "-"}) == []
