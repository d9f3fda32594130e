"""SavedModels in fewer bits, and without the discriminator."""

import keras
import numpy as np
import pytest

import keras_mdgan as km


def model():
    generator = km.networks.dcgan_generator((8, 8, 3), latent_dim=4, seed=0)
    discriminator = km.networks.dcgan_discriminator((8, 8, 3), outputs=2, seed=1)
    return km.MixtureDensityGAN(generator, discriminator, km.latents.Uniform(4), seed=0)


def in_whole_numbers(kernel):
    """The nearest multiples of 1/127 of the largest entry along the last axis."""
    flat = kernel.reshape(-1, kernel.shape[-1]).astype("float64")
    scale = np.abs(flat).max(axis=0) / 127
    return (np.rint(flat / scale) * scale).reshape(kernel.shape)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Keras: TF only")
def test_keras_own_layer_finds_the_generator(tmp_path):
    """By its default endpoint, and the name of Keras' own `export`."""
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,)),
        km.networks.mlp_discriminator((2,), hidden=(4,)),
        km.latents.Uniform(2),
    )
    layer = keras.layers.TFSMLayer(str(gan.export(tmp_path / "gan")))
    latents = np.ones((3, 2), "float32")
    expected = keras.ops.convert_to_numpy(gan.generator(latents))
    np.testing.assert_allclose(layer(latents), expected, rtol=1e-5, atol=1e-6)


def test_int8_is_rounded_once_and_small(tmp_path):
    gan = model()
    whole = gan.export(
        tmp_path / "small", include_discriminator=False, weight_dtype="int8"
    )
    latents = np.random.default_rng(0).uniform(-1, 1, (5, 4)).astype("float32")
    weights = gan.generator.get_weights()
    exact = keras.ops.convert_to_numpy(gan.generator(latents))
    gan.generator.set_weights(
        [in_whole_numbers(w) if w.ndim > 1 else w for w in weights]
    )
    expected = keras.ops.convert_to_numpy(gan.generator(latents))
    sampler = km.load_sampler(whole)
    np.testing.assert_allclose(sampler.generate(latents), expected, atol=1e-6)
    assert np.abs(expected - exact).max() > 1e-5  # the rounding can be seen
    size = sum(f.stat().st_size for f in (whole / "variables").iterdir())
    assert size < 1.3 * sum(w.size for w in weights)  # one byte a weight
    assert sampler.sample(3, seed=1).shape == (3, 8, 8, 3)
    with pytest.raises(ValueError, match="include_discriminator=True"):
        sampler.embed(expected)


def test_an_unknown_dtype_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="Did you mean 'int8'"):
        model().export(tmp_path / "x", weight_dtype="int4")
    assert not list(tmp_path.iterdir())


def test_a_generator_that_ships_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sampler = km.load_sampler("mnist_mixture_density")
    images = sampler.sample(3, seed=1)
    assert images.shape == (3, 28, 28, 1)
    assert images.min() >= -1
    assert images.max() <= 1
    np.testing.assert_array_equal(images, sampler.sample(3, seed=1))
    with pytest.raises(FileNotFoundError, match="mnist_mixture_density, ring"):
        km.load_sampler("mnist_mixture")
    (tmp_path / "mnist_mixture_density").mkdir()  # the user's own goes first
    with pytest.raises(FileNotFoundError, match="no SavedModel at"):
        km.load_sampler("mnist_mixture_density")
