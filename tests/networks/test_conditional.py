"""Conditional networks against hand computations."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from support import battery

LABELS = np.array([3, 0, 0, 2, 1], "int32")
X = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")


def array(x):
    return ops.convert_to_numpy(x)


def test_a_generator_takes_the_labels_vector_beside_the_latents():
    inner = battery.generator()
    asked = km.networks.ConditionalGenerator(inner, n_classes=4, embedding_dim=3)
    latents = np.ones((5, 6), "float32")
    made = array(asked([latents, LABELS]))
    vectors = array(asked.embedding.embeddings)
    assert vectors.shape == (4, 3)
    wanted = array(inner(np.concatenate([latents, vectors[LABELS]], axis=1)))
    np.testing.assert_allclose(made, wanted, rtol=1e-5)
    # Labels of `keras.datasets` are int64.
    np.testing.assert_array_equal(made, array(asked([latents, LABELS.astype("int64")])))


def test_the_projection_of_features_on_the_labels_vector():
    """`v_y . phi(x) + psi(phi(x))`, eq. (3) of Miyato and Koyama (2018)."""
    whole = battery.discriminator()
    discriminator = km.networks.projection_discriminator(whole, 4, seed=1)
    judged = array(discriminator([X, LABELS]))
    phi, psi = array(discriminator.features(X)), array(whole(X))
    vectors = array(discriminator.class_vectors)
    wanted = np.sum(phi * vectors.T[LABELS], axis=1, keepdims=True) + psi
    np.testing.assert_allclose(judged, wanted, rtol=1e-4, atol=1e-6)
    every = array(discriminator.of_every_class(X))
    np.testing.assert_allclose(every[np.arange(5), LABELS], judged[:, 0], rtol=1e-5)


@pytest.mark.parametrize("kind", ["compact", "dcgan"])
def test_networks_of_images(kind):
    shape = (8, 8, 3)
    generator = getattr(km.networks, f"{kind}_generator")(shape, seed=0)
    discriminator = getattr(km.networks, f"{kind}_discriminator")(shape, seed=1)
    asked = km.networks.ConditionalGenerator(generator, 4, seed=2)
    judge = km.networks.projection_discriminator(discriminator, 4, seed=3)
    images = asked([np.ones((5, 6), "float32"), LABELS])
    assert tuple(images.shape) == (5, *shape)
    assert tuple(judge([images, LABELS]).shape) == (5, 1)


def test_spectral_norms_stay():
    network = km.layers.spectrally_normalized(battery.discriminator())
    judge = km.networks.projection_discriminator(network, 4)
    wrapped = [*judge.features.layers, judge.judgement]
    kinds = [isinstance(x, km.layers.SpectralNormalization) for x in wrapped]
    assert kinds.count(True) == 2
    (vector,) = [w for w in wrapped[0].weights if "singular" in w.name]
    before = array(vector)
    judge([X, LABELS], training=True)
    assert not np.allclose(before, array(vector))


def test_copies_have_the_same_config_and_weights():
    asked = battery.conditional()["generator"]
    judge = battery.projecting()["discriminator"]
    latents = np.ones((5, 3), "float32")
    for network, inputs in ((asked, [latents, LABELS]), (judge, [X, LABELS])):
        made = array(network(inputs))
        copy = keras.saving.deserialize_keras_object(
            keras.saving.serialize_keras_object(network)
        )
        assert copy.get_config() == network.get_config()
        # The seeds are in the config, so new weights are the same.
        np.testing.assert_allclose(array(copy(inputs)), made, rtol=1e-5)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`n_classes`.*n_classes=0"):
        km.networks.ConditionalGenerator(battery.generator(), 0)
    with pytest.raises(ValueError, match=r"`network` must be a keras.Sequential"):
        km.networks.projection_discriminator(battery.discriminator(outputs=2), 4)
    images = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3)])
    judge = km.networks.ProjectionDiscriminator(images, 4)
    with pytest.raises(ValueError, match=r"`features` must give one vector a sample"):
        judge.build([(None, 8, 8, 1), (None,)])
