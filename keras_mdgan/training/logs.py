"""The logs of training: their sum, their means, and the check for NaN.

A step passes its logs to `LogMeans.update_state`. A compiled step returns
`LogMeans.read()`, and on the host `on_host` turns this into a dictionary of floats.
Only this file knows the format of the numbers in between.
"""

import math

import keras
from keras import ops


class LogMeans(keras.metrics.Metric):
    """Weighted means of named scalars, kept in a single vector.

    A single vector needs one update per step. A `keras.metrics.Mean` for each name
    would cost more than a small network's gradient.

    Examples:
        >>> means = LogMeans(("a_loss", "b_loss"), losses=("a_loss", "b_loss"))
        >>> means.update_state({"a_loss": 1.0, "b_loss": 0.0}, 1)
        >>> means.update_state({"a_loss": 4.0, "b_loss": 3.0}, 2)
        >>> means.on_host(means.read())
        {'loss': 5.0, 'a_loss': 3.0, 'b_loss': 2.0}

    Args:
        names: the names of the scalars in every update.
        losses: the names whose sum is logged as `loss`.
        name: the metric's own name.
    """

    def __init__(self, names, losses, name="logs"):
        super().__init__(name=name, dtype="float32")
        self.names, self.losses = ("loss", *names), tuple(losses)
        # The weighted sum of each name's values, followed by the sum of the weights.
        self.totals = self.add_weight(
            shape=(len(self.names) + 1,), initializer="zeros", name="totals"
        )

    def update_state(self, logs, weight):
        """Add a dictionary of scalars with `weight` (the number of samples)."""
        weight = ops.cast(weight, "float32")
        logs = {**logs, "loss": sum(logs[name] for name in self.losses)}
        values = [ops.cast(logs[name], "float32") for name in self.names]
        # The last entry, weighted like the others, adds up the weights.
        values = ops.stack([*values, ops.ones_like(values[0])])
        self.totals.assign_add(values * weight)

    def at_start(self) -> list:
        """The values of the metric's variables at the start of an epoch."""
        return [ops.zeros_like(v.value) for v in self.variables]

    def result(self):
        """The means as a dictionary of scalar tensors."""
        totals = self.totals.value
        # Before the first update the weights sum to zero.
        means = totals[:-1] / ops.maximum(totals[-1], 1e-12)
        return {name: means[i] for i, name in enumerate(self.names)}

    def read(self):
        """The totals as one tensor, which a compiled step returns for `on_host`.

        The totals of several processes may be summed.
        """
        # Not the variable: a TensorFlow function cannot return one.
        return ops.stop_gradient(self.totals.value)

    def on_host(self, totals) -> dict:
        """The means as Python floats, from `read()`. Waits for the device."""
        totals = ops.convert_to_numpy(totals)
        means = totals[:-1] / max(totals[-1], 1e-12)
        return dict(zip(self.names, means.tolist()))


def mean_of_updates(logs: list[dict]) -> dict:
    """The logs of one player in a training step: the means over its updates."""
    if len(logs) == 1:
        return logs[0]
    return {name: sum(x[name] for x in logs) / len(logs) for name in logs[0]}


def after_last_step(results: dict) -> dict:
    """`LogMeans.result()` after the last of several steps.

    Args:
        results: the results after each of the steps, one array `(steps,)` per name.
    """
    # They are running means: the last value is the mean of all steps.
    return {name: values[-1] for name, values in results.items()}


def first_not_finite(logs: dict | None) -> tuple[str, float] | None:
    """The name and value of the first log that is NaN or infinite, or `None`.

    Examples:
        >>> first_not_finite({"loss": 0.5, "critic_loss": float("nan")})
        ('critic_loss', nan)
    """
    for name, value in (logs or {}).items():
        if not math.isfinite(float(value)):
            return name, float(value)
    return None
