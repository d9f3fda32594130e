"""Tables of a search's trials."""

import keras_tuner
import numpy as np


def table(
    tuner: keras_tuner.Tuner,
    measure: str,
    rows: str = "components",
    columns: str = "variance",
) -> tuple[np.ndarray, list, list]:
    """A measure of a search's trials by two hyperparameters, for a heat map.

    Args:
        tuner: a tuner after `search`.
        measure: the name of a measure of `evaluate`.
        rows: the hyperparameter of the rows.
        columns: the hyperparameter of the columns.

    Returns:
        Means over the trials of a cell, `(n_rows, n_columns)`, or NaN without trials;
        and the values of the two hyperparameters, in order.
    """
    cells: dict[tuple, list] = {}
    for trial in tuner.oracle.trials.values():
        if trial.status == "COMPLETED":
            values = trial.hyperparameters.values
            found = trial.metrics.get_statistics(measure)["mean"]
            cells.setdefault((values[rows], values[columns]), []).append(found)
    names = [sorted({cell[axis] for cell in cells}) for axis in (0, 1)]
    result = np.full((len(names[0]), len(names[1])), np.nan)
    for (row, column), found in cells.items():
        result[names[0].index(row), names[1].index(column)] = np.mean(found)
    return result, *names
