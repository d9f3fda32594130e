import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import ShuffledBatches, to_unit_range


def orders(batches, epochs):
    """What the epochs serve, read as Keras reads them."""
    served = []
    for _ in range(epochs):
        batches.on_epoch_begin()
        served.append(np.concatenate([batches[i] for i in range(len(batches))]))
        batches.on_epoch_end()
    return served


def numbers(n=50, **arguments):
    return ShuffledBatches(np.arange(n), **({"batch_size": 10, "seed": 3} | arguments))


def test_each_sample_once_in_an_order_that_changes():
    first, second, third = orders(numbers(), 3)
    for order in (first, second, third):
        np.testing.assert_array_equal(np.sort(order), np.arange(50))
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    assert not np.array_equal(first, np.arange(50))


def test_order_depends_on_seed_and_epoch_alone():
    whole = orders(numbers(), 5)
    resumed = numbers()
    resumed.set_epoch(3)
    np.testing.assert_array_equal(orders(resumed, 2), whole[3:])
    resumed.set_epoch(1)
    np.testing.assert_array_equal(orders(resumed, 1)[0], whole[1])
    assert not np.array_equal(orders(numbers(seed=4), 1)[0], whole[0])
    # Neighbouring seeds and epochs do not meet: (3, 1) is not (4, 0).
    assert not np.array_equal(orders(numbers(seed=4), 1)[0], whole[1])


def test_remainder():
    dropped = numbers(n=53)
    assert len(dropped) == 5
    assert [len(batch) for batch in dropped] == [10] * 5
    kept = numbers(n=53, drop_remainder=False)
    assert [len(batch) for batch in kept] == [10] * 5 + [3]
    left_out = [set(range(53)) - set(order) for order in orders(dropped, 2)]
    assert left_out[0] != left_out[1]


def test_labels_stay_with_their_samples():
    x = np.arange(60.0).reshape(30, 2)
    batches = ShuffledBatches(x, x[:, 0] * 10, batch_size=7)
    for images, labels in batches:
        np.testing.assert_array_equal(labels, images[:, 0] * 10)


def test_without_shuffling():
    for order in orders(numbers(shuffle=False), 2):
        np.testing.assert_array_equal(order, np.arange(50))


def images(n=53):
    return np.random.default_rng(0).integers(0, 256, (n, 4, 4, 1), dtype="uint8")


@pytest.mark.parametrize("mapped", [False, True])
def test_bytes_are_scaled_when_a_batch_is_cut(tmp_path, mapped):
    """As if all had been scaled before: batches, stacked ones and the last."""
    x, y = images(), np.arange(53)
    arguments = {"batch_size": 10, "seed": 3, "drop_remainder": False}
    scaled = ShuffledBatches(to_unit_range(x), y, **arguments)
    if mapped:
        np.save(tmp_path / "x.npy", x)
        x = np.load(tmp_path / "x.npy", mmap_mode="r")
    cut = ShuffledBatches(x, y, transform=to_unit_range, **arguments)
    assert cut.x.dtype == np.uint8
    for position in (0, 4, 5, 8, 13):
        for mine, theirs in zip(cut.at(position), scaled.at(position)):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(cut.take(7, 3), scaled.take(7, 3)):
        assert mine.shape[:2] == (3, 10)
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(cut[5][0], scaled[5][0])


def small_gan(**arguments):
    gan = km.VanillaGAN(
        km.networks.mlp_generator((4, 4, 1), hidden=(4,), seed=0),
        km.networks.mlp_discriminator((4, 4, 1), hidden=(4,), seed=1),
        km.latents.Uniform(2),
        seed=0,
    )
    gan.compile(**arguments)
    return gan


@pytest.mark.parametrize("at_once", [1, 3])
def test_fit_on_bytes_is_fit_on_floats(at_once):
    weights = []
    for x, transform in (
        (to_unit_range(images()), None),
        (images(), to_unit_range),
    ):
        gan = small_gan(steps_per_execution=at_once)
        source = ShuffledBatches(x, batch_size=10, seed=3, transform=transform)
        gan.fit(source, epochs=2, verbose=0)
        weights.append(gan.generator.get_weights())
    for floats, bytes_ in zip(*weights):
        np.testing.assert_array_equal(floats, bytes_)


def test_fit_refuses_bytes_that_nobody_scaled():
    gan = small_gan()
    for data in (images(), ShuffledBatches(images(), batch_size=10)):
        with pytest.raises(ValueError, match=r'uint8.*as_="batches".*to_unit_range'):
            gan.fit(data, verbose=0)
    with pytest.raises(ValueError, match=r"Received: data of dtype uint8"):
        gan.train_on_batch(images(8))
    assert int(gan.optimizer.iterations.numpy()) == 0


def test_index_out_of_range():
    with pytest.raises(IndexError):
        numbers()[5]
    with pytest.raises(IndexError):
        numbers()[-1]


class Recorder(keras.Model):
    """Reads the data through `fit` and trains nothing."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return self.dense(x)


class RecordedBatches(ShuffledBatches):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.log = []

    def __getitem__(self, index):
        batch = super().__getitem__(index)
        if self.y is not None:
            self.log.append((index, batch[0][:, 0].tolist()))
        return batch

    def on_epoch_begin(self):
        super().on_epoch_begin()
        self.log.append("begin")

    def passes(self):
        """Batches of the passes that were read to the end."""
        found, current = [], []
        for entry in self.log:
            if entry == "begin":
                current = []
                continue
            current.append(entry)
            if len(current) == len(self):
                found.append([rows for _, rows in current])
        return found


class SetEpoch(keras.callbacks.Callback):
    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.set_epoch(epoch)


def fitted(epochs, initial_epoch=0, built=False, told=True, seed=0):
    x = np.arange(24, dtype="float32")[:, None]
    batches = RecordedBatches(x, x, batch_size=6, seed=seed)
    model = Recorder()
    model.compile("sgd", "mse")
    if built:
        model.train_on_batch(x[:6], x[:6])
        model.optimizer.learning_rate = 0.0
    model.fit(
        batches,
        epochs=epochs,
        initial_epoch=initial_epoch,
        shuffle=False,
        verbose=0,
        callbacks=[SetEpoch(batches)] if told else [],
    )
    return batches


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("built", [True, False])
def test_fit_reads_one_order_an_epoch_whether_or_not_it_builds(built, told):
    batches = fitted(3, built=built, told=told)
    plain = ShuffledBatches(batches.x[:, 0], batch_size=6, seed=0)
    expected = [list(map(list, np.split(order, 4))) for order in orders(plain, 3)]
    assert batches.passes() == expected
    assert batches.epoch == 3


def test_a_resumed_fit_goes_on():
    whole = fitted(4).passes()
    assert fitted(4, initial_epoch=2).passes() == whole[2:]


def test_looking_at_a_batch_is_no_epoch():
    batches = numbers()
    batches.on_epoch_end()
    batches.on_epoch_begin()
    batches[0]
    batches.on_epoch_end()
    assert batches.epoch == 0
    orders(batches, 1)
    batches.on_epoch_end()
    assert batches.epoch == 1


@pytest.mark.parametrize(
    ("x", "arguments", "message"),
    [
        (np.ones(3), {"batch_size": 4}, r"`batch_size`.* 3. Received: batch_size=4"),
        (np.ones(3), {"batch_size": 0}, r"`batch_size`.*Received: batch_size=0"),
        (np.ones(3), {"seed": -1}, r"`seed`.*Received: seed=-1"),
        (np.ones(0), {}, r"`x`.*at least one sample. Received: x.shape=\(0,\)"),
        (np.array([1, np.nan, np.inf]), {}, r"`x` must be finite.*in 2 of 3.*index 1"),
        (np.ones(3), {"y": np.ones(2)}, r"same length. Received: 3 and 2"),
    ],
)
def test_wrong_arguments(x, arguments, message):
    with pytest.raises(ValueError, match=message):
        ShuffledBatches(x, **({"batch_size": 1} | arguments))


def test_wrong_epoch():
    with pytest.raises(ValueError, match="Received: epoch=-1"):
        numbers().set_epoch(-1)


@pytest.mark.parametrize(("steps_per_epoch", "at_once"), [(8, 1), (25, 1), (50, 10)])
def test_steps_per_epoch_is_taken_at_its_word(steps_per_epoch, at_once):
    """Also where it is not the number of batches that the data have, 10."""
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,)),
        km.networks.mlp_discriminator((2,), hidden=(4,)),
        km.latents.Uniform(2),
    )
    gan.compile(steps_per_execution=at_once)
    source = km.datasets.ring().as_dataset(200, 20, seed=0)
    gan.fit(source, epochs=3, steps_per_epoch=steps_per_epoch, verbose=0)
    assert int(gan.optimizer.iterations.numpy()) == 3 * steps_per_epoch
