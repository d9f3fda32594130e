"""The Vendi score against its definition and the authors' package."""

import math

import numpy as np
import pytest

from keras_mdgan.metrics import vendi_score

pytestmark = pytest.mark.host

RANDOM = np.random.default_rng(0)
CASES = {
    "more samples": RANDOM.normal(size=(40, 6)),
    "more dimensions": RANDOM.normal(size=(6, 40)) + 1,
    "equal": np.ones((9, 3)) * RANDOM.uniform(1, 9, size=(9, 1)),
    "huge and tiny": RANDOM.normal(size=(12, 4))
    * 10.0 ** np.arange(-170, 190, 30)[:, None],
}


def by_definition(x, order):
    """From the eigenvalues of the cosines of all pairs."""
    n = len(x)
    kernel = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            a, b = (z / np.abs(z).max() for z in (x[i], x[j]))
            kernel[i, j] = a @ b / math.sqrt((a @ a) * (b @ b))
    shares = [s for s in np.linalg.eigvalsh(kernel / n) if s > 1e-14]
    if order == 1:
        return math.exp(-sum(s * math.log(s) for s in shares))
    if order == math.inf:
        return 1 / max(shares)
    return sum(s**order for s in shares) ** (1 / (1 - order))


@pytest.mark.parametrize("order", [0.5, 1, 2, math.inf])
@pytest.mark.parametrize("case", CASES)
def test_against_the_definition(case, order):
    x = CASES[case]
    found = vendi_score(x, order=order)
    assert found.value == pytest.approx(by_definition(x, order), rel=1e-5)
    assert (found.n, found.order) == (len(x), order)
    assert 1 - 1e-9 <= found.value <= min(x.shape) + 1e-9


def test_against_the_authors_package():
    vendi = pytest.importorskip("vendi_score.vendi")
    x = CASES["more samples"]
    for order in (1, 2):
        wanted = vendi.score_dual(x, q=order)
        assert vendi_score(x, order=order).value == pytest.approx(wanted)


def test_it_counts_kinds_in_their_shares():
    kinds = np.eye(5)
    assert vendi_score(kinds[[0, 1, 2, 3, 4] * 3]).value == pytest.approx(5)
    few = np.bincount([0, 0, 0, 1]) / 4
    entropy = -np.sum(few * np.log(few))
    assert vendi_score(kinds[[0, 0, 0, 1]]).value == pytest.approx(np.exp(entropy))


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"`order` must be a finite number > 0"):
        vendi_score(np.ones((3, 2)), order=0)
    with pytest.raises(
        ValueError, match=r"no zero vector.*: 1 of 3, the first at .* 2"
    ):
        vendi_score(np.array([[1.0, 0], [0, 1], [0, 0]]))
