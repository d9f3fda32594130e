"""Files of version 0.1.0, before modules moved, load and train on: see fixtures."""

import json
import pathlib
import shutil

import keras
import numpy as np
import pytest

import keras_mdgan as km
from fixtures import make

FIXTURES = pathlib.Path(make.__file__).parent
ABOUT = json.loads((FIXTURES / "about.json").read_text())


@pytest.fixture(scope="module")
def expected():
    with np.load(FIXTURES / "expected.npz") as arrays:
        return dict(arrays)


def assert_gives(gan, name, expected):
    np.testing.assert_allclose(
        gan.predict(make.fixed_latents(gan), verbose=0),
        expected[f"{name}/predicted"],
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize("name", make.KERAS_FILES)
def test_a_keras_file_gives_the_same_and_trains_on(name, expected):
    gan = km.load_model(FIXTURES / "keras" / f"{name}.keras")
    assert_gives(gan, name, expected)
    iterations = keras.ops.convert_to_numpy(gan.optimizer.iterations)
    assert iterations == expected[f"{name}/iterations"]
    history = make.fit(gan)
    then = {k: v for k, v in expected.items() if k.startswith(f"{name}/then/")}
    assert {f"{name}/then/{k}" for k in history} == set(then)
    # Random numbers are each backend's own, and losses depend on them.
    exact = keras.backend.backend() == ABOUT["backend"]
    for key, values in history.items():
        assert np.isfinite(values).all()
        if exact:
            np.testing.assert_allclose(values, then[f"{name}/then/{key}"], rtol=1e-4)


@pytest.mark.parametrize("name", make.PRESETS)
def test_a_preset_gives_the_same_and_trains(name, expected):
    gan = type(make.MODELS[name]()).from_preset(FIXTURES / "presets" / name)
    assert_gives(gan, name, expected)
    gan.compile()
    assert all(np.isfinite(v).all() for v in make.fit(gan).values())


@pytest.mark.host
@pytest.mark.parametrize("name", make.SAVED_MODELS)
def test_a_saved_model_gives_the_same(name, expected, tmp_path):
    folder = shutil.copytree(FIXTURES / "saved_models" / name, tmp_path / name)
    sampler = km.load_sampler(folder)
    latents = make.fixed_latents(make.MODELS[name]())
    np.testing.assert_allclose(
        sampler.generate(latents),
        expected[f"{name}/predicted"],
        rtol=1e-4,
        atol=1e-5,
    )
    assert sampler.sample(3, seed=0).shape == (3, 2)
