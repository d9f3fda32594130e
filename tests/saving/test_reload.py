"""What is saved can be loaded; what could not be is refused when it is saved."""

import sys

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.saving.portable import embeds_data, modules_of, portable
from support import PYTHONPATH, battery
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


def test_a_subclass_of_the_zoo_goes_as_its_base(of_a_script):
    class Own(km.MixtureDensityGAN):
        def __init__(self, *args, weight=1.0, **kwargs):
            super().__init__(*args, **kwargs)
            self.weight = weight
            self.controller = self.add_weight(shape=(), name="controller")

        def generator_loss(self, real):
            loss, logs = super().generator_loss(real)
            return self.weight * loss, logs

        def get_config(self):
            return {**super().get_config(), "weight": self.weight}

    model = of_a_script(Own)(**battery.networks(3), weight=2.0, ema_momentum=0.5)
    sent = portable(model)
    assert type(sent) is km.MixtureDensityGAN
    x = np.ones((3, 2), "float32")
    np.testing.assert_array_equal(sent.sample(3, seed=0), model.sample(3, seed=0))
    np.testing.assert_array_equal(
        *(keras.ops.convert_to_numpy(each.embed(x)) for each in (sent, model))
    )


class OfPairs(km.GAN):
    """Judges data with their latents, and says nothing of embeddings."""

    @property
    def discriminator_input(self):
        return [self.data_shape, self.latents.shape]

    def _loss_of_generated(self, real):
        latents = self.draw_latents(real)
        judged = self.discriminate([self.decode(latents), latents])
        return keras.ops.mean(judged), {}

    discriminator_loss = generator_loss = _loss_of_generated


@pytest.mark.parametrize("in_a_script", [False, True])
def test_a_model_without_an_embedding_of_data_is_exported(
    in_a_script, of_a_script, tmp_path, monkeypatch
):
    pytest.importorskip("tensorflow")
    monkeypatch.setenv("PYTHONPATH", PYTHONPATH)
    cls = of_a_script(OfPairs) if in_a_script else OfPairs
    model = cls(**{k: v for k, v in battery.pairing().items() if k != "encoder"})
    sent = portable(model)
    assert (type(sent) is cls) != in_a_script
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(sent), {"OfPairs": OfPairs}
    )
    assert copy.discriminator_input == model.discriminator_input
    assert not embeds_data(sent)
    if not in_a_script:
        return
    model.export(tmp_path / "pairs")
    sampler = km.load_sampler(tmp_path / "pairs")
    latents = model.generator_inputs(4, seed=0)
    np.testing.assert_allclose(
        sampler.generate(latents), model.predict(latents, verbose=0), rtol=1e-5
    )
    with pytest.raises(ValueError, match="takes more than data needs a model with an"):
        sampler.embed(np.zeros((2, 2)))


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
