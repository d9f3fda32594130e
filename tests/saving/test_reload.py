"""What is saved can be loaded; what could not be is refused when it is saved."""

import sys

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.saving.portable import modules_of, portable
from support.process import state_of
from support.quadratic import quadratic

X = np.ones((8, 1), "float32")


def gan(cls=km.VanillaGAN, **kwargs):
    return cls(
        km.networks.mlp_generator((2,), hidden=(4,), seed=0),
        km.networks.mlp_discriminator((2,), hidden=(4,), seed=1),
        km.latents.Uniform(2),
        seed=0,
        **kwargs,
    )


@pytest.mark.parametrize("name", ["Lamb", "AdamW", "Lion", "Adafactor", "Ftrl"])
def test_optimizers_are_loaded(tmp_path, name):
    """`keras.optimizers.deserialize` does not know every optimizer of Keras."""
    make = getattr(keras.optimizers, name)
    model = quadratic({"first": make(0.1), "second": make(0.1)})
    model.fit(X, batch_size=4, verbose=0)
    model.save(tmp_path / "a.keras")
    again = km.load_model(tmp_path / "a.keras")
    model.fit(X, batch_size=4, verbose=0)
    again.fit(X, batch_size=4, verbose=0)
    for name, value in state_of(model).items():
        np.testing.assert_array_equal(state_of(again)[name], value)


@pytest.mark.parametrize("name", ["a.h5", "a.hdf5"])
def test_old_formats_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=rf"saved as `\.keras`.*{name}"):
        quadratic().save(tmp_path / name)
    if name == "a.h5":  # Keras refuses the other one itself
        checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / name)
        with pytest.raises(ValueError, match=r"saved as `\.keras`"):
            quadratic().fit(X, batch_size=4, verbose=0, callbacks=[checkpoint])
    assert list(tmp_path.iterdir()) == []


def test_a_model_frozen_after_compile_is_refused_until_it_is_compiled(tmp_path):
    model = gan()
    model.compile()
    model.generator.layers[-2].trainable = False
    with pytest.raises(ValueError, match=r"'generator' have changed since `compile`"):
        model.save(tmp_path / "a.keras")
    model.compile()
    model.save(tmp_path / "a.keras")
    again = km.load_model(tmp_path / "a.keras")
    np.testing.assert_array_equal(again.sample(3, seed=0), model.sample(3, seed=0))


def test_weights_of_another_model_leave_the_model_as_it_was(tmp_path):
    path = tmp_path / "other.weights.h5"
    # Its discriminator would fit.
    other = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(5,), seed=0),
        km.networks.mlp_discriminator((2,), hidden=(4,), seed=2),
        km.latents.Uniform(2),
        seed=1,
    )
    other.save_weights(path)
    model = gan()
    before = state_of_weights(model)
    with pytest.raises(ValueError, match=r"other\.weights\.h5 cannot be loaded"):
        model.load_weights(path)
    for found, wanted in zip(state_of_weights(model), before):
        np.testing.assert_array_equal(found, wanted)
    with pytest.raises(FileNotFoundError, match=r"no weights at .*nowhere"):
        model.load_weights(tmp_path / "nowhere.weights.h5")


def state_of_weights(model):
    return [v.numpy() for v in model.variables]


@pytest.fixture
def of_a_script(monkeypatch):
    """A function that makes a class look as if the running script defined it."""

    def change(cls):
        monkeypatch.setattr(cls, "__module__", "__main__")
        monkeypatch.setattr(sys.modules["__main__"], cls.__name__, cls, raising=False)
        return cls

    return change


def test_a_script_that_defines_losses_is_not_run_for_an_export(of_a_script):
    class Own(km.VanillaGAN):
        def generator_loss(self, real):
            return super().generator_loss(real)

    for options in ({}, {"ema_momentum": 0.5}):
        model = gan(of_a_script(Own), **options)
        sent = portable(model)
        assert type(sent) is km.GAN
        assert modules_of(sent) == []
        latents = np.ones((3, 2), "float32")
        np.testing.assert_array_equal(
            sent.predict(latents, verbose=0), model.predict(latents, verbose=0)
        )
        np.testing.assert_array_equal(
            keras.ops.convert_to_numpy(sent.embed(latents)),
            keras.ops.convert_to_numpy(model.embed(latents)),
        )


def test_a_script_that_defines_layers_is_told_what_to_do(of_a_script, tmp_path):
    class Sampling(km.VanillaGAN):
        def call(self, latents, training=False):
            return super().call(latents, training=training) + 1.0

    class Doubling(keras.layers.Layer):
        def call(self, x):
            return 2.0 * x

    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match=r"Received: Sampling from __main__. Move"):
        gan(of_a_script(Sampling)).export(tmp_path / "exported")
    layer = of_a_script(Doubling)()
    model = gan()
    model.generator = keras.Sequential([*model.generator.layers, layer])
    with pytest.raises(ValueError, match=r"Received: Doubling from __main__"):
        model.export(tmp_path / "exported")
    assert list(tmp_path.iterdir()) == []
