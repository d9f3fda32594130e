"""The process that writes SavedModels: `python -m ...tensorflow_export FOLDER ...`.

It reads `gan.keras` and `task.json` from each folder and writes `saved_model` there.
"""

import importlib
import importlib.util
import json
import pathlib
import sys

import keras
import tensorflow as tf

import keras_mdgan  # noqa: F401  (registers the classes)


class StatelessDraws:
    """Draws that are a function of a seed tensor, for the graph of `sample`."""

    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def _next(self):
        self.count += 1
        return tf.stack([self.seed, self.count])

    def uniform(self, shape, low=0.0, high=1.0):
        return tf.random.stateless_uniform(shape, self._next(), low, high, alg="philox")

    def normal(self, shape):
        return tf.random.stateless_normal(shape, self._next(), alg="philox")

    def integers(self, shape, high):
        return tf.random.stateless_uniform(
            shape, self._next(), 0, high, tf.int32, alg="philox"
        )


def write(gan, folder):
    """Write `gan`'s functions to `folder` as a SavedModel."""
    archive = keras.export.ExportArchive()
    archive.track(gan)
    latents = tf.TensorSpec((None, *gan.latents.shape), tf.float32, name="latents")
    data = tf.TensorSpec((None, *gan.data_shape), tf.float32, name="data")
    n, seed = (tf.TensorSpec((), tf.int32, name=name) for name in ("n", "seed"))

    def sample(n, seed):
        return gan.call(gan.latents.draw(n, StatelessDraws(seed)))

    archive.add_endpoint(
        "serving_default", lambda latents: gan.call(latents), [latents]
    )
    archive.add_endpoint("sample", sample, [n, seed])
    archive.add_endpoint("embed", lambda data: gan.embed(data), [data])
    archive.write_out(str(folder), verbose=False)


def _import(module):
    if module.endswith(".py"):
        spec = importlib.util.spec_from_file_location("__exported_script__", module)
        script = importlib.util.module_from_spec(spec)
        sys.modules["__exported_script__"] = script
        spec.loader.exec_module(script)
    else:
        importlib.import_module(module)


def main(folder):
    folder = pathlib.Path(folder)
    task = json.loads((folder / "task.json").read_text())
    for module in task["modules"]:
        _import(module)
    gan = keras.saving.load_model(folder / "gan.keras", compile=False)
    write(gan, folder / "saved_model")


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        main(folder)
