"""Values that change with the training step."""

import itertools
from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

Knots = Sequence[tuple[int, float]]


def interpolate(step, knots: Knots):
    """The value at a step: linear between knots, constant before and after; float32.

    Examples:
        >>> float(interpolate(15, [(10, 1.0), (20, 0.0)]))
        0.5

    Args:
        step: a training step, scalar.
        knots: at least one pair `(step, value)`, in the order of the steps.
    """
    step = ops.cast(step, "float32")
    # Times zero: a single knot gives a tensor too, of the step's kind.
    value = step * 0.0 + float(knots[0][1])
    for (start, low), (end, high) in itertools.pairwise(knots):
        inside = ops.clip(step - float(start), 0.0, float(end - start))
        value = value + inside * (float(high - low) / (end - start))
    return value


def check_knots(knots: Knots, positive: bool = False) -> list[tuple[int, float]]:
    """The knots as a list of plain numbers.

    Raises:
        ValueError: if there is no knot, steps are negative or do not increase, or a
            value is not finite (or, with `positive`, not above 0).
    """
    try:
        checked = [(int(step), float(value)) for step, value in knots]
    except (TypeError, ValueError):
        checked = []
    steps = [step for step, _ in checked]
    values = np.array([value for _, value in checked])
    increasing = all(a < b for a, b in zip([-1, *steps], steps))
    if not checked or not increasing or not np.all(np.isfinite(values)):
        raise ValueError(
            "`knots` must be pairs (step, value) with increasing steps >= 0 and finite "
            f"values. Received: knots={knots!r}"
        )
    if positive and not np.all(values > 0):
        raise ValueError(f"`knots` must have values > 0. Received: knots={knots!r}")
    return checked


@keras.saving.register_keras_serializable("keras_mdgan")
class PiecewiseLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is linear between knots.

    It helps mode coverage. Each mode's share of the samples is decided while the
    instance noise is about a quarter as wide as the distance between modes. A low rate
    at that time makes the shares even; see `InstanceNoise`.

    Examples:
        >>> rate = PiecewiseLinear([(0, 2e-3), (6000, 0.0)])
        >>> round(float(rate(3000)), 6)
        0.001

    Args:
        knots: pairs `(step, rate)` with increasing steps. The rate is constant before
            the first and after the last.

    Raises:
        ValueError: if the knots are not as described.
    """

    def __init__(self, knots: Knots):
        super().__init__()
        self.knots = check_knots(knots)

    def __call__(self, step):
        return interpolate(step, self.knots)

    def get_config(self):
        return {"knots": self.knots}
