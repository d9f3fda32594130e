import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import ShuffledBatches
from keras_mdgan.training.data.gathered import Gathered


class Pairs(Gathered):
    """Sample `i` is `(i, -i)`; notes what was asked for."""

    shape, dtype = (40, 2), np.dtype("float32")

    def __init__(self):
        self.asked = []

    def gather(self, indices):
        self.asked.append(len(indices))
        return np.stack([indices, -indices], axis=1).astype(self.dtype)


@pytest.mark.parametrize(
    "index", [3, -1, np.int64(7), slice(2, 9), slice(None, None, -3), [5, 5, -2], []]
)
def test_indexed_as_an_array(index):
    index = np.array(index, dtype=int) if isinstance(index, list) else index
    whole = np.asarray(Pairs())
    found = Pairs()[index]
    assert found.dtype == whole.dtype
    np.testing.assert_array_equal(found, whole[index])


def test_masks_and_what_is_not_there():
    pairs, mask = Pairs(), np.arange(40) % 3 == 0
    np.testing.assert_array_equal(pairs[mask][:, 0], np.arange(0, 40, 3))
    assert (len(pairs), pairs.ndim) == (40, 2)
    for index in (40, -41, [1, 40]):
        with pytest.raises(IndexError):
            pairs[index]
    assert np.asarray(pairs, "float64").dtype == np.float64


def test_batches_ask_for_their_own_samples_only():
    pairs = Pairs()
    batches = ShuffledBatches(pairs, batch_size=8, seed=2)
    whole = ShuffledBatches(np.asarray(Pairs()), batch_size=8, seed=2)
    np.testing.assert_array_equal(batches[1], whole[1])
    np.testing.assert_array_equal(batches.take(6, 3)[0], whole.take(6, 3)[0])
    assert pairs.asked == [8, 24]


def test_fit():
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,)),
        km.networks.mlp_discriminator((2,), hidden=(4,)),
        km.latents.Uniform(2),
    )
    gan.compile(steps_per_execution=2)
    pairs = Pairs()
    gan.fit(ShuffledBatches(pairs, batch_size=8), epochs=2, verbose=0)
    assert int(gan.optimizer.iterations.numpy()) == 10
    assert max(pairs.asked) <= 16
