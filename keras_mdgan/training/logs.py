"""Means of everything a step logs, in one variable."""

import keras
from keras import ops


class LogMeans(keras.metrics.Metric):
    """Weighted means of named scalars, kept in a single vector.

    One vector and one update a step, where a `keras.metrics.Mean` for each name would
    cost more than a small network's gradient.

    Examples:
        >>> means = LogMeans(("loss",))
        >>> means.update_state({"loss": 1.0}, 1)
        >>> means.update_state({"loss": 4.0}, 2)
        >>> float(means.result()["loss"])
        3.0

    Args:
        names: the names that every update brings.
        name: the metric's own name.
    """

    def __init__(self, names, name="logs"):
        super().__init__(name=name, dtype="float32")
        self.names = tuple(names)
        self.totals = self.add_weight(
            shape=(len(self.names) + 1,), initializer="zeros", name="totals"
        )

    def update_state(self, logs, weight):
        """Add a dictionary of scalars with `weight` (the number of samples)."""
        weight = ops.cast(weight, "float32")
        values = [ops.cast(logs[name], "float32") for name in self.names]
        values = ops.stack([*values, ops.ones_like(values[0])])
        self.totals.assign_add(values * weight)

    def result(self):
        totals = self.totals.value
        means = totals[:-1] / ops.maximum(totals[-1], 1e-12)
        return {name: means[i] for i, name in enumerate(self.names)}

    def of_totals(self, totals) -> dict:
        """The means as Python floats, from a copy of `totals`."""
        totals = ops.convert_to_numpy(totals)
        means = totals[:-1] / max(totals[-1], 1e-12)
        return dict(zip(self.names, means.tolist()))
