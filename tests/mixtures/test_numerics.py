import mpmath
import numpy as np
import pytest
from keras import ops

from keras_mdgan.mixtures import log1mexp

POINTS = np.concatenate([-np.logspace(-5.9, 1.9, 300), [-0.6931471, -0.6931473]])


def reference(x):
    with mpmath.workdps(40):
        return np.array([float(mpmath.log(-mpmath.expm1(mpmath.mpf(v)))) for v in x])


def test_many_points():
    x = POINTS.astype("float32")
    value = ops.convert_to_numpy(log1mexp(ops.convert_to_tensor(x)))
    # Near log 2 the rounding of float32 to 1 - exp(x) is all there is to lose.
    np.testing.assert_allclose(value, reference(x.astype("float64")), rtol=3e-6)


def test_both_ends():
    near = np.float32(-1e-12)
    assert float(log1mexp(near, floor=1e-20)) == pytest.approx(np.log(1e-12), rel=1e-6)
    assert float(log1mexp(np.float32(-40.0))) == pytest.approx(-np.exp(-40.0), rel=1e-5)
    assert float(log1mexp(np.float32(-np.inf))) == 0.0


def test_floor_and_what_lies_above():
    lowest = np.log(-np.expm1(-1e-6))
    for x in (0.0, -1e-9, 1e-3):
        assert float(log1mexp(np.float32(x))) == pytest.approx(lowest, rel=1e-6)


def test_nan_is_not_hidden():
    assert np.isnan(float(log1mexp(np.float32(np.nan))))


def test_gradient_is_right_and_finite(gradient):
    x = POINTS.astype("float32")
    exact = -1.0 / np.expm1(-x.astype("float64"))
    np.testing.assert_allclose(gradient(log1mexp, x), exact, rtol=1e-5, atol=1e-37)
    at_the_ends = gradient(log1mexp, [0.0, 1e-4, -1e-8, -100.0, -1e4, -np.inf])
    np.testing.assert_allclose(at_the_ends, 0.0, atol=1e-37)


def test_gradient_next_to_zero_without_the_floor(gradient):
    slope = gradient(lambda x: log1mexp(x, floor=1e-20), [-1e-9, -1e-12])
    np.testing.assert_allclose(slope, [-1e9, -1e12], rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(dtype):
    x = ops.cast(ops.convert_to_tensor([-1e-6, -3.0]), dtype)
    value = log1mexp(x)
    assert "float32" in str(value.dtype)
    assert np.isfinite(ops.convert_to_numpy(value)).all()
