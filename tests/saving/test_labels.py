"""SavedModels and presets of models whose generator is asked for a class."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from support import battery


@pytest.fixture(scope="module")
def gan():
    return km.ProjectionGAN(**battery.projecting(), seed=0)


@pytest.fixture(scope="module")
def sampler(gan, tmp_path_factory):
    pytest.importorskip("tensorflow")
    return km.load_sampler(gan.export(tmp_path_factory.mktemp("labels") / "gan"))


def test_samples_of_a_saved_model_have_the_classes_asked_for(gan, sampler):
    latents, labels = gan.generator_inputs(5, seed=0, labels=[0, 1, 2, 3, 3])
    np.testing.assert_allclose(
        sampler.generate(latents, labels),
        gan.sample(5, seed=0, labels=labels),
        rtol=1e-5,
    )
    threes = sampler.sample(5, seed=1, labels=3)
    mixed = sampler.sample(5, seed=1, labels=labels)
    same = np.isclose(threes, mixed).all(axis=-1)
    np.testing.assert_array_equal(same, labels == 3)
    assert sampler.sample(5, seed=1).shape == (5, 2)
    x = np.ones((3, 2), "float32")
    np.testing.assert_allclose(
        sampler.embed(x), keras.ops.convert_to_numpy(gan.embed(x)), rtol=1e-5
    )


def test_wrong_labels_are_refused(sampler):
    for labels, received in ((4, "from 4 to 4"), ([0, -1], "from -1 to 0")):
        with pytest.raises(ValueError, match=f"integers from 0 to 3.*{received}"):
            sampler.sample(2, labels=labels)
        with pytest.raises(ValueError, match=f"integers from 0 to 3.*{received}"):
            sampler.generate(np.zeros((2, 3)), labels)
    with pytest.raises(ValueError, match=r"dtype float64 and shape \(2,\)"):
        sampler.sample(2, labels=[0.0, 1.0])
    with pytest.raises(ValueError, match=r"2 of them.*shape \(3,\)"):
        sampler.sample(2, labels=[0, 1, 2])
    with pytest.raises(ValueError, match="of 32 bits"):
        sampler.sample(2, labels=2**32 + 3)  # not class 3
    with pytest.raises(ValueError, match=r"`labels` must be given.*labels=None"):
        sampler.generate(np.zeros((2, 3)))


def test_a_model_without_labels_takes_none():
    pytest.importorskip("tensorflow")
    sampler = km.load_sampler("ring_mixture_density")
    with pytest.raises(ValueError, match=r"`labels` are for models.*labels=1"):
        sampler.sample(2, labels=1)
    latents = np.zeros((2, 12), "float32")
    with pytest.raises(ValueError, match=r"`labels` must not be given.*labels=1"):
        sampler.generate(latents, 1)


def test_a_preset(gan, tmp_path):
    gan.save_to_preset(tmp_path / "preset")
    loaded = km.ProjectionGAN.from_preset(tmp_path / "preset")
    np.testing.assert_array_equal(
        loaded.sample(4, seed=0, labels=2), gan.sample(4, seed=0, labels=2)
    )
