"""A grid search that can be interrupted and shared by several workers."""

import functools
import time

import keras_tuner

_OF_ORACLE = (
    "tune_new_entries",
    "allow_new_entries",
    "max_retries_per_trial",
    "max_consecutive_failed_trials",
)


class GridSearchOracle(keras_tuner.oracles.GridSearchOracle):
    """`keras_tuner.oracles.GridSearchOracle` that can be reloaded and serves workers.

    KerasTuner's own oracle (1.4.8) does not save the order of its trials. If an
    interrupted search is started again, it ends with a `KeyError`. This oracle computes
    the order again from the trials' values.

    KerasTuner's own oracle also finds a trial's successor only at the trial's end. Of
    several workers, one then trains while the others wait. This oracle finds the
    successor at the trial's start. If a trial adds a hyperparameter, its end adds the
    missing successors.
    """

    def populate_space(self, trial_id):
        found = super().populate_space(trial_id)
        if found["values"] is not None:
            self._populate_next.append(trial_id)
        return found

    def reload(self):
        super().reload()
        for trial_id in sorted(self.start_order, key=self._place):
            self._ordered_ids.insert(trial_id)
        # Each ended trial may lack its successor. KerasTuner skips those that have one.
        self._populate_next = list(self.end_order)

    @property
    def _place(self):
        def compare(a, b):
            return self._compare(
                *(self.trials[each].hyperparameters.values for each in (a, b))
            )

        return functools.cmp_to_key(compare)


class GridSearch(keras_tuner.Tuner):
    """`keras_tuner.GridSearch` that resumes after an interruption.

    Examples:
        >>> import tempfile
        >>> import keras_mdgan as km
        >>> search = km.tuning.ClustersAndVariance(km.datasets.ring())
        >>> tuner = GridSearch(
        ...     search, keras_tuner.Objective("modes", "max"),
        ...     directory=tempfile.mkdtemp(), project_name="ring")
        >>> tuner.oracle.max_trials is None
        True

    Args:
        hypermodel: a `keras_tuner.HyperModel`.
        objective: see `keras_tuner.GridSearch`.
        max_trials: the largest number of trials; `None` for the whole grid.
        seed: an integer, or `None`.
        hyperparameters: see `keras_tuner.GridSearch`.
        **kwargs: further arguments of `keras_tuner.GridSearch`: `directory`,
            `project_name`, `overwrite`, `max_retries_per_trial` ...
    """

    def __init__(
        self,
        hypermodel=None,
        objective=None,
        max_trials=None,
        seed=None,
        hyperparameters=None,
        **kwargs,
    ):
        of_oracle = {name: kwargs.pop(name) for name in _OF_ORACLE if name in kwargs}
        self.seed = seed
        oracle = GridSearchOracle(
            objective=objective,
            max_trials=max_trials,
            seed=seed,
            hyperparameters=hyperparameters,
            **of_oracle,
        )
        self._asked = False
        super().__init__(oracle, hypermodel, **kwargs)

    def pre_create_trial(self):
        # Without a free trial, KerasTuner asks again at once and keeps the chief busy.
        if self._asked:
            time.sleep(0.5)
        self._asked = True

    def on_trial_begin(self, trial):
        self._asked = False
        super().on_trial_begin(trial)
