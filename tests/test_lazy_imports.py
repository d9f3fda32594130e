"""Importing and training without what only some users have installed."""

import json
import subprocess
import sys

import keras
import pytest

BACKEND = keras.backend.backend()


def python(script):
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_nothing_heavy_is_imported():
    heavy = {"tensorflow", "jax", "torch"} - {BACKEND}
    heavy |= {"matplotlib", "scipy", "sklearn", "tensorflow_datasets", "keras_tuner"}
    heavy |= {"gradio", "onnx", "tf2onnx", "onnxruntime", "ai_edge_litert"}
    # Keras itself may import some: only what the package adds is its fault.
    added = python(
        "import sys, keras; before = set(sys.modules)\n"
        "import keras_mdgan\n"
        "print(*(set(sys.modules) - before))"
    ).split()
    assert "keras_mdgan.mixtures" in added
    assert not heavy & set(added)


def test_import_is_quick():
    """Less than 0.3 s of processor time on top of Keras' own, the best of three."""
    script = (
        "import time, keras; began = time.process_time()\n"
        "import keras_mdgan; print(time.process_time() - began)"
    )
    assert min(float(python(script)) for _ in range(3)) < 0.3


@pytest.mark.skipif(BACKEND == "tensorflow", reason="it needs TensorFlow")
def test_training_without_tensorflow_matplotlib_and_the_others(tmp_path):
    missing = ["tensorflow", "matplotlib", "tensorflow_datasets", "keras_tuner"]
    said = python(
        "import sys, json\n"
        f"for name in {missing}: sys.modules[name] = None\n"
        "import keras_mdgan as km\n"
        "gan = km.MixtureDensityGAN(\n"
        "    km.networks.mlp_generator((2,), hidden=(8,)),\n"
        "    km.networks.mlp_discriminator((2,), 3, hidden=(8,)),\n"
        "    km.latents.Uniform(2))\n"
        "gan.compile(steps_per_execution=2)\n"
        "data = km.datasets.ring()\n"
        "history = gan.fit(data.as_dataset(80, 20), epochs=2, verbose=0,\n"
        "                  callbacks=[km.callbacks.EvaluateSamples(data)])\n"
        f"gan.save({str(tmp_path / 'gan.keras')!r})\n"
        f"again = km.load_model({str(tmp_path / 'gan.keras')!r})\n"
        "assert again.sample(3).shape == (3, 2)\n"
        "from keras_mdgan.callbacks.summaries import EventFile\n"
        f"events = EventFile({str(tmp_path / 'logs')!r})\n"
        "events.scalars({'modes': 8.0}, step=0)\n"
        "events.hyperparameters({'components': 4})\n"
        "events.end_of_session()\n"
        "assert events.path.stat().st_size > 200\n"
        "try:\n"
        f"    gan.export({str(tmp_path / 'saved_model')!r})\n"
        "except ImportError as error:\n"
        "    said = str(error)\n"
        "print(json.dumps([len(history.history['modes']), said]))"
    )
    epochs, error = json.loads(said.splitlines()[-1])
    assert epochs == 2
    assert "needs TensorFlow" in error
