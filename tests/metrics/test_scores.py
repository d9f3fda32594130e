import math

import numpy as np
import pytest
from scipy.stats import entropy

from keras_mdgan.metrics import Features, inception_score, mode_score

pytestmark = pytest.mark.host

GENERATOR = np.random.default_rng(0)
P = GENERATOR.dirichlet(np.full(6, 0.3), size=205)
Q = GENERATOR.dirichlet(np.arange(1.0, 7.0), size=90)


def test_inception_score_against_scipy():
    result = inception_score(P, splits=10)
    sizes = [21] * 5 + [20] * 5
    parts = np.split(P, np.cumsum(sizes)[:-1])
    scores = [
        math.exp(np.mean([entropy(row, part.mean(axis=0)) for row in part]))
        for part in parts
    ]
    assert result.value == pytest.approx(np.mean(scores), rel=1e-12)
    assert result.std == pytest.approx(np.std(scores), rel=1e-10)
    assert (result.n_fake, result.splits) == (205, 10)
    assert inception_score(Features(np.zeros((205, 2)), P)) == result


def test_inception_score_of_hand_made_distributions():
    unsure = np.full((40, 5), 0.2)
    sure_of_one = np.eye(5)[np.zeros(40, int)]
    sure_of_all = np.eye(5)[np.arange(40) % 5]
    half = 0.5 * sure_of_all + 0.5 * np.eye(5)[(np.arange(40) + 1) % 5]
    for p, wanted in ((unsure, 1), (sure_of_one, 1), (sure_of_all, 5), (half, 2.5)):
        score = inception_score(p, splits=4)
        assert score.value == pytest.approx(wanted, rel=1e-12)
        assert score.std == pytest.approx(0, abs=1e-12)
    by_class = np.sort(np.arange(40) % 5)
    assert float(inception_score(np.eye(5)[by_class], splits=5)) == pytest.approx(1)


def test_mode_score_against_scipy():
    labels, of_data = P.mean(axis=0), Q.mean(axis=0)
    kl = np.mean([entropy(row, labels) for row in P])
    wanted = math.exp(kl - entropy(labels, of_data))
    result = mode_score(P, Q)
    assert float(result) == pytest.approx(wanted, rel=1e-12)
    assert (result.n_real, result.n_fake) == (90, 205)
    one_row = mode_score(P, of_data[None])
    assert float(one_row) == pytest.approx(wanted, rel=1e-12)


def test_mode_score_of_hand_made_distributions():
    every, uniform = np.eye(4)[np.arange(40) % 4], np.full((1, 4), 0.25)
    assert float(mode_score(every, uniform)) == pytest.approx(4)
    # Two of four classes: log 2 nats of variety, log 2 of penalty.
    two = np.eye(4)[np.arange(40) % 2]
    assert float(mode_score(two, uniform)) == pytest.approx(1)
    assert float(mode_score(np.full((40, 4), 0.25), uniform)) == pytest.approx(1)
    skewed = np.array([[0.7, 0.1, 0.1, 0.1]])
    assert float(mode_score(every, skewed)) == pytest.approx(
        4 * math.exp(-entropy(uniform[0], skewed[0]))
    )
    assert float(mode_score(every, np.array([[0.5, 0.5, 0, 0]]))) == 0.0


def test_with_the_datas_distribution_in_both_terms_the_data_cancel():
    """Why the paper's formula was taken and not the one that surveys print."""
    labels, of_data = P.mean(axis=0), Q.mean(axis=0)
    printed = np.mean([entropy(row, of_data) for row in P]) - entropy(labels, of_data)
    assert math.exp(printed) == pytest.approx(float(inception_score(P, 1)), rel=1e-12)
    assert float(mode_score(P, Q)) < 0.9 * math.exp(printed)


@pytest.mark.parametrize(
    ("p", "message"),
    [
        (2 * P, r"`probabilities` must have rows.* 205 of 205.*row 0, with sum 2"),
        (np.array([[1.5, -0.5]] * 20), r"numbers >= 0.*20 of 20"),
        (P[:5], r"`splits` must be at most the number of rows, 5.*splits=10"),
        (Features(np.ones((20, 2))), r"have probabilities.*probabilities=None"),
    ],
)
def test_wrong_probabilities(p, message):
    with pytest.raises(ValueError, match=message):
        inception_score(p)


def test_wrong_arguments_of_the_mode_score():
    with pytest.raises(ValueError, match="`real_probabilities` must have rows"):
        mode_score(P, 2 * Q)
    with pytest.raises(ValueError, match="`fake_probabilities` must have rows"):
        mode_score(2 * P, Q)
    with pytest.raises(ValueError, match="splits=0"):
        inception_score(P, splits=0)


def test_rounded_probabilities_are_accepted():
    exact = float(inception_score(P))
    assert float(inception_score(P * 1.0005)) == pytest.approx(exact, rel=1e-12)
    half = P.astype("float16")
    assert float(inception_score(half)) == pytest.approx(
        float(inception_score(P)), rel=1e-3
    )
