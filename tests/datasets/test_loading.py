import os
import pickle
import zipfile

import keras
import numpy as np
import pytest

from keras_mdgan.datasets import base, load, to_unit_range

pytestmark = pytest.mark.host


@pytest.fixture
def folder(tmp_path):
    """A folder with a small `mnist.npz`."""
    generator = np.random.default_rng(0)
    np.savez_compressed(
        tmp_path / "mnist.npz",
        x_train=generator.integers(0, 256, (30, 28, 28), dtype="uint8"),
        y_train=np.arange(30, dtype="uint8") % 10,
        x_test=generator.integers(0, 256, (7, 28, 28), dtype="uint8"),
        y_test=np.arange(7, dtype="uint8"),
    )
    return tmp_path


@pytest.fixture
def offline(monkeypatch):
    """No environment variable and no network."""

    def fail():
        raise Exception("URL fetch failure")

    monkeypatch.delenv(base.DATA_VARIABLE, raising=False)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)


@pytest.mark.parametrize(("split", "n"), [("train", 30), ("test", 7)])
def test_reads_the_folder(folder, offline, split, n):
    x, y = load("mnist", folder, split)
    assert (x.shape, x.dtype) == ((n, 28, 28, 1), np.uint8)
    assert (y.shape, y.dtype) == ((n,), np.int64)
    np.testing.assert_array_equal(y, np.arange(n) % 10)
    with np.load(folder / "mnist.npz") as arrays:
        np.testing.assert_array_equal(x[..., 0], arrays[f"x_{split}"])


def test_reads_the_folder_of_the_environment(folder, offline, monkeypatch):
    monkeypatch.setenv(base.DATA_VARIABLE, str(folder))
    assert load("mnist")[0].shape == (30, 28, 28, 1)
    with pytest.raises(FileNotFoundError, match="elsewhere"):
        load("mnist", data_dir=folder / "elsewhere")


def test_else_asks_keras(folder, monkeypatch, tmp_path):
    part = np.zeros((2, 28, 28), "uint8"), np.array([3, 4], "uint8")
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: (part, part))
    monkeypatch.setenv(base.DATA_VARIABLE, str(tmp_path / "empty"))
    np.testing.assert_array_equal(load("mnist", split="test")[1], [3, 4])


def test_nowhere_says_where_it_looked_and_what_to_do(offline, monkeypatch, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"KERAS_MDGAN_DATA is not set.*Put"):
        load("mnist")
    monkeypatch.setenv(base.DATA_VARIABLE, str(tmp_path))
    with pytest.raises(FileNotFoundError, match=rf"Looked at {tmp_path}/mnist.npz"):
        load("mnist")


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def overwritten(path):
    data = bytearray(path.read_bytes())
    data[2000:6000] = bytes(4000)
    path.write_bytes(data)


def pickled(path):
    path.write_bytes(pickle.dumps([1, 2, 3]))


def pickled_member(path):
    np.savez(path, x_train=np.array([{}], dtype=object), y_train=np.ones(1))


def plain_array(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


def other_names(path):
    np.savez(path, images=np.ones(3))


def other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_train", "text")


def wrong_shapes(path):
    np.savez(path, x_train=np.ones((3, 32, 32)), y_train=np.ones(3))


@pytest.mark.parametrize(
    "damage",
    [
        truncated,
        empty,
        overwritten,
        pickled,
        pickled_member,
        plain_array,
        other_names,
        other_zip,
        wrong_shapes,
    ],
)
def test_a_damaged_file_is_named(folder, damage):
    path = folder / "mnist.npz"
    damage(path)
    with pytest.raises(ValueError, match=str(path)):
        load("mnist", folder)


def test_wrong_names():
    with pytest.raises(ValueError, match=r"`name`.*Did you mean 'fashion_mnist'"):
        load("fashion-mnist")
    with pytest.raises(ValueError, match=r"`split`.*Received: split='trian'. Did you"):
        load("mnist", split="trian")


def test_to_unit_range():
    x = np.arange(256).astype("uint8")
    scaled = to_unit_range(x)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, np.linspace(-1, 1, 256), atol=1e-6)
    assert (scaled.min(), scaled.max()) == (-1.0, 1.0)
    with pytest.raises(ValueError, match=r"uint8. Received: x.dtype=float32"):
        to_unit_range(scaled)


@pytest.mark.skipif(
    base.DATA_VARIABLE not in os.environ,
    reason=f"{base.DATA_VARIABLE} names no folder with mnist.npz",
)
def test_real_mnist():
    x, y = load("mnist")
    assert x.shape == (60_000, 28, 28, 1)
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y).tolist() == counts
    x, y = load("fashion_mnist", split="test")
    assert x.shape == (10_000, 28, 28, 1)
    assert np.bincount(y).tolist() == [1000] * 10
