"""ONNX and LiteRT files, run by their own runtimes, give the model's samples."""

import importlib.util
import pathlib

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.saving import saved_model
from keras_mdgan.saving.portable import PRODUCT
from support import battery


def onnx(path, feeds):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(path))
    assert [i.name for i in session.get_inputs()] == [*feeds]
    return session.run(["samples"], feeds)[0]


def litert(path, feeds):
    runtime = pytest.importorskip("ai_edge_litert.interpreter")
    # Read by Python: the runtime cannot open every path.
    interpreter = runtime.Interpreter(model_content=pathlib.Path(path).read_bytes())
    return interpreter.get_signature_runner()(**feeds)["samples"]


RUN = {"onnx": onnx, "litert": litert}
NEEDED = {
    "onnx": ("tensorflow", "tf2onnx", "onnxruntime"),
    "litert": ("tensorflow", "ai_edge_litert"),
}


def images():
    """Convolutions, and batch normalisation whose moments are not those of new."""
    generator = km.networks.dcgan_generator((8, 8, 3), latent_dim=4, seed=0)
    draw = np.random.default_rng(1)
    generator.set_weights(
        [draw.uniform(0.1, 0.5, w.shape) for w in generator.get_weights()]
    )
    discriminator = km.networks.dcgan_discriminator((8, 8, 3), outputs=2, seed=1)
    latents = km.latents.Joint([km.latents.Signs(2), km.latents.Uniform(2)])
    return km.MixtureDensityGAN(generator, discriminator, latents, seed=0)


MODELS = {
    "images": images,
    "labels": lambda: km.ProjectionGAN(**battery.projecting(), seed=0),
    "averaged": lambda: km.VanillaGAN(**battery.networks(), ema_momentum=0.5, seed=0),
    "several": lambda: battery.ROWS["BayesianGAN"].make(seed=0),
}


@pytest.fixture(scope="module", params=[*RUN])
def written(request, tmp_path_factory):
    """A format, the models, and their folders: one process writes all of them."""
    format = request.param
    for package in NEEDED[format]:
        pytest.importorskip(package)
    models = {name: make() for name, make in MODELS.items()}
    models["averaged"].generator.set_weights(
        [w + 1 for w in models["averaged"].generator.get_weights()]
    )
    folders = {name: tmp_path_factory.mktemp(name) for name in models}
    saved_model._write_all({folders[n]: gan for n, gan in models.items()}, format)
    return format, models, folders


@pytest.mark.parametrize("name", MODELS)
def test_samples_are_those_of_the_model(written, name):
    format, models, folders = written
    gan = models[name]
    for n in (1, 5):  # a file takes any batch size
        inputs = gan.generator_inputs(n, seed=3)
        several = isinstance(inputs, list)
        feeds = dict(zip(("latents", "labels"), inputs if several else [inputs]))
        if several:
            feeds["labels"] = feeds["labels"].astype("int32")
        found = RUN[format](folders[name] / PRODUCT, feeds)
        expected = keras.ops.convert_to_numpy(gan.call(inputs))
        assert found.shape == (n, *gan.data_shape)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("format", RUN)
def test_export_writes_a_file_and_replaces_it(format, tmp_path):
    for package in NEEDED[format]:
        pytest.importorskip(package)
    path = tmp_path / "deep" / f"gan{saved_model.FORMATS[format]}"
    gan = km.VanillaGAN(**battery.networks(), seed=0)
    assert gan.export(path, format=format) == path
    with pytest.raises(FileExistsError, match="overwrite=True"):
        gan.export(path, format=format, overwrite=False)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    latents = gan.generator_inputs(2, seed=0)
    np.testing.assert_allclose(
        RUN[format](path, {"latents": latents}), gan.sample(2, seed=0), rtol=1e-5
    )


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "gan.tflite").mkdir()
    gan = km.VanillaGAN(**battery.networks())
    with pytest.raises(IsADirectoryError, match=r"gan.tflite is a folder"):
        gan.export(tmp_path / "gan.tflite", format="litert")


def test_a_missing_converter_is_named_with_its_extra(tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "tf2onnx" else found(name, *rest),
    )
    with pytest.raises(ImportError, match=r"tf2onnx: pip install 'keras-mdgan\[onnx\]"):
        km.VanillaGAN(**battery.networks()).export(tmp_path / "a.onnx", format="onnx")
    assert not list(tmp_path.iterdir())
