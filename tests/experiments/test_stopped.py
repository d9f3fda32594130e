"""A run whose weights are not finite ends with a record that says so."""

import json

import numpy as np
import pytest

from keras_mdgan.experiments.run import Run, train


def test_a_run_with_nan_has_a_record(tmp_path):
    """The evaluation comes after the guard: it sees the restored weights."""
    run = Run("ring", "ours", "vanilla", seed=1, options={"rate": 1e38}, steps=80)
    said = []
    record = train(run, tmp_path, report=said.append)
    assert 0 <= record["stopped_at_step"] < 80
    assert record["stopped_at_step"] % 40 == 0
    assert np.isfinite(record["high_quality"])
    assert any("was not finite; stopped at step" in line for line in said)
    steps = record["evaluations"].get("step", [])
    assert all(step <= record["stopped_at_step"] for step in steps)


def test_damaged_evaluations_are_named(tmp_path):
    run = Run("ring", "ours", "vanilla", seed=1, steps=40)
    folder = run.backup(tmp_path / ".backup")
    folder.mkdir(parents=True)
    (folder / "evaluations.json").write_text(json.dumps({"evaluations": []})[:-3])
    with pytest.raises(ValueError, match=r"evaluations\.json is damaged.*from the sta"):
        train(run, tmp_path, report=lambda line: None)
