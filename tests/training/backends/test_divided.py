"""A batch divided among devices trains as one device does, to 1e-5."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_mdgan.training.backends.replicas import share_of
from support import PYTHONPATH

BACKEND = keras.backend.backend()
# Losses that are more than means over samples, and networks that normalise by batches.
NAMES = ["MixtureDensityGAN", "ConditionalMixtureDensityGAN", "ProjectionGAN"]
if BACKEND != "jax":  # there XLA divides one program, whatever the loss
    NAMES += ["MixtureDensityGAN balanced", "CoulombGAN", "UnrolledGAN", "dcgan"]


def run(folder, names=(), processes=1, seconds=240):
    environment = {
        **os.environ,
        "KERAS_BACKEND": BACKEND,
        "PROCESSES": str(processes),
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": PYTHONPATH,
    }
    # Programs out of a cache: one process has them, and the others wait for it.
    environment.pop("JAX_COMPILATION_CACHE_DIR", None)
    limit = ["timeout", "-k", "5", str(seconds)]
    command = [*limit, sys.executable, "-m", "support.divided", folder, *names]
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    files = sorted(pathlib.Path(folder).glob("found_*.json"))
    return [json.loads(path.read_text()) for path in files]


def check(found):
    for name, distances in found.items():
        if name != "refusals":
            assert max(distances.values()) < 1e-5, (name, distances)


def test_a_divided_run_is_the_run_of_one_device(tmp_path):
    """Losses and weights; and a run saved there goes on alone."""
    results = run(tmp_path, NAMES)
    assert len(results) == (2 if BACKEND == "torch" else 1)
    for found in results:
        check(found)
        refused = found["refusals"]
        multiple = {"jax": 4, "tensorflow": 2, "torch": 2}[BACKEND]
        assert f"must be divisible by {multiple}" in refused["batch"]
        if BACKEND == "jax":
            assert refused["BatchNormalization"] == refused["Dropout"] == ""
        else:
            wanted = "keras_mdgan.layers.BatchNormalization"
            assert wanted in refused["BatchNormalization"]
            assert "JAX" in refused["Dropout"]


@pytest.mark.skipif(BACKEND != "jax", reason="PyTorch always has several processes")
def test_two_processes_of_jax(tmp_path):
    results = run(tmp_path, ["MixtureDensityGAN"], processes=2)
    assert len(results) == 2
    for found in results:
        check(found)


@pytest.mark.slow
def test_every_model(tmp_path):
    for found in run(tmp_path, seconds=1500):
        check(found)


def test_shares_of_parts():
    """Every sample has one place; a share's parts are shares of the batch's parts."""
    batch = np.arange(24)
    shares = [share_of(batch, index, 3, parts=2) for index in range(3)]
    assert sorted(np.concatenate(shares)) == batch.tolist()
    halves = [np.concatenate([s[:4] for s in shares]), batch[:12]]
    np.testing.assert_array_equal(*halves)
