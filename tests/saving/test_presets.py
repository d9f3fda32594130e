"""Presets: written, read, refused where they are damaged or not what they say."""

import json
import sys
import types

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.saving.presets import sha256, shipped_presets


def model(cls=km.MixtureDensityGAN, outputs=3, **kwargs):
    return cls(
        km.networks.mlp_generator((2,), 2.0, hidden=(8,), seed=1),
        km.networks.mlp_discriminator((2,), outputs, hidden=(8,), seed=2),
        km.latents.Uniform(3),
        seed=0,
        **kwargs,
    )


@pytest.fixture
def folder(tmp_path):
    gan = model(variance_real=0.3)
    gan.compile()
    gan.fit(np.ones((8, 2), "float32"), batch_size=4, verbose=0)
    gan.save_to_preset(tmp_path / "mine")
    return tmp_path / "mine", gan


def test_a_preset_is_the_model(folder):
    path, gan = folder
    again = km.MixtureDensityGAN.from_preset(path)
    np.testing.assert_array_equal(again.sample(5, seed=3), gan.sample(5, seed=3))
    assert again.mixture_real.variance == 0.3
    assert not again.compiled
    again.compile()
    again.fit(np.ones((4, 2), "float32"), batch_size=4, verbose=0)
    assert sorted(p.name for p in path.iterdir()) == [
        "README.md",
        "config.json",
        "metadata.json",
        "model.weights.h5",
    ]


def test_the_averaged_generator_goes_with_it(tmp_path):
    gan = model(ema_momentum=0.5)
    gan.compile()
    gan.fit(np.ones((8, 2), "float32"), batch_size=4, verbose=0)
    gan.save_to_preset(tmp_path)
    again = km.GAN.from_preset(tmp_path)
    np.testing.assert_array_equal(again.sample(4, seed=1), gan.sample(4, seed=1))


def test_the_architecture_alone(folder):
    path, gan = folder
    (path / "model.weights.h5").unlink()
    again = km.AdversarialModel.from_preset(path, load_weights=False)
    assert type(again) is km.MixtureDensityGAN
    assert again.count_params() == gan.count_params()
    with pytest.raises(FileNotFoundError, match=r"it has no model\.weights\.h5"):
        km.GAN.from_preset(path)


def test_a_card_of_ones_own_stays(folder):
    path, gan = folder
    assert "`keras_mdgan.MixtureDensityGAN`" in (path / "README.md").read_text()
    gan.save_to_preset(path, card="# Mine\n")
    gan.save_to_preset(path)
    assert (path / "README.md").read_text() == "# Mine\n"


def test_a_failed_write_leaves_the_preset_as_it_was(folder, monkeypatch):
    path, gan = folder
    before = {p.name: p.read_bytes() for p in path.iterdir()}

    def full_disk(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(keras.Model, "save_weights", full_disk)
    with pytest.raises(OSError, match="no space left"):
        gan.save_to_preset(path)
    assert {p.name: p.read_bytes() for p in path.iterdir()} == before


@pytest.mark.parametrize(("name", "modes"), [("ring", 8), ("grid", 25)])
def test_shipped_presets_have_their_modes(name, modes):
    gan = km.MixtureDensityGAN.from_preset(name)
    data = getattr(km.datasets, name)()
    coverage = km.metrics.mode_coverage(gan.sample(2500, seed=0), data)
    assert coverage.modes_strict == modes
    assert coverage.high_quality > 97
    assert f"{name}_mixture_density" in shipped_presets()
    assert not shipped_presets(km.VanillaGAN)


def damaged(path, name, change):
    content = json.loads((path / name).read_text())
    change(content)
    (path / name).write_text(json.dumps(content))
    # Whoever means harm writes a checksum that fits.
    metadata = json.loads((path / "metadata.json").read_text())
    metadata["config_sha256"] = sha256(path / name)
    (path / "metadata.json").write_text(json.dumps(metadata))


def other_weights(path):
    data = bytearray((path / "model.weights.h5").read_bytes())
    data[-20] ^= 1
    (path / "model.weights.h5").write_bytes(data)


def cut(path):
    (path / "config.json").write_text((path / "config.json").read_text()[:-40])


def foreign_class(path):
    def change(config):
        layer = config["config"]["generator"]["config"]["layers"][0]
        layer |= {"module": "os", "class_name": "system", "registered_name": None}

    damaged(path, "config.json", change)


def a_lambda(path):
    def change(config):
        layer = config["config"]["generator"]["config"]["layers"][0]
        layer |= {"module": "keras.layers", "class_name": "Lambda"}

    damaged(path, "config.json", change)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (other_weights, r"model\.weights\.h5 is damaged, .* its sha256 is"),
        (cut, r"config\.json is damaged"),
        (foreign_class, r"asks for os\.system, which is not registered"),
        (a_lambda, r"asks for keras\.layers\.Lambda"),
        (
            lambda p: (p / "metadata.json").write_text("[]"),
            r"metadata\.json is damaged",
        ),
    ],
)
def test_what_is_damaged_or_foreign_is_refused(folder, harm, message):
    path, _ = folder
    harm(path)
    with pytest.raises(ValueError, match=message):
        km.MixtureDensityGAN.from_preset(path)


def test_another_class_is_refused(folder):
    path, _ = folder
    with pytest.raises(ValueError, match=r"is a MixtureDensityGAN.*VanillaGAN"):
        km.VanillaGAN.from_preset(path)


def test_names_that_lead_nowhere(tmp_path):
    with pytest.raises(ValueError, match=r"Did you mean 'ring_mixture_density'"):
        km.MixtureDensityGAN.from_preset("rng_mixture")
    with pytest.raises(ValueError, match="ships for VanillaGAN: none"):
        km.VanillaGAN.from_preset("ring")
    with pytest.raises(FileNotFoundError, match="There is no preset at"):
        km.MixtureDensityGAN.from_preset(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match=r"it has no metadata\.json"):
        km.MixtureDensityGAN.from_preset(tmp_path)


@pytest.mark.parametrize("name", ["mnist", "mnist_mixture_density"])
def test_a_saved_model_is_no_preset(name, tmp_path):
    """MNIST's generator ships as a SavedModel alone."""
    message = r"`keras_mdgan.load_sampler\('mnist_mixture_density'\)` loads it"
    with pytest.raises(ValueError, match=message):
        km.MixtureDensityGAN.from_preset(name)
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ValueError, match=r"is a SavedModel.*load_sampler"):
        km.GAN.from_preset(tmp_path)


def test_the_hub(folder, monkeypatch):
    """`huggingface_hub` is asked for the name and gives a folder."""
    path, gan = folder
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ImportError, match="pip install huggingface_hub"):
        km.GAN.from_preset("hf://user/mine")
    asked = []
    hub = types.SimpleNamespace(
        snapshot_download=lambda name: asked.append(name) or str(path)
    )
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    again = km.GAN.from_preset("hf://user/mine")
    assert asked == ["user/mine"]
    np.testing.assert_array_equal(again.sample(2, seed=0), gan.sample(2, seed=0))


def test_a_folder_of_a_presets_name_does_not_hide_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ring").mkdir()
    gan = km.MixtureDensityGAN.from_preset("ring")
    assert gan.data_shape == (2,)
    model(variance_real=0.3).save_to_preset("ring")
    assert km.MixtureDensityGAN.from_preset("ring").mixture_real.variance == 0.3
