"""Exports of generators on any backend, and loading of SavedModels."""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from keras_mdgan.files import (
    folder_replaced_when_written,
    put_back,
    replaced_when_written,
)
from keras_mdgan.saving.presets import sha256
from keras_mdgan.saving.sampler import Sampler
from keras_mdgan.saving.shipped import shipped_folders
from keras_mdgan.validation import check_choice

WEIGHT_DTYPES = ("float32", "float16", "int8")
# The endings of files; a SavedModel is a folder.
FORMATS = {"tf_saved_model": None, "onnx": ".onnx", "litert": ".tflite"}
CHECKSUMS = "sha256sums.txt"  # as `sha256sum -c` reads it


def export(
    gan,
    path: str | os.PathLike,
    overwrite: bool = True,
    include_discriminator: bool = True,
    weight_dtype: str = "float32",
    format: str = "tf_saved_model",
) -> pathlib.Path:
    """Write a model's generator (and discriminator) as a TensorFlow SavedModel.

    Or, with another `format`, the generator alone as an ONNX or LiteRT file.

    The SavedModel only needs TensorFlow, not even Keras. On every backend a separate
    TensorFlow process writes it to a temporary folder, which is then renamed to `path`.
    It has these functions, also as signatures; `sha256sums.txt` has the checksums of
    its files:

    * `serving_default(latents)`: samples `(batch_size, *data_shape)`; also as `serve`,
      the name by which `keras.layers.TFSMLayer(path)` finds it;
    * `sample(n, seed)`: `n` samples, the same for the same `n` and `seed`;
    * `embed(data)`: the discriminator's outputs for data, `(batch_size, outputs)`,
      unless it takes more than data and the model has no `embed` of its own.

    That of a `ConditionalGAN` has `serving_default(latents, labels)`, draws the classes
    of `sample(n, seed)` evenly, and also has

    * `conditional_sample(n, seed, labels)`: samples of the classes `labels`, int32
      `(n,)` or, for one class, `(1,)`.

    The files of ONNX and LiteRT have `serving_default` alone, from `latents` (and
    `labels`, which they do not check) of any batch size to `samples`, float32. Draw
    latents with `gan.latents.sample(n, seed)`.

    Examples:
        `tf.saved_model.load(path).sample(16, 1)`, or `keras_mdgan.load_sampler(path)`.

        `onnxruntime.InferenceSession("gan.onnx").run(None, {"latents": latents})[0]`

        `ai_edge_litert.interpreter.Interpreter("gan.tflite").get_signature_runner()
        (latents=latents)["samples"]`

    Args:
        gan: a `keras_mdgan.GAN`. The other process imports the user's own layers from
            the modules that define them; it never runs the script. A GAN of the script
            that defines only losses is exported too.
        path: a folder; for `"onnx"` a file `.onnx`, for `"litert"` a file `.tflite`.
        overwrite: whether to replace an existing folder or file.
        include_discriminator: `False` leaves out `embed` and its weights, often more
            than half of the file. Files of ONNX and LiteRT never have it.
        weight_dtype: the type of stored kernels: `"float32"`, `"float16"` or `"int8"`.
            With `"int8"` each entry of a kernel's last axis has a scale. The file is up
            to four times smaller, and computations stay in float32. The weights are
            rounded, so measure samples of the written file. Files of ONNX and LiteRT
            have float32; their own tools quantize them.
        format: `"tf_saved_model"`, `"onnx"` (`pip install keras-mdgan[onnx]`) or
            `"litert"` (`keras-mdgan[litert]` runs it), as in Keras' `export`.

    Returns:
        The path.

    Raises:
        FileExistsError: if `path` exists and `overwrite` is `False`.
        IsADirectoryError: if `path` is a folder and should be a file.
        ValueError: if `weight_dtype` or `format` is none of those above, they or the
            ending of `path` do not fit, or the running script defines a layer.
        ImportError: if TensorFlow is not installed, or for ONNX tf2onnx.
        RuntimeError: if TensorFlow could not write it. It has TensorFlow's message.
    """
    path = pathlib.Path(path)
    check_choice("weight_dtype", weight_dtype, WEIGHT_DTYPES)
    check_choice("format", format, FORMATS)
    if FORMATS[format]:
        _check_file(path, format, weight_dtype)
    if not gan.is_main_process:  # only the first of several processes writes
        return path
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists. Pass `overwrite=True` to replace it.")
    _require_tensorflow(f"exporting {'a file' if FORMATS[format] else 'a SavedModel'}")
    from keras_mdgan.saving.portable import PRODUCT, portable

    gan = portable(gan)
    with tempfile.TemporaryDirectory() as work:
        product = pathlib.Path(work) / PRODUCT
        if FORMATS[format]:
            with replaced_when_written(path) as beside:
                _write_all({product.parent: gan}, format)
                shutil.copyfile(product, beside)
            return path
        put_back(path)
        options = {
            "include_discriminator": include_discriminator,
            "weight_dtype": weight_dtype,
        }
        with folder_replaced_when_written(path) as beside:
            _write_all({product.parent: gan}, **options)
            shutil.copytree(product, beside)
            _write_checksums(beside)
    return path


def _check_file(path, format, weight_dtype):
    """Raise unless a generator can be written to `path` in a format of one file."""
    if path.suffix != FORMATS[format]:
        raise ValueError(
            f"With format={format!r}, `path` must end in {FORMATS[format]}. "
            f"Received: {path}"
        )
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, and the export is one file")
    if weight_dtype != "float32":
        raise ValueError(
            f"With format={format!r}, `weight_dtype` must be 'float32': quantize the "
            "written file with the tools of its runtime. "
            f"Received: weight_dtype={weight_dtype!r}"
        )
    if format == "onnx" and importlib.util.find_spec("tf2onnx") is None:
        raise ImportError(
            "Exporting ONNX needs tf2onnx: pip install 'keras-mdgan[onnx]'"
        )


def _write_all(gans, format="tf_saved_model", **options):
    """Write the `PRODUCT` of each item of `gans`, a dictionary from folders to GANs.

    One process writes all of them: TensorFlow takes longer to start than to write.
    """
    from keras_mdgan.saving.portable import modules_of

    for work, gan in gans.items():
        gan.save(work / "gan.keras", include_optimizer=False)
        task = {"modules": modules_of(gan), "format": format, "options": options}
        (work / "task.json").write_text(json.dumps(task))
    environment = dict(os.environ, KERAS_BACKEND="tensorflow")
    environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    writer = "keras_mdgan.saving.tensorflow_export"
    done = subprocess.run(
        [sys.executable, "-m", writer, *map(str, gans)],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(
            f"TensorFlow could not write the export:\n{done.stderr[-4000:]}"
        )


def load_sampler(path: str | os.PathLike) -> Sampler:
    """Load a SavedModel of `export` for sampling.

    Examples:
        >>> load_sampler("ring_mixture_density").sample(16, seed=1).shape
        (16, 2)

    Args:
        path: the SavedModel's folder, or the name of a SavedModel that ships with the
            package, such as `"mnist_mixture_density"`.

    Returns:
        A `Sampler`.

    Raises:
        FileNotFoundError: if there is no SavedModel at `path`.
        ValueError: if it is damaged, or was not written by this package.
        ImportError: if TensorFlow is not installed.
    """
    put_back(pathlib.Path(path))
    path = _shipped_or(pathlib.Path(path))
    if not (path / "saved_model.pb").exists():
        shipped = ", ".join(sorted(_shipped()))
        raise FileNotFoundError(
            f"There is no SavedModel at {path}, and of those that ship none has this "
            f"name: {shipped}"
        )
    _check_checksums(path)
    _require_tensorflow("loading a SavedModel")
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:
        raise ValueError(f"The SavedModel at {path} is damaged: {error}") from error
    missing = {"sample", "serving_default"} - set(loaded.signatures)
    if missing:
        raise ValueError(
            f"The SavedModel at {path} was not written by keras_mdgan: it has no "
            f"signature {sorted(missing)}"
        )
    return Sampler(loaded, path)


def _sums_of(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {
        p.relative_to(folder).as_posix(): sha256(p)
        for p in files
        if p.name != CHECKSUMS
    }


def _write_checksums(folder):
    # TensorFlow itself notices damage to variables, but not to the graph.
    lines = [f"{found}  {name}\n" for name, found in _sums_of(folder).items()]
    (folder / CHECKSUMS).write_text("".join(lines))


def _check_checksums(folder):
    file = folder / CHECKSUMS
    if not file.exists():
        return  # of version 0.1.0
    found = _sums_of(folder)
    for line in file.read_bytes().decode(errors="replace").splitlines():
        wanted, _, name = line.partition("  ")
        if found.get(name) != wanted:
            raise ValueError(
                f"The SavedModel at {folder} is damaged: {folder / name} is not the "
                f"file that was written, or {file} is damaged"
            )


def _shipped():
    """The folders of the SavedModels that ship with the package, by name."""
    folders = shipped_folders().items()
    return {n: folder for n, folder in folders if (folder / "saved_model.pb").exists()}


def _shipped_or(path):
    return path if path.exists() else _shipped().get(str(path), path)


def _require_tensorflow(what):
    if importlib.util.find_spec("tensorflow") is None:
        raise ImportError(
            f"{what[0].upper() + what[1:]} needs TensorFlow, whatever the backend: "
            "pip install tensorflow"
        )
