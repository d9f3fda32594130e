"""Samples of one corner of a Mixture Density GAN, against rejection by hand."""

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.training.draws import HostDraws
from support.hand import array, linear

# Latents in the square are the samples and, bounded, the embeddings.
SHIFT = 0.4


def gan(shift=SHIFT, **kwargs):
    return km.MixtureDensityGAN(
        linear(np.eye(2), shift),
        linear(np.eye(2)),
        km.latents.Uniform(2),
        seed=0,
        **kwargs,
    )


def by_hand(corner, draws, seed=0, shift=SHIFT):
    """The draws at a corner, and their places among all draws, counted from 1."""
    source = HostDraws(seed)
    rounds = [source.uniform((2500, 2), -1.0, 1.0) for _ in range(-(-draws // 2500))]
    x = np.concatenate(rounds)[:draws] + np.float32(shift)
    # A sigmoid is monotonic: the nearest vertex is that of the bounded embedding.
    embeddings = 2.5 * np.tanh(x / 2)
    vertices = km.mixtures.simplex_vertices(2)
    nearest = np.argmin(np.linalg.norm(embeddings[:, None] - vertices, axis=-1), axis=1)
    here = np.flatnonzero(nearest == corner)
    return x[here], here + 1


@pytest.mark.parametrize("corner", [0, 1, 2])
def test_samples_of_a_corner_are_the_draws_it_keeps(corner):
    wanted, places = by_hand(corner, 5000)
    samples, draws = gan().sample(40, seed=0, corner=corner, return_draws=True)
    np.testing.assert_allclose(samples, wanted[:40], atol=1e-6)
    assert samples.dtype == np.float32
    assert draws == places[39]
    assert set(array(gan().cluster(samples))) == {corner}


def test_the_seed_alone_decides():
    wanted, places = by_hand(2, 10_000)
    n = int(np.sum(places <= 6000))  # more than two rounds of draws
    model = gan()
    whole, draws = model.sample(n, 0, corner=2, return_draws=True)
    np.testing.assert_allclose(whole, wanted[:n], atol=1e-6)
    assert draws == places[n - 1]
    for size in (7, 64, 5000):
        few, draws = model.sample(30, 0, size, corner=2, return_draws=True)
        np.testing.assert_allclose(few, wanted[:30], atol=1e-6)
        assert draws == places[29]
    other = model.sample(30, 1, corner=2)
    np.testing.assert_allclose(other, by_hand(2, 2500, seed=1)[0][:30], atol=1e-6)
    assert not np.array_equal(model.sample(30, corner=2), whole[:30])


def test_the_averaged_generator_draws():
    model = gan(ema_momentum=0.9)
    model.generator.set_weights([np.eye(2), np.full(2, 9.0)])
    samples = model.sample(20, seed=0, corner=1)
    np.testing.assert_allclose(samples, by_hand(1, 2500)[0][:20], atol=1e-6)


def test_without_a_corner_nothing_is_rejected():
    samples, draws = gan().sample(30, seed=0, return_draws=True)
    np.testing.assert_array_equal(samples, gan().sample(30, seed=0))
    latents = HostDraws(0).uniform((30, 2), -1.0, 1.0)
    np.testing.assert_allclose(samples, latents + SHIFT, atol=1e-6)
    assert draws == 30


def test_too_few_samples_are_counted_in_the_error():
    n = int(np.sum(by_hand(0, 1000)[1] <= 1000))
    model = gan()
    assert len(model.sample(n, seed=0, corner=0, max_draws=1000)) == n
    for size in (64, 2500):
        message = f"{n} of the {n + 1} wanted, in 1,000 draws"
        with pytest.raises(ValueError, match=message) as error:
            model.sample(n + 1, seed=0, batch_size=size, corner=0, max_draws=1000)
        shares = [len(by_hand(k, 1000)[0]) / 10 for k in range(3)]
        for k, share in enumerate(shares):
            assert f"{k} ({share:.1f} %)" in str(error.value)


def test_an_empty_corner_ends_at_the_stated_bound():
    far = gan(shift=50.0)  # all samples are at the corner of the upper right
    (used,) = set(array(far.cluster(far.sample(100, seed=0))))
    empty = (used + 1) % 3
    message = rf"0 of the 5 wanted, in 10,000 draws.*: {used} \(100.0 %\)\. Take"
    with pytest.raises(ValueError, match=message):
        far.sample(5, seed=0, corner=empty)


@pytest.mark.parametrize("corner", [-1, 3, 1.0, True, "1", np.float32(1)])
def test_wrong_corners(corner):
    message = r"`corner` must be None or an integer from 0 to 2. Received: corner="
    with pytest.raises(ValueError, match=message):
        gan().sample(5, corner=corner)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0, "corner": 0}, "`n` must be an integer >= 1"),
        ({"n": 5, "corner": 0, "batch_size": 0}, "`batch_size` must be"),
        ({"n": 5, "corner": 0, "seed": -1}, "`seed` must be"),
        ({"n": 5, "corner": 0, "max_draws": 0}, "`max_draws` must be an integer"),
        ({"n": 5, "max_draws": 10}, "for samples of one corner. Received: max_draws"),
    ],
)
def test_other_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        gan().sample(**arguments)


def test_numpy_integers_are_corners():
    samples = gan().sample(3, seed=0, corner=np.int64(2))
    np.testing.assert_allclose(samples, by_hand(2, 100)[0][:3], atol=1e-6)
