"""Importing the package's parts must not import what only some users have."""

import subprocess
import sys

import keras

PARTS = ("mixtures", "datasets", "metrics", "plotting")


def test_nothing_heavy_is_imported():
    heavy = {"tensorflow", "jax", "torch"} - {keras.backend.backend()}
    heavy |= {"matplotlib", "scipy", "sklearn"}
    # Keras itself may import some: only what the package adds is its fault.
    script = (
        "import sys, keras; before = set(sys.modules)\n"
        + "\n".join(f"import keras_mdgan.{part}" for part in PARTS)
        + "\nprint(*(set(sys.modules) - before))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "keras_mdgan.mixtures" in run.stdout.split()
    assert not heavy & set(run.stdout.split())
