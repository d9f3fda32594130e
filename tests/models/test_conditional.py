"""Models whose generator is asked for a class."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from keras_mdgan.metrics.label_accuracy import accuracy_of
from keras_mdgan.metrics.modes import nearest_centers
from support import battery

X, MODES = km.datasets.ring().sample_with_labels(12, seed=0)
LABELS = (MODES % 4).astype("int32")


def array(x):
    return ops.convert_to_numpy(x)


def number(x):
    return float(array(x))


def with_fakes(gan, monkeypatch, labels=LABELS):
    """The generated samples that both losses see."""
    latents = gan.latents.sample(len(X), seed=1)
    monkeypatch.setattr(gan, "draw_latents", lambda real: latents)
    return array(gan.generator([latents, labels], training=True))


def test_losses_of_the_mixture_are_at_the_labels_corners(monkeypatch):
    gan = km.ConditionalMixtureDensityGAN(
        **battery.conditional(3), variance_real=0.28, variance_fake=0.25, seed=0
    )
    fake = with_fakes(gan, monkeypatch)
    corners = np.asarray(gan.mixture_real.vertices)[LABELS]

    def likelihood(x, variance):
        distances = np.sum((array(gan.embed(x)) - corners) ** 2, axis=1)
        return np.exp(-distances / (2 * variance))

    r, f = likelihood(X, 0.28), likelihood(fake, 0.25)
    loss, logs = gan.discriminator_loss((X, LABELS))
    wanted = -np.mean(np.log(r)) - np.mean(np.log(1 - f))
    assert number(loss) == pytest.approx(wanted, rel=1e-4)
    assert number(logs["real_likelihood"]) == pytest.approx(r.mean(), rel=1e-4)
    accuracy = np.mean(array(gan.cluster(fake)) == LABELS)
    assert number(logs["fake_class_accuracy"]) == pytest.approx(accuracy)
    loss, _ = gan.generator_loss((X, LABELS))
    assert number(loss) == pytest.approx(-np.mean(np.log(f)), rel=1e-4)


def test_penalties_of_the_mixture_are_at_the_labels_corners(monkeypatch):
    """`grad (-r^2 / 2v)` is `-J^T (e - corner) / v`, here with an identity for J."""
    generator = km.networks.ConditionalGenerator(battery.generator(), 3, 3)
    gan = km.ConditionalMixtureDensityGAN(
        generator,
        keras.Sequential([keras.Input((2,)), keras.layers.Rescaling(1.0)]),
        km.latents.Uniform(3),
        variance_real=0.5,
        embedding_range=None,
        penalty_weight=1.0,
        penalty_on="log_ratio",
        penalty_samples="both",
    )
    labels = LABELS % 3
    fake = with_fakes(gan, monkeypatch, labels)
    corners = np.asarray(gan.mixture_real.vertices)[labels]
    _, logs = gan.discriminator_loss((X, labels))
    for name, x in (("r1", X), ("r2", fake)):
        slopes = (x - corners) / 0.5
        wanted = np.mean(np.sum(slopes**2, axis=1))
        assert number(logs[name]) == pytest.approx(wanted, rel=1e-4)


def test_losses_of_the_projection_are_hinges(monkeypatch):
    gan = km.ProjectionGAN(**battery.projecting(), seed=0)
    fake = with_fakes(gan, monkeypatch)
    on_real, on_fake = (array(gan.discriminator([x, LABELS])) for x in (X, fake))
    loss, logs = gan.discriminator_loss((X, LABELS))
    wanted = np.mean(np.maximum(0, 1 - on_real)) + np.mean(np.maximum(0, 1 + on_fake))
    assert number(loss) == pytest.approx(wanted, rel=1e-4)
    assert number(logs["fake_accuracy"]) == pytest.approx(np.mean(on_fake < 0))
    loss, _ = gan.generator_loss((X, LABELS))
    assert number(loss) == pytest.approx(-np.mean(on_fake), rel=1e-4, abs=1e-6)


def own_networks():
    """A user's functional networks, with labels as an input of integers."""
    vectors = keras.layers.CategoryEncoding(4, "one_hot")
    latents, labels = keras.Input((3,)), keras.Input((), dtype="int32")
    joined = keras.layers.Concatenate()([latents, vectors(labels)])
    generator = keras.Model([latents, labels], keras.layers.Dense(2)(joined))
    x, y = keras.Input((2,)), keras.Input((), dtype="int32")
    joined = keras.layers.Concatenate()([x, vectors(y)])
    discriminator = keras.Model([x, y], keras.layers.Dense(1)(joined))
    return generator, discriminator


def test_networks_of_the_users_own():
    generator, discriminator = own_networks()
    gan = km.ProjectionGAN(generator, discriminator, km.latents.Normal(3), n_classes=4)
    wanted = [array(discriminator([X, np.full(len(X), k)]))[:, 0] for k in range(4)]
    np.testing.assert_allclose(array(gan.embed(X)), np.stack(wanted, 1), rtol=1e-5)
    assert gan.sample(5, seed=0, labels=np.arange(5) % 4).shape == (5, 2)
    with pytest.raises(ValueError, match="`n_classes` must be given"):
        km.ProjectionGAN(generator, discriminator, km.latents.Normal(3))


@pytest.fixture(scope="module")
def gan():
    return km.ProjectionGAN(**battery.projecting(), seed=0, ema_momentum=0.5)


def test_labels_of_samples(gan):
    mixed = gan.sample(6, seed=1, labels=[0, 1, 2, 3, 3, 3])
    threes = gan.sample(6, seed=1, labels=3)
    # One seed gives the same latents for any labels.
    np.testing.assert_allclose(mixed[3:], threes[3:], rtol=1e-5)
    assert not np.allclose(mixed[:3], threes[:3])
    np.testing.assert_allclose(
        gan.sample(6, seed=1, labels=np.full((6, 1), 3)), threes, rtol=1e-5
    )
    np.testing.assert_allclose(
        gan.sample(6, seed=1, batch_size=4, labels=3), threes, rtol=1e-5
    )
    latents, labels = gan.generator_inputs(4000, seed=2)
    np.testing.assert_allclose(np.bincount(labels) / 4000, 0.25, atol=0.03)
    np.testing.assert_allclose(
        gan.sample(4000, seed=2, labels=labels), gan.sample(4000, seed=2), rtol=1e-5
    )
    np.testing.assert_array_equal(latents, gan.latents.sample(4000, seed=2))
    every = np.concatenate(list(km.metrics.generated(gan, 7, seed=3, batch_size=3)))
    np.testing.assert_allclose(every, gan.sample(7, seed=3), rtol=1e-5)


@pytest.mark.parametrize(
    ("labels", "received"),
    [
        (4, "from 4 to 4"),
        ([0, 1, -1], "from -1 to 1"),
        ([0, 1], r"shape \(2,\)"),
        ([0.0, 1.0, 2.0], "dtype float64"),
        (True, "dtype bool"),
        ("three", "dtype <U5"),
        (np.eye(4)[:3], r"argmax\(-1\)` gives the classes of one-hot"),
    ],
)
def test_wrong_labels_of_samples_are_refused(gan, labels, received):
    with pytest.raises(ValueError, match=rf"`labels` must be.*0 to 3.*{received}"):
        gan.sample(3, labels=labels)


@pytest.mark.parametrize("labels", [[0, 1, 9], [0.0, 1.0, 2.0], [0, 1]])
def test_wrong_labels_of_predictions_are_refused(gan, labels):
    latents = np.zeros((3, *gan.latents.shape), "float32")
    assert gan.predict([latents, np.array([0, 1, 2])], verbose=0).shape == (3, 2)
    with pytest.raises(ValueError, match=r"`labels` must be one integer.*or 3 of them"):
        gan.predict([latents, np.array(labels)], verbose=0)


def test_wrong_labels_of_data_are_refused(gan):
    gan.compile()
    for labels, received in (
        (LABELS + 1, "values from 1 to 4"),
        (LABELS.astype("float32"), "dtype float32"),
        (np.eye(4)[LABELS], r"`y.argmax\(-1\)` gives"),
    ):
        with pytest.raises(ValueError, match=rf"integers from 0 to 3.*{received}"):
            gan.fit(X, labels, batch_size=4, verbose=0)


def test_networks_that_do_not_fit_are_refused():
    parts = battery.conditional(outputs=2)
    with pytest.raises(ValueError, match=r"3 outputs for 4 classes.*with 2 outputs"):
        km.ConditionalMixtureDensityGAN(**parts)
    with pytest.raises(ValueError, match=r"`assignment` must be 'max'.*'balanced'"):
        km.ConditionalMixtureDensityGAN(
            **battery.conditional(outputs=3), assignment="balanced"
        )
    with pytest.raises(ValueError, match=r"that of the generator, 4.*n_classes=5"):
        km.ProjectionGAN(**battery.projecting(), n_classes=5)
    judge = battery.projecting(n_classes=5)["discriminator"]
    with pytest.raises(ValueError, match=r"`discriminator`.*4 classes.*with 5 classes"):
        km.ProjectionGAN(**{**battery.projecting(), "discriminator": judge})
    with pytest.raises(ValueError, match=r"`generator` does not accept the latents"):
        km.ProjectionGAN(
            battery.generator(),
            battery.projecting()["discriminator"],
            km.latents.Uniform(3),
            n_classes=4,
        )


@pytest.mark.slow
@pytest.mark.parametrize("model", ["conditional_mixture_density", "projection"])
def test_samples_have_the_class_asked_for(model):
    """The ring, with the mode as its label; half of the recipe's length."""
    data = km.datasets.ring()
    recipe = km.recipes.points(data, model, steps=3000, seed=0)
    history = recipe.fit(verbose=0).history
    assert history["label_accuracy"][-1] > 0.9
    found = accuracy_of(
        recipe.model, lambda x: nearest_centers(x, data.centers)[0], n=800
    )
    assert min(found.accuracies) > 0.9
    coverage = km.metrics.mode_coverage(recipe.model.sample(2500, seed=1), data)
    assert coverage.modes_strict == 8
