"""The program that writes exports: `python -m ...tensorflow_export FOLDER ...`.

It reads `gan.keras` and `task.json` from each folder, and writes `saved_model` there: a
folder, or the file of another format.
"""

import importlib
import json
import pathlib
import sys

import keras
import tensorflow as tf

import keras_mdgan
from keras_mdgan.saving.portable import PRODUCT, embeds_data


class StatelessDraws:
    """Draws that depend only on a seed tensor, for the graph of `sample`."""

    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def _next(self):
        # The count separates the draws of one call, which have the same seed.
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


def write(gan, folder, include_discriminator=True, weight_dtype="float32"):
    """Write `gan`'s functions to `folder` as a SavedModel."""
    inputs = [tf.TensorSpec((None, *gan.latents.shape), tf.float32, name="latents")]
    data = tf.TensorSpec((None, *gan.data_shape), tf.float32, name="data")
    n, seed = (tf.TensorSpec((), tf.int32, name=name) for name in ("n", "seed"))

    def sample(n, seed):
        return gan.call(gan.latents.draw(n, StatelessDraws(seed)))

    generate = (lambda latents: gan.call(latents), inputs)
    functions = {
        "serving_default": generate,
        "serve": generate,  # Keras' own name, which `TFSMLayer` looks for
        "sample": (sample, [n, seed]),
    }
    if isinstance(gan, keras_mdgan.ConditionalGAN):
        functions = _with_labels(gan, inputs, n, seed)
    if include_discriminator and embeds_data(gan):
        functions["embed"] = (lambda data: gan.embed(data), [data])
    weights = Weights(gan.variables, weight_dtype)
    archive = keras.export.ExportArchive()
    for name, (function, arguments) in functions.items():
        archive.add_endpoint(name, weights.read_by(function, arguments), arguments)
    archive.track(weights.tracked())
    archive.write_out(str(folder), verbose=False)


def _with_labels(gan, inputs, n, seed):
    """The functions of a model whose generator is asked for a class."""
    labels = tf.TensorSpec((None,), tf.int32, name="labels")

    def serve(latents, labels):
        return gan.call([latents, _classes(gan, labels)])

    def sample(n, seed):
        draws = StatelessDraws(seed)
        latents = gan.latents.draw(n, draws)
        return gan.call([latents, draws.integers((n,), gan.n_classes)])

    def conditional_sample(n, seed, labels):
        latents = gan.latents.draw(n, StatelessDraws(seed))
        return gan.call([latents, tf.broadcast_to(_classes(gan, labels), [n])])

    return {
        "serving_default": (serve, [*inputs, labels]),
        "serve": (serve, [*inputs, labels]),
        "sample": (sample, [n, seed]),
        "conditional_sample": (conditional_sample, [n, seed, labels]),
    }


def _classes(gan, labels):
    """The labels, with an error in the graph if one is no class."""
    wanted = f"`labels` must be integers from 0 to {gan.n_classes - 1}."
    with tf.control_dependencies(
        [
            tf.debugging.assert_non_negative(labels, wanted),
            tf.debugging.assert_less(labels, gan.n_classes, wanted),
        ]
    ):
        return tf.identity(labels)


class Weights:
    """The variables that a SavedModel's functions read, in their stored form.

    Kernels may be stored in fewer bits: as float16, or as int8 with a scale for each
    entry of the last axis. The scale makes the largest weight 127. Computations are
    the same, in float32. Biases, moments and other vectors are unchanged.

    Args:
        variables: all variables of the model.
        dtype: `"float32"` (unchanged), `"float16"` or `"int8"`.
    """

    def __init__(self, variables, dtype):
        self.variables, self.dtype = variables, dtype
        self._kept = {}  # the stored form of each variable, by the variable's id

    def read_by(self, function, arguments):
        """The function, made to read stored weights instead of the variables."""
        traced = tf.function(function).get_concrete_function(*arguments)
        read = {id(value) for value in traced.graph.variables}
        kept = []
        for variable in self.variables:
            if id(variable.value) in read:
                if id(variable) not in self._kept:
                    self._kept[id(variable)] = self._stored(variable.value)
                kept.append((variable, self._kept[id(variable)]))

        def reading(*arguments):
            replaced = [(v, _restored(k)) for v, k in kept if k[0] is not v.value]
            with keras.StatelessScope(state_mapping=replaced):
                return function(*arguments)

        return reading

    def tracked(self):
        """A module that holds the stored weights, for the archive."""
        module = tf.Module()
        module.kept = list(self._kept.values())
        return module

    def _stored(self, value):
        if self.dtype == "float32" or value.dtype != tf.float32 or len(value.shape) < 2:
            return [value]
        if self.dtype == "float16":
            return [tf.Variable(tf.cast(value, tf.float16), trainable=False)]
        largest = tf.reduce_max(tf.abs(value), axis=range(len(value.shape) - 1))
        scale = tf.where(largest > 0, largest, 1.0) / 127.0
        whole = tf.cast(tf.round(value / scale), tf.int8)
        return [tf.Variable(x, trainable=False) for x in (whole, scale)]


def _restored(kept):
    whole, *scale = (tf.cast(part, tf.float32) for part in kept)
    return whole * scale[0] if scale else whole


def main(folder):
    folder = pathlib.Path(folder)
    task = json.loads((folder / "task.json").read_text())
    for module in task["modules"]:
        importlib.import_module(module)
    gan = keras.saving.load_model(folder / "gan.keras", compile=False)
    if task["format"] == "tf_saved_model":
        write(gan, folder / PRODUCT, **task["options"])
        return
    from keras_mdgan.saving.tensorflow_formats import write_file

    write_file(gan, folder / PRODUCT, task["format"])


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        main(folder)
