"""`training/logs.py` alone says how logs are added up, averaged and judged."""

import numpy as np
import pytest

from keras_mdgan.training import logs


def test_means_are_weighted_and_loss_is_the_sum_of_the_losses():
    means = logs.LogMeans(("a_loss", "accuracy", "b_loss"), ("a_loss", "b_loss"))
    means.update_state({"a_loss": 1.0, "accuracy": 0.0, "b_loss": 2.0}, 1)
    means.update_state({"a_loss": 5.0, "accuracy": 1.0, "b_loss": 6.0}, 3)
    wanted = {"loss": 9.0, "a_loss": 4.0, "accuracy": 0.75, "b_loss": 5.0}
    assert means.on_host(means.read()) == pytest.approx(wanted)
    assert {k: float(v) for k, v in means.result().items()} == pytest.approx(wanted)
    twice = 2.0 * means.read()  # two processes that saw the same
    assert means.on_host(twice) == pytest.approx(wanted)


def test_means_begin_anew():
    means = logs.LogMeans(("a_loss",), ("a_loss",))
    means.update_state({"a_loss": 1.0}, 1)
    (value,) = means.at_start()
    means.reset_state()
    np.testing.assert_array_equal(value, means.read())
    assert means.on_host(means.read()) == {"loss": 0.0, "a_loss": 0.0}


def test_a_player_logs_the_mean_of_its_updates():
    updates = [{"a_loss": 1.0, "seen": 2.0}, {"a_loss": 3.0, "seen": 6.0}]
    assert logs.mean_of_updates(updates) == {"a_loss": 2.0, "seen": 4.0}
    assert logs.mean_of_updates(updates[:1]) is updates[0]


def test_running_means_after_the_last_step_are_those_of_all_steps():
    assert logs.after_last_step({"loss": np.array([1.0, 0.5])}) == {"loss": 0.5}


def test_the_first_log_that_is_no_number_is_named():
    assert logs.first_not_finite({"loss": 1.0, "accuracy": 0.0}) is None
    assert logs.first_not_finite(None) is None
    found = logs.first_not_finite({"a": 0.0, "b": np.float32("-inf"), "c": np.nan})
    assert found == ("b", -np.inf)
