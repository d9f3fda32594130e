import numpy as np
import pytest

import keras_mdgan as km


@pytest.fixture(scope="module")
def gan():
    prior = km.latents.Joint([km.latents.Signs(2), km.latents.Normal(3)])
    return km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(8,), seed=0),
        km.networks.mlp_discriminator((2,), 1, hidden=(8,), seed=1),
        prior,
    )


@pytest.mark.parametrize("batch_size", [1, 4, 5, 10, 100])
def test_the_samples_of_a_gan(gan, batch_size):
    batches = km.metrics.generated(gan, 10, seed=3, batch_size=batch_size)
    parts = list(batches)
    assert len(parts) == len(batches) == -(-10 // batch_size)
    assert max(map(len, parts)) <= batch_size
    wanted = gan.sample(10, seed=3)
    np.testing.assert_allclose(np.concatenate(parts), wanted, rtol=1e-5, atol=1e-6)
    again = np.concatenate(list(batches))
    np.testing.assert_array_equal(np.concatenate(parts), again)


class Sampler:
    def __init__(self):
        self.asked = []

    def sample(self, n, seed):
        self.asked.append(n)
        return np.random.default_rng(seed).random((n, 2, 2, 1), "float32")


def test_the_samples_of_anything_else():
    sampler = Sampler()
    parts = list(km.metrics.generated(sampler, 25, seed=1, batch_size=10))
    assert [part.shape for part in parts] == [(k, 2, 2, 1) for k in (10, 10, 5)]
    assert sampler.asked == [10, 10, 10]  # one size to compile for
    values = np.concatenate(parts).ravel()
    assert len(np.unique(values)) == 100  # each batch has a seed of its own
    again = np.concatenate(list(km.metrics.generated(sampler, 25, 1, 10))).ravel()
    np.testing.assert_array_equal(again, values)
    other = np.concatenate(list(km.metrics.generated(sampler, 25, 2, 10))).ravel()
    assert not np.isin(other, values).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "`n` must be an integer >= 1. Received: n=0"),
        ({"n": 2, "batch_size": 0}, "`batch_size` must be an integer >= 1"),
        ({"n": 2, "seed": None}, "`seed` must be an integer >= 0. Received: seed=None"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        km.metrics.generated(Sampler(), **arguments)
