"""KerasTuner's chief and workers share a search, on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

SEARCH = """
import sys, time
import keras_tuner, keras_mdgan as km

def evaluate(gan):
    time.sleep(float(sys.argv[2]))  # as long as training may take
    return {"score": float(gan.components)}

search = km.tuning.ClustersAndVariance(
    km.datasets.ring(), components=(4, 6, 8), variances=(0.16, 0.25), epochs=1,
    batch_size=5_000, evaluate=evaluate)
tuner = km.tuning.GridSearch(
    search, keras_tuner.Objective("score", "max"), directory=sys.argv[1],
    project_name="search", seed=0)
tuner.search(verbose=0)
"""
pytestmark = pytest.mark.slow


@pytest.fixture
def start(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = []

    def start(name, seconds):
        environment = {
            **os.environ,
            "KERASTUNER_TUNER_ID": name,
            "KERASTUNER_ORACLE_IP": "127.0.0.1",
            "KERASTUNER_ORACLE_PORT": str(port),
        }
        command = [sys.executable, "-c", SEARCH, str(tmp_path), str(seconds)]
        running.append(subprocess.Popen(command, env=environment))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def trials(folder):
    paths = sorted((folder / "search").glob("trial_*/trial.json"))
    found = [json.loads(path.read_text()) for path in paths]
    return {
        (
            t["hyperparameters"]["values"]["components"],
            t["hyperparameters"]["values"]["variance"],
        ): t["status"]
        for t in found
    }


CELLS = {(c, v): "COMPLETED" for c in (4, 6, 8) for v in (0.16, 0.25)}


def test_two_workers_share_a_search(start, tmp_path):
    chief = start("chief", 0.5)
    workers = [start(f"tuner{i}", 0.5) for i in range(2)]
    assert all(process.wait(timeout=120) == 0 for process in (*workers, chief))
    assert trials(tmp_path) == CELLS


def test_a_killed_worker_does_not_lose_the_search(start, tmp_path):
    """Started again under its name, it takes up the trial it had."""
    chief, steady = start("chief", 2), start("tuner0", 2)
    killed = start("tuner1", 60)
    for _ in range(600):
        if len(trials(tmp_path)) >= 2:
            break
        time.sleep(0.1)
    time.sleep(1)
    killed.send_signal(signal.SIGKILL)
    again = start("tuner1", 0.5)
    assert all(p.wait(timeout=120) == 0 for p in (again, steady, chief))
    assert trials(tmp_path) == CELLS


def test_a_killed_search_ends_with_the_same_trials(tmp_path):
    """One process, `kill -9` in its third trial, and again."""
    command = [sys.executable, "-c", SEARCH, str(tmp_path), "1"]
    process = subprocess.Popen(command)
    for _ in range(600):
        if len(trials(tmp_path)) >= 3:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    process.kill()
    process.wait()
    before = trials(tmp_path)
    assert sorted(before.values()) == ["COMPLETED", "COMPLETED", "RUNNING"]
    assert subprocess.run(command).returncode == 0
    assert trials(tmp_path) == CELLS
