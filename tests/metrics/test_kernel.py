import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from keras_mdgan.metrics import kernel_distance

pytestmark = pytest.mark.host

GENERATOR = np.random.default_rng(0)
X, Y = GENERATOR.normal(size=(40, 5)), GENERATOR.normal(size=(30, 5)) + 0.5


def by_loops(x, y, degree, gamma, coef):
    def kernel(a, b):
        return (gamma * sum(p * q for p, q in zip(a, b)) + coef) ** degree

    m = len(x)
    total = 0.0
    for i in range(m):
        for j in range(m):
            if i != j:
                total += (kernel(x[i], x[j]) + kernel(y[i], y[j])) / (m * (m - 1))
            total -= 2 * kernel(x[i], y[j]) / m**2
    return total


@pytest.mark.parametrize(
    ("degree", "gamma", "coef"), [(3, None, 1.0), (1, 0.5, 0.0), (4, 0.1, 2.0)]
)
def test_is_the_definition(degree, gamma, coef):
    """With subsets as large as the sets, all subsets are the same."""
    result = kernel_distance(
        X[:30], Y, subsets=3, subset_size=30, degree=degree, gamma=gamma, coef=coef
    )
    wanted = by_loops(X[:30], Y, degree, gamma or 1 / 5, coef)
    assert result.value == pytest.approx(wanted, rel=1e-11)
    assert result.std == pytest.approx(0, abs=1e-12)


def test_the_kernel_is_scikit_learns():
    k = [polynomial_kernel(a, b) for a, b in ((X[:30], X[:30]), (Y, Y), (X[:30], Y))]
    m = 30
    wanted = sum((a.sum() - np.trace(a)) / (m * (m - 1)) for a in k[:2])
    value = kernel_distance(X[:30], Y, subsets=1, subset_size=30).value
    assert value == pytest.approx(wanted - 2 * k[2].mean(), rel=1e-11)


def test_mean_and_deviation_over_subsets():
    result = kernel_distance(X, Y, subsets=50, subset_size=10, seed=3)
    again = kernel_distance(X, Y, subsets=50, subset_size=10, seed=3)
    assert result == again
    assert result != kernel_distance(X, Y, subsets=50, subset_size=10, seed=4)
    singles = np.random.default_rng(3)
    values = [
        by_loops(
            X[singles.choice(40, 10, replace=False)],
            Y[singles.choice(30, 10, replace=False)],
            3,
            1 / 5,
            1.0,
        )
        for _ in range(50)
    ]
    assert result.value == pytest.approx(np.mean(values), rel=1e-10)
    assert result.std == pytest.approx(np.std(values), rel=1e-10)


def test_it_is_unbiased():
    """Sets of one distribution: 0 but for the noise, below it as often as above."""
    noise = np.random.default_rng(1)
    values = np.array(
        [
            float(
                kernel_distance(
                    noise.normal(size=(20, 3)),
                    noise.normal(size=(20, 3)),
                    subsets=1,
                    subset_size=20,
                )
            )
            for _ in range(400)
        ]
    )
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(400)
    assert 0.2 < np.mean(values < 0) < 0.8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"`subset_size` must be at most.*40 real and 30.*subset_size=1000"),
        ({"subset_size": 31}, r"subset_size=31"),
        ({"subset_size": 1}, r"integer >= 2. Received: subset_size=1"),
        ({"subsets": 0}, r"subsets=0"),
        ({"degree": 1.5}, r"degree=1.5"),
        ({"gamma": 0.0}, r"gamma=0.0"),
        ({"seed": -1}, r"seed=-1"),
        ({"coef": np.nan}, r"coef=nan"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        kernel_distance(X, Y, **arguments)
