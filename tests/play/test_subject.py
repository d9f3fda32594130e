"""What the page plays with, without a page."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.commands.sources import model_of
from keras_mdgan.play import figures
from keras_mdgan.play.real import RealData, check_like
from keras_mdgan.play.subject import Slider, Subject
from support import battery


@pytest.fixture(scope="module")
def ring():
    return Subject(km.GAN.from_preset("ring"), "ring_mixture_density")


def drawing(latents, outputs=3):
    """A model of images of 8 x 8."""
    return km.MixtureDensityGAN(
        km.networks.dcgan_generator((8, 8, 1), latent_dim=latents.dim, seed=0),
        km.networks.dcgan_discriminator((8, 8, 1), outputs=outputs, seed=1),
        latents,
        seed=0,
    )


def test_samples_of_latents_are_those_of_the_model(ring):
    np.testing.assert_allclose(
        ring.generate(ring.latents(5, seed=3)), ring.model.sample(5, seed=3), rtol=1e-5
    )
    np.testing.assert_array_equal(ring.sample(4, 1), ring.model.sample(4, seed=1))
    # The ring's recipe: ten signs, two uniform latents.
    assert ring.sliders() == [Slider(-1, 1, 2)] * 10 + [Slider(-1, 1, 0.01)] * 2
    assert len(ring.sliders(most=3)) == 3


def test_a_saved_model_is_played_with_alike():
    pytest.importorskip("tensorflow")
    # A classifier's name, which ships too, begins with the same word.
    subject = Subject(model_of("mnist"), "mnist")
    assert subject.model.path.name == "mnist_mixture_density"
    assert subject.is_images
    assert subject.corners == 0
    latents = subject.latents(2, seed=0)
    assert latents.shape == (2, 64)
    np.testing.assert_array_equal(
        subject.generate(latents), subject.model.generate(latents)
    )
    np.testing.assert_array_equal(subject.sample(2, 5), subject.model.sample(2, seed=5))
    with pytest.raises(ValueError, match=r"Corners.*Received: mnist, a Sampler"):
        figures.corners(subject, None, 0)


def test_classes_are_asked_for():
    subject = Subject(km.ProjectionGAN(**battery.projecting(), seed=0), "classes")
    latents = subject.latents(3, seed=0)
    expected = subject.model.sample(3, seed=0, labels=2)
    np.testing.assert_allclose(subject.generate(latents, 2), expected, rtol=1e-5)
    np.testing.assert_array_equal(subject.sample(3, 0, label=2), expected)
    with pytest.raises(ValueError, match="labels"):
        subject.sample(3, 0, label=4)


def test_a_way_begins_and_ends_at_its_seeds(ring):
    way = ring.between(2, 7, 5)
    np.testing.assert_allclose(way[0], ring.latents(1, 2)[0])
    np.testing.assert_allclose(way[-1], ring.latents(1, 7)[0])
    np.testing.assert_allclose(way[2], (way[0] + way[-1]) / 2, atol=1e-6)


def test_between_normal_latents_the_way_is_an_arc():
    subject = Subject(drawing(km.latents.Normal(64, stddev=2.0)), "normal")
    way = subject.between(0, 1, 9)
    lengths = np.linalg.norm(way, axis=1)
    assert lengths.min() > 0.99 * min(lengths[0], lengths[-1])
    straight = np.linalg.norm((way[0] + way[-1]) / 2)
    assert straight < 0.85 * lengths[4]  # the shorter way leaves the prior
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    assert steps.max() < 1.1 * steps.min()
    assert subject.sliders(1) == [Slider(-6, 6, 0.01)]
    still = subject.between(3, 3, 4)
    np.testing.assert_allclose(still, subject.latents(1, 3)[[0] * 4], rtol=1e-5)


def test_ranges_of_every_kind_of_latents():
    prior = km.latents.Joint(
        [
            km.latents.Categorical(2),
            km.latents.GaussianMixture(1, components=3, stddev=0.5, spread=2.0),
            km.latents.Uniform(1, 0.0, 4.0),
        ]
    )
    assert Subject(drawing(prior), "all").sliders() == [
        Slider(0, 1, 1),
        Slider(0, 1, 1),
        Slider(-3.5, 3.5, 0.01),
        Slider(0, 4, 0.01),
    ]


def test_what_cannot_be_drawn_is_refused():
    gan = km.VanillaGAN(
        km.networks.mlp_generator((3,), hidden=(4,)),
        km.networks.mlp_discriminator((3,), hidden=(4,)),
        km.latents.Uniform(2),
    )
    with pytest.raises(ValueError, match=r"Received: lines, with .* shape \(3,\)"):
        Subject(gan, "lines")


def test_pictures_of_points(ring):
    data = RealData("ring")
    pictures = [
        figures.samples(ring, data, 200, seed=0),
        figures.samples(ring, None, 200, seed=0),
        figures.one(ring, ring.latents(1)[0]),
        figures.interpolation(ring, 0, 1, 8),
        figures.corners(ring, None, seed=0),
        figures.corners(ring, data, seed=0),
        figures.against(ring, data, 200, seed=0),
    ]
    for image in pictures:
        assert image.dtype == np.uint8
        assert image.shape[2] == 3
        assert np.unique(image.reshape(-1, 3), axis=0).shape[0] > 20


def test_pictures_of_images_and_their_corners(tmp_path):
    subject = Subject(drawing(km.latents.Uniform(4)), "images")
    real = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 1), "uint8")
    np.savez(tmp_path / "real.npz", x_train=real)
    data = RealData(str(tmp_path / "real.npz"))
    assert len(data.sample(50, seed=0)) == 30  # fewer than asked for
    for image in (
        figures.samples(subject, data, 9, seed=0),
        figures.one(subject, subject.latents(1)[0]),
        figures.interpolation(subject, 0, 1, 10),
        figures.corners(subject, None, seed=0, n=50),
        figures.corners(subject, data, seed=0, n=50),
        figures.against(subject, data, 9, seed=0),
    ):
        assert image.dtype == np.uint8
        assert image.std() > 1
    np.testing.assert_array_equal(
        subject.clusters(subject.sample(7)),
        keras.ops.convert_to_numpy(subject.model.cluster(subject.sample(7))),
    )
    with pytest.raises(
        ValueError, match=r"\(8, 8, 1\). Received: data of shape \(2,\)"
    ):
        check_like(RealData("ring").sample(3), subject)
