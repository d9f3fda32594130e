"""Networks for images: their sizes, both data formats, and the models that use them."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km

networks = km.networks
SHAPES = [(28, 28, 1), (32, 32, 3), (64, 64, 3)]


@pytest.fixture
def channels_first():
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format("channels_last")


def normalised(width):
    """Weights of a batch normalisation: scale, shift, mean and variance."""
    return 4 * width


@pytest.mark.parametrize("shape", SHAPES)
def test_the_studys_networks_have_the_layers_it_names(shape):
    height, width, channels = shape
    small = (height // 4) * (width // 4) * 128
    generator = networks.dcgan_generator(shape, latent_dim=64)
    assert generator.output_shape == (None, *shape)
    assert generator.count_params() == (
        64 * 1024
        + normalised(1024)
        + 1024 * small
        + normalised(small)
        + 4 * 4 * 128 * 64
        + normalised(64)
        + 4 * 4 * 64 * channels
        + channels
    )
    discriminator = networks.dcgan_discriminator(shape, 9, batch_normalization=True)
    assert discriminator.output_shape == (None, 9)
    assert discriminator.count_params() == (
        4 * 4 * channels * 64
        + 64
        + 4 * 4 * 64 * 128
        + 128
        + normalised(128)
        + small * 1024
        + 1024
        + normalised(1024)
        + 1024 * 9
        + 9
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_compact_networks_keep_the_scale_of_their_inputs(shape):
    """Weights begin so that neither images nor logits start saturated or constant."""
    draw = np.random.default_rng(0)
    generator = networks.compact_generator(shape, latent_dim=64, seed=0)
    images = generator(draw.normal(size=(64, 64)).astype("float32"), training=True)
    images = ops.convert_to_numpy(images)
    assert images.shape == (64, *shape)
    assert 0.3 < images.std() < 0.8
    assert np.mean(np.abs(images) > 0.99) < 0.05
    discriminator = networks.compact_discriminator(shape, 9, seed=1)
    noise = draw.normal(size=(64, *shape)).astype("float32")
    assert 0.3 < ops.convert_to_numpy(discriminator(noise)).std() < 3.0
    scaled = networks.compact_discriminator(shape, 9, output_scale=0.25, seed=1)
    np.testing.assert_allclose(
        ops.convert_to_numpy(scaled(noise)),
        0.25 * ops.convert_to_numpy(discriminator(noise)),
        rtol=1e-5,
    )
    height, width, channels = shape
    large = max(height, width) > 32
    weights = 16 * 64 * channels + channels + 16 * 128 * 64 + normalised(64)
    if large:
        weights += (64 + 4) * 256 * height * width // 64
        weights += 16 * 256 * 128 + normalised(128)
    else:
        weights += (64 + 4) * 128 * height * width // 16
    assert generator.count_params() == weights
    sides = [
        layer.output.shape[1]
        for layer in discriminator.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    assert len(sides) == (4 if large else 3)


@pytest.mark.parametrize("shape", SHAPES)
def test_compact_networks_of_encoders_and_pairs(shape):
    draw = np.random.default_rng(0)
    images = draw.normal(size=(4, *shape)).astype("float32")
    latents = draw.normal(size=(4, 8)).astype("float32")
    encoder = networks.compact_encoder(shape, 8, seed=0)
    same = networks.compact_discriminator(shape, 8, seed=0)
    for ours, other in zip(encoder.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, other)
    critic = networks.compact_pair_discriminator(shape, 8, seed=0)

    def judged(x, z):
        return ops.convert_to_numpy(critic([x, z]))

    # Not a sum of a judgement of images and one of latents.
    others = images[::-1].copy(), latents[::-1].copy()
    mixed = judged(images, others[1]) + judged(others[0], latents)
    alike = judged(images, latents) + judged(*others)
    assert np.abs(mixed - alike).max() > 1e-3
    autoencoder = networks.compact_autoencoder(shape, 8, seed=0)
    assert autoencoder(images).shape == images.shape
    kinds = {type(layer).__name__ for layer in autoencoder._flatten_layers()}
    assert "BatchNormalization" not in kinds


def test_stacked_mnist_sizes_by_hand():
    def convolutions(sizes, kernel, first=3):
        before = (first, *sizes[:-1])
        return sum(kernel**2 * a * b + b for a, b in zip(before, sizes))

    count = {
        size: networks.stacked_mnist_discriminator(size).count_params()
        for size in ("big", "half", "quarter")
    }
    for size, widths in (("half", (4, 8, 16)), ("quarter", (2, 4, 8))):
        dense = 4 * 4 * widths[-1] + 1
        wanted = convolutions(widths, 3) + normalised(sum(widths)) + dense
        assert count[size] == wanted
    widths = (64, 128, 256, 512)
    dense = 2 * 2 * 512 + 1
    wanted = convolutions(widths, 5) + normalised(sum(widths[1:])) + dense
    assert count["big"] == wanted
    packed = networks.stacked_mnist_discriminator("half", packing=2)
    assert packed.count_params() - count["half"] == 3 * 3 * 3 * 4


@pytest.mark.parametrize(
    ("make", "inputs"),
    [
        (lambda: networks.dcgan_generator((8, 8, 3), 5, seed=1), [(5,)]),
        (lambda: networks.dcgan_discriminator((8, 8, 3), 2, True, seed=1), [(8, 8, 3)]),
        (lambda: networks.dcgan_encoder((8, 8, 3), 5, seed=1), [(8, 8, 3)]),
        (
            lambda: networks.dcgan_pair_discriminator((8, 8, 3), 5, seed=1),
            [(8, 8, 3), (5,)],
        ),
        (lambda: networks.dcgan_autoencoder((8, 8, 3), 5, seed=1), [(8, 8, 3)]),
        (lambda: networks.stacked_mnist_generator("half", 256, seed=1), [(256,)]),
        (lambda: networks.stacked_mnist_generator("big", 100, seed=1), [(100,)]),
        (
            lambda: networks.stacked_mnist_discriminator("quarter", seed=1),
            [(28, 28, 3)],
        ),
    ],
)
def test_a_seed_gives_the_same_weights_and_each_layer_its_own(make, inputs):
    x = [np.random.default_rng(0).uniform(-1, 1, (2, *s)) for s in inputs]
    x = (
        x[0].astype("float32")
        if len(x) == 1
        else [part.astype("float32") for part in x]
    )
    first, second = make(), make()
    y = [ops.convert_to_numpy(network(x)) for network in (first, second)]
    np.testing.assert_array_equal(*y)
    assert np.isfinite(y[0]).all()
    assert np.std(y[0]) > 0
    assert np.abs(y[0]).max() < 1.0
    kernels = [w for w in first.get_weights() if w.ndim > 1]
    starts = {tuple(kernel.ravel()[:3].tolist()) for kernel in kernels}
    assert len(starts) == len(kernels)


@pytest.mark.usefixtures("channels_first")
def test_channels_first():
    assert networks.dcgan_generator((3, 32, 32), 64).output_shape == (None, 3, 32, 32)
    assert networks.dcgan_discriminator((3, 32, 32), 9).output_shape == (None, 9)
    assert networks.dcgan_encoder((1, 28, 28), 64).output_shape == (None, 64)
    for size in ("big", "half"):
        generator = networks.stacked_mnist_generator(size, latent_dim=5)
        assert generator.output_shape == (None, 3, 28, 28)
        network = networks.stacked_mnist_discriminator(size, outputs=7)
        assert network.output_shape == (None, 7)
    with pytest.raises(ValueError, match="divisible by 4"):
        networks.dcgan_generator((28, 28, 1))


@pytest.mark.usefixtures("channels_first")
@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="no such convolutions on CPU"
)
def test_a_model_of_channels_first_images_trains():
    gan = km.MixtureDensityGAN(
        generator=networks.dcgan_generator((1, 8, 8), 4, seed=0),
        discriminator=networks.dcgan_discriminator((1, 8, 8), 3, True, seed=1),
        latents=km.latents.Uniform(4),
        seed=0,
    )
    gan.compile()
    x = np.random.default_rng(0).uniform(-1, 1, (8, 1, 8, 8)).astype("float32")
    logs = gan.train_on_batch(x, return_dict=True)
    assert np.isfinite(float(logs["discriminator_loss"]))
    assert gan.sample(3, seed=0).shape == (3, 1, 8, 8)


SHAPE, LATENTS = (8, 8, 3), 5


def pair(**kwargs):
    return {
        "generator": networks.dcgan_generator(SHAPE, LATENTS, seed=0),
        "latents": km.latents.Normal(LATENTS),
        "seed": 0,
        **kwargs,
    }


def judged(outputs=1, **kwargs):
    return pair(
        discriminator=networks.dcgan_discriminator(SHAPE, outputs, seed=1), **kwargs
    )


MODELS = {
    "ALI": lambda: km.AdversariallyLearnedInference(
        **pair(
            discriminator=networks.dcgan_pair_discriminator(SHAPE, LATENTS, seed=1),
            encoder=networks.dcgan_encoder(SHAPE, 2 * LATENTS, seed=2),
        )
    ),
    "VEEGAN": lambda: km.VEEGAN(
        **pair(
            discriminator=networks.dcgan_pair_discriminator(SHAPE, LATENTS, seed=1),
            encoder=networks.dcgan_encoder(SHAPE, LATENTS, seed=2),
        )
    ),
    "BEGAN": lambda: km.BEGAN(
        **pair(discriminator=networks.dcgan_autoencoder(SHAPE, seed=1))
    ),
    "EBGAN": lambda: km.EnergyBasedGAN(
        **pair(discriminator=networks.dcgan_autoencoder(SHAPE, seed=1))
    ),
    "InfoGAN": lambda: km.InfoGAN(
        **judged(
            1 + 3,
            codes=[km.latents.Categorical(3)],
            generator=networks.dcgan_generator(SHAPE, seed=0),
        )
    ),
    "MMGAN": lambda: km.MultiModalGAN(
        **judged(
            clusters=4,
            generator=networks.dcgan_generator(SHAPE, seed=0),
            encoder=networks.dcgan_encoder(SHAPE, 4, seed=2),
        )
    ),
    "Reg-GAN": lambda: km.ModeRegularizedGAN(
        **judged(encoder=networks.dcgan_encoder(SHAPE, LATENTS, seed=2))
    ),
    "PacGAN": lambda: km.PackedGAN(
        **pair(discriminator=networks.dcgan_discriminator((8, 8, 6), seed=1), packing=2)
    ),
    "WGAN-GP": lambda: km.WassersteinGANGP(**judged(critic_steps=1)),
    "SN-GAN": lambda: km.SpectralNormGAN(**judged(critic_steps=1)),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_take_the_image_networks(name):
    gan = MODELS[name]()
    gan.compile(run_eagerly=True)
    x = np.random.default_rng(0).uniform(-1, 1, (4, *SHAPE)).astype("float32")
    logs = gan.train_on_batch(x, return_dict=True)
    assert np.isfinite([float(value) for value in logs.values()]).all()
    assert gan.sample(2, seed=0).shape == (2, *SHAPE)


@pytest.mark.host  # two compilations for what the network decides
@pytest.mark.parametrize("cls", [km.BEGAN, km.EnergyBasedGAN])
def test_energies_of_images_are_those_of_training(cls):
    """The autoencoder normalises nothing by its batch, so both kinds can be compared.

    Real images are black but for a bar, unlike what a young generator makes.
    """
    real = np.full((64, 8, 8, 1), -1.0, "float32")
    real[np.arange(64), np.arange(64) % 8] = 1.0
    discriminator = networks.dcgan_autoencoder((8, 8, 1), code_dim=8, seed=1)
    kinds = {type(layer).__name__ for layer in discriminator._flatten_layers()}
    assert "BatchNormalization" not in kinds
    gan = cls(
        networks.dcgan_generator((8, 8, 1), seed=0),
        discriminator,
        km.latents.Uniform(8),
        seed=0,
    )
    gan.compile(keras.optimizers.Adam(1e-3))
    gan.fit(real, batch_size=16, epochs=5, verbose=0)

    def energy(x, training):
        again = ops.convert_to_numpy(discriminator(x, training=training))
        return np.abs(again - x).mean()

    fake = gan.sample(64, seed=0)
    for x in (real, fake):
        np.testing.assert_allclose(energy(x, True), energy(x, False), rtol=1e-5)
    assert energy(real, False) < 0.9 * energy(fake, False)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: networks.dcgan_generator((30, 28, 1)), "divisible by 4"),
        (lambda: networks.dcgan_generator((28, 28)), "`data_shape`"),
        (lambda: networks.dcgan_encoder(latent_dim=0), "`latent_dim`"),
        (lambda: networks.dcgan_discriminator(outputs=0), "`outputs`"),
        (lambda: networks.stacked_mnist_generator("huge"), "`size` must be one of"),
        (lambda: networks.stacked_mnist_discriminator(packing=0), "`packing`"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
