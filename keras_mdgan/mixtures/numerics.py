"""Functions that are exact where the obvious formula loses precision."""

import math
from typing import Any

import keras
from keras import ops


def log1mexp(x: Any, floor: float = 1e-6) -> Any:
    """Computes `log(1 - exp(x))` for `x <= 0` without cancellation.

    With `x = log lk - log lambda` this is `log((lambda - lk) / lambda)`, the term for
    generated data in the objective of Mixture Density GAN. Above `-log 2` it is
    computed as `log(-expm1(x))`, which approaches `log(-x)`. Below, it is computed as
    `log1p(-exp(x))`, which approaches `-exp(x)`.

    At `x = 0` value and gradient are infinite: a generated sample is exactly at a
    vertex. `x` is therefore clipped to at most `-floor`. Above `-floor` the value is
    `log(1 - exp(-floor))`, about -13.8, and the gradient is zero. NaN stays NaN.

    Examples:
        >>> from keras import ops
        >>> float(log1mexp(-1e-3))
        -6.90826
        >>> float(log1mexp(ops.convert_to_tensor(0.0)))
        -13.8155

    Args:
        x: tensor of any shape, at most 0. float16 and bfloat16 become float32.
        floor: the smallest distance of `x` from 0.

    Returns:
        A tensor of the shape of `x`.

    References:
        Maechler, "Accurately computing log(1 - exp(-|a|))", 2012, equation (7).
    """
    x = at_least_float32(x)
    x = ops.minimum(x, -floor)
    is_near = x > -math.log(2.0)
    # Both branches are differentiated everywhere, and near x = 0 the second is the
    # logarithm of 0. Its NaN gradient would pass through `where`.
    far = ops.where(is_near, -1.0, x)
    return ops.where(is_near, ops.log(-ops.expm1(x)), ops.log1p(-ops.exp(far)))


def at_least_float32(x: Any) -> Any:
    """Converts `x` to a float32 tensor; a float64 `x` stays float64."""
    x = ops.convert_to_tensor(x)
    is_double = keras.backend.standardize_dtype(x.dtype) == "float64"
    return x if is_double else ops.cast(x, "float32")
