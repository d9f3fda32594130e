import keras
import numpy as np
import pytest

from keras_mdgan.datasets import load, stacked_mnist, to_unit_range


@pytest.fixture
def folder(tmp_path):
    """Fifty digits; each pixel of digit `i` is `i`."""
    x = np.broadcast_to(np.arange(50, dtype="uint8")[:, None, None], (50, 28, 28))
    y = np.random.default_rng(0).integers(0, 10, 50)
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x[:20], y_test=y[:20])
    return tmp_path, y


def test_three_digits_and_their_label(folder):
    path, y = folder
    data = stacked_mnist(200, seed=0, data_dir=path)
    images = data[:]
    assert (images.shape, images.dtype) == ((200, 28, 28, 3), np.uint8)
    assert len(data) == 200
    digits = images[:, 0, 0]
    assert (images == digits[:, None, None]).all()
    labels = 100 * y[digits[:, 0]] + 10 * y[digits[:, 1]] + y[digits[:, 2]]
    np.testing.assert_array_equal(data.labels, labels)
    assert data.labels.dtype == np.int64
    np.testing.assert_array_equal(data[7], images[7])
    np.testing.assert_array_equal(data[-1], images[-1])
    np.testing.assert_array_equal(data[[5, 3, 5]], images[[5, 3, 5]])
    np.testing.assert_array_equal(np.asarray(data), images)
    with pytest.raises(IndexError):
        data[200]


def test_decided_by_its_seed(folder):
    path, _ = folder
    first, again, other = (stacked_mnist(99, seed, path) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.triples, again.triples)
    assert not np.array_equal(first.triples, other.triples)
    assert stacked_mnist(500, 0, path, "test").triples.max() == 19


def test_as_dataset(folder):
    path, _ = folder
    data = stacked_mnist(100, 0, path)
    batches = data.as_dataset(batch_size=30, seed=4)
    assert len(batches) == 3
    shuffled = np.arange(100)
    np.random.default_rng([4, 0]).shuffle(shuffled)
    for i, (x, y) in enumerate(batches):
        chosen = shuffled[30 * i : 30 * i + 30]
        np.testing.assert_array_equal(x, to_unit_range(data[chosen]))
        np.testing.assert_array_equal(y, data.labels[chosen])
    stacked, labels = batches.take(0, 2)
    assert stacked.shape == (2, 30, 28, 28, 3)
    np.testing.assert_array_equal(stacked[1], batches[1][0])
    np.testing.assert_array_equal(labels[1], batches[1][1])


def test_channels_first(folder):
    path, _ = folder
    last = stacked_mnist(20, 0, path)[:]
    keras.config.set_image_data_format("channels_first")
    try:
        data = stacked_mnist(20, 0, path)
        first = data[:]
    finally:
        keras.config.set_image_data_format("channels_last")
    assert data.shape == first.shape == (20, 3, 28, 28)
    np.testing.assert_array_equal(first, last.transpose(0, 3, 1, 2))


def test_it_holds_no_images(folder):
    path, _ = folder
    data = stacked_mnist(10**6, 0, path)
    held = data.triples.nbytes + data.labels.nbytes + data.digits.nbytes
    assert held < 33 * 10**6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "`n` must be an integer >= 1. Received: n=0"),
        ({"n": 2.0}, "`n` must be an integer >= 1"),
        ({"seed": -1}, "`seed` must be an integer >= 0"),
        ({"split": "valid"}, "`split`"),
    ],
)
def test_wrong_arguments(folder, arguments, message):
    with pytest.raises(ValueError, match=message):
        stacked_mnist(**({"n": 5, "data_dir": folder[0]} | arguments))


def test_real_digits(data_dir):
    """The labels are as uneven as the digits are, and no more."""
    data = stacked_mnist(128_000, seed=0, data_dir=data_dir)
    share = np.bincount(data.labels, minlength=1000) / len(data)
    assert (share > 0).all()
    kl = np.sum(share * np.log(1000 * share))
    digits = np.bincount(load("mnist", data_dir)[1]) / 60_000
    of_digits = 3 * np.sum(digits * np.log(10 * digits))
    assert of_digits == pytest.approx(0.0043, abs=5e-5)
    # A finite sample adds (1000 - 1) / 2n.
    assert kl == pytest.approx(of_digits + 999 / 256_000, abs=6e-4)
