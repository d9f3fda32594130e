import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_mdgan.datasets import load, serving, to_unit_range


@pytest.fixture
def folder(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (23, 32, 32, 3), dtype="uint8")
    np.savez(tmp_path / "cifar10.npz", x_train=images, y_train=np.arange(23))
    return tmp_path, images


def test_batches(folder):
    path, images = folder
    batches = load("cifar10", path, as_="batches", batch_size=5, seed=3)
    assert len(batches) == 4
    for x, y in batches:
        assert (x.shape, x.dtype, y.dtype) == ((5, 32, 32, 3), np.float32, np.int64)
        np.testing.assert_array_equal(x, to_unit_range(images[y]))
    assert batches.x.dtype == np.uint8
    again = load("cifar10", path, as_="batches", batch_size=5, seed=3)
    np.testing.assert_array_equal(batches[2][1], again[2][1])
    other = load("cifar10", path, as_="batches", batch_size=5, seed=4)
    assert not np.array_equal(batches[2][1], other[2][1])


@pytest.mark.parametrize("mapped", [False, True])
def test_tf_data(folder, tmp_path, monkeypatch, mapped):
    tf = pytest.importorskip("tensorflow")
    path, images = folder
    labels = np.arange(23)
    if mapped:
        monkeypatch.setattr(serving, "CHUNK", 10)
        np.save(tmp_path / "x.npy", images)
        mapping = np.load(tmp_path / "x.npy", mmap_mode="r")
        data = serving.serve(mapping, labels, "tf.data")
    else:
        data = load("cifar10", path, as_="tf.data")
    assert int(data.cardinality()) == 23
    image, label = data.element_spec
    assert (image.shape, image.dtype) == ((32, 32, 3), tf.uint8)
    assert (label.shape, label.dtype) == ((), tf.int64)
    found = list(data.as_numpy_iterator())
    np.testing.assert_array_equal([x for x, _ in found], images)
    np.testing.assert_array_equal([y for _, y in found], labels)


def test_channels_first(folder):
    path, images = folder
    keras.config.set_image_data_format("channels_first")
    try:
        x, _ = load("cifar10", path)
        x_batch, y_batch = load("cifar10", path, as_="batches", batch_size=5)[0]
    finally:
        keras.config.set_image_data_format("channels_last")
    first = images.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(x, first)
    np.testing.assert_array_equal(x_batch, to_unit_range(first)[y_batch])


@pytest.mark.parametrize("form", ["channels_first", "channels_last"])
def test_what_keras_downloads_is_in_the_same_layout(folder, monkeypatch, form):
    _, images = folder

    def load_data():
        x = images.transpose(0, 3, 1, 2) if form == "channels_first" else images
        return (x, np.arange(23)[:, None]), (x[:2], np.zeros((2, 1), int))

    monkeypatch.delenv("KERAS_MDGAN_DATA", raising=False)
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", load_data)
    keras.config.set_image_data_format(form)
    try:
        x, y = load("cifar10")
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(x, load_data()[0][0])
    np.testing.assert_array_equal(y, np.arange(23))


def test_errors(folder):
    path, _ = folder
    with pytest.raises(ValueError, match=r"`as_`.*'batches'.*Received: as_='batch'"):
        load("cifar10", path, as_="batch")
    with pytest.raises(ValueError, match=r"`batch_size` must be an integer >= 1"):
        load("cifar10", path, as_="batches")
    with pytest.raises(ValueError, match=r"`seed` must be an integer >= 0"):
        load("cifar10", path, as_="batches", batch_size=5, seed=-1)
    with pytest.raises(ValueError, match=r'for as_="batches" only.*batch_size=5'):
        load("cifar10", path, batch_size=5)
    with pytest.raises(ValueError, match=r"`batch_size`.*23. Received: batch_size=24"):
        load("cifar10", path, as_="batches", batch_size=24)


@pytest.mark.skipif(keras.backend.backend() == "tensorflow", reason="it is there")
def test_tensorflow_is_imported_for_tf_data_only(folder):
    script = (
        "import sys; from keras_mdgan.datasets import load\n"
        f"load('cifar10', {str(folder[0])!r})\n"
        f"load('cifar10', {str(folder[0])!r}, as_='batches', batch_size=2)[0]\n"
        "assert 'tensorflow_datasets' not in sys.modules\n"
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
