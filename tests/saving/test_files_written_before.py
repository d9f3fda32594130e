"""Files of earlier versions load, give what they gave, and train on, on every backend.

`tests/fixtures/make.py` wrote them. A failure here means that users' files are broken:
mend the code, and do not write the files again.
"""

import importlib.util
import pathlib

import keras
import numpy as np
import pytest

import keras_mdgan as km

FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures"
FILES = sorted(FIXTURES.glob("keras/*.keras"))
PRESETS = sorted(p for p in FIXTURES.glob("presets/*") if p.is_dir())
SAVED_MODELS = sorted(p for p in FIXTURES.glob("saved_models/*") if p.is_dir())
# Backends and processors add numbers up in other orders.
CLOSE = {"rtol": 1e-4, "atol": 1e-5}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
each_preset = pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.name)


def recorded(path):
    """What was kept beside a file or folder, by name."""
    with np.load(path.with_name(f"{path.stem}.npz")) as kept:
        return dict(kept)


def below(prefix, kept):
    """The recorded numbers named `prefix/...`."""
    names = [name for name in kept if name.startswith(f"{prefix}/")]
    return {name.removeprefix(f"{prefix}/"): float(kept[name]) for name in names}


def checksums(gan):
    weights = [np.asarray(w, "float64") for w in gan.get_weights()]
    return np.array([(w.sum(), np.square(w).sum()) for w in weights])


def check_outputs(gan, kept):
    np.testing.assert_allclose(checksums(gan), kept["weights"], rtol=1e-9)
    predicted = gan.predict(kept["latents"], verbose=0)
    np.testing.assert_allclose(predicted, kept["predicted"], **CLOSE)
    # The latents of `sample` are drawn on the host: the same on every backend.
    sampled = gan.sample(len(kept["sampled"]), seed=1)
    np.testing.assert_allclose(sampled, kept["sampled"], **CLOSE)
    embedded = keras.ops.convert_to_numpy(gan.embed(kept["data"]))
    np.testing.assert_allclose(embedded, kept["embedded"], **CLOSE)


def train(gan, kept):
    """The logs of one training step."""
    x, y = kept["data"], kept.get("labels")
    logs = gan.fit(x, y, batch_size=len(x), verbose=0).history
    assert np.isfinite(list(logs.values())).all()
    assert (checksums(gan) != kept["weights"]).any()
    return {name: value for name, (value,) in logs.items()}


def test_nothing_is_missing():
    assert len(FILES) == len(PRESETS) == len(SAVED_MODELS) == 3
    assert {str(recorded(path)["backend"]) for path in FILES} == {
        "tensorflow",
        "jax",
        "torch",
    }


@each_file
def test_a_keras_file_gives_what_it_gave_and_trains_on(path):
    gan, kept = km.load_model(path), recorded(path)
    check_outputs(gan, kept)
    assert gan.optimizer.iterations.numpy() == kept["iterations"]
    logs = train(gan, kept)
    assert gan.optimizer.iterations.numpy() == kept["iterations"] + 1
    assert set(logs) == set(below("next", kept))


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if recorded(p)["backend"] == keras.backend.backend()],
    ids=lambda path: path.stem,
)
def test_training_resumes_where_it_stopped(path):
    """On the backend that wrote the file: the others draw other random numbers."""
    kept = recorded(path)
    options = {"batch_size": len(kept["data"]), "return_dict": True, "verbose": 0}
    evaluated = km.load_model(path).evaluate(
        kept["data"], kept.get("labels"), **options
    )
    assert evaluated == pytest.approx(below("evaluated", kept), rel=1e-4)
    gan = km.load_model(path)
    assert train(gan, kept) == pytest.approx(below("next", kept), rel=1e-4)
    np.testing.assert_allclose(checksums(gan), kept["weights_of_next"], **CLOSE)


@each_preset
def test_a_preset_gives_what_it_gave_and_can_be_trained(path):
    gan, kept = km.GAN.from_preset(path), recorded(path)
    assert type(gan).from_preset(path, load_weights=False).built
    check_outputs(gan, kept)
    gan.compile()
    train(gan, kept)


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="needs TensorFlow"
)
@pytest.mark.parametrize("path", SAVED_MODELS, ids=lambda path: path.name)
def test_a_saved_model_gives_what_it_gave(path):
    sampler, kept = km.load_sampler(path), recorded(path)
    generated = sampler.generate(kept["latents"])
    np.testing.assert_allclose(generated, kept["generated"], **CLOSE)
    sampled = sampler.sample(len(kept["sampled"]), seed=1)
    np.testing.assert_allclose(sampled, kept["sampled"], **CLOSE)
    if "embedded" in kept:
        embedded = sampler.embed(kept["data"])
        np.testing.assert_allclose(embedded, kept["embedded"], **CLOSE)
