"""ONNX and LiteRT files of a generator, written from TensorFlow's graph of it."""

import pathlib
import tempfile

import keras
import tensorflow as tf

import keras_mdgan


def write_file(gan, path: pathlib.Path, format: str) -> None:
    """Write the generator, from latents (and labels) to samples, to a file.

    Args:
        gan: a `keras_mdgan.GAN`.
        path: the file.
        format: `"onnx"` or `"litert"`.
    """
    specs = [tf.TensorSpec((None, *gan.latents.shape), tf.float32, name="latents")]
    if isinstance(gan, keras_mdgan.ConditionalGAN):
        specs.append(tf.TensorSpec((None,), tf.int32, name="labels"))

        def generate(latents, labels):
            return _samples(gan, [latents, labels])

    else:

        def generate(latents):
            return _samples(gan, latents)

    (_write_onnx if format == "onnx" else _write_litert)(gan, generate, specs, path)


def _samples(gan, inputs):
    # The output's name in the file, and its type whatever the model computes in.
    return {"samples": tf.cast(gan.call(inputs), tf.float32)}


def _write_onnx(gan, generate, specs, path):
    import tf2onnx

    tf2onnx.convert.from_function(
        tf.function(generate, input_signature=specs), specs, output_path=str(path)
    )


def _write_litert(gan, generate, specs, path):
    archive = keras.export.ExportArchive()
    archive.track(gan)
    archive.add_endpoint("serving_default", generate, specs)
    with tempfile.TemporaryDirectory() as folder:
        archive.write_out(folder, verbose=False)
        # By way of a SavedModel: of a traced function of Keras' variables, the
        # converter writes a file without their values, whose samples are NaN.
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        path.write_bytes(converter.convert())
