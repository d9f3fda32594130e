import io

import numpy as np
import pytest
from PIL import Image

from keras_mdgan.datasets import checksum, load, load_npz

pytestmark = pytest.mark.host


def strip(images):
    file = io.BytesIO()
    Image.fromarray(images.reshape(-1, 32, 3)).save(file, "WEBP", lossless=True)
    return np.frombuffer(file.getvalue(), "uint8")


def packed(n=25, per_strip=10):
    """The arrays of a packed file, and the images in it."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (n, 32, 32, 3), dtype="uint8")
    strips = [strip(images[i : i + per_strip]) for i in range(0, n, per_strip)]
    offsets = np.cumsum([0] + [len(x) for x in strips])
    labels = (np.arange(n, dtype="uint8") % 10)[:, None]
    return np.concatenate(strips), offsets, labels, images


@pytest.fixture
def cifar10(tmp_path):
    strips, offsets, labels, images = packed()
    write(tmp_path, strips, offsets, labels)
    return tmp_path, images


def write(folder, strips, offsets, labels):
    np.savez(
        folder / "cifar10.npz",
        webp_train=strips,
        offsets_train=offsets,
        y_train=labels,
    )


def test_packed_images(cifar10):
    folder, images = cifar10
    x, y = load("cifar10", folder)
    np.testing.assert_array_equal(x, images)
    np.testing.assert_array_equal(y, np.arange(25) % 10)
    assert (x.dtype, y.dtype) == (np.uint8, np.int64)


def test_the_layout_of_keras(cifar10):
    folder, images = cifar10
    y = np.arange(25)[:, None]
    np.savez_compressed(folder / "cifar10.npz", x_train=images, y_train=y)
    x, y = load("cifar10", folder)
    np.testing.assert_array_equal(x, images)
    np.testing.assert_array_equal(y, np.arange(25))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_one_wrong_bit_among_the_images_is_found(cifar10, save, seed):
    folder, images = cifar10
    path = folder / "cifar10.npz"
    save(path, x_train=images, y_train=np.arange(25))
    data = bytearray(path.read_bytes())
    place = int(np.random.default_rng(seed).integers(300, len(data) - 2000))
    data[place] ^= 1 << (seed % 8)
    path.write_bytes(data)
    with pytest.raises(ValueError, match=str(path)):
        load("cifar10", folder)


def cut(path):
    path.write_bytes(path.read_bytes()[:-3000])


def overwritten(path):
    data = bytearray(path.read_bytes())
    data[5000:5100] = bytes(100)
    path.write_bytes(data)


def overwritten_strip(path):
    """A file that is whole by its own checksums."""
    strips, offsets, labels, _ = packed()
    strips = strips.copy()
    strips[offsets[1] : offsets[1] + 40] = 7
    write(path.parent, strips, offsets, labels)


def cut_strips(path):
    strips, offsets, labels, _ = packed()
    write(path.parent, strips[:-100], offsets, labels)


def strips_beyond_the_offsets(path):
    strips, offsets, labels, _ = packed()
    write(path.parent, np.concatenate([strips, strips]), offsets, labels)


def strips_out_of_order(path):
    strips, offsets, labels, _ = packed()
    write(path.parent, strips, offsets[::-1], labels)


def too_few_labels(path):
    strips, offsets, labels, _ = packed()
    write(path.parent, strips, offsets, labels[:-1])


def too_many_labels(path):
    strips, offsets, labels, _ = packed()
    write(path.parent, strips, offsets, np.concatenate([labels, labels]))


def no_offsets(path):
    strips, _, labels, _ = packed()
    write(path.parent, strips, np.zeros(0, int), labels)


def float_images(path):
    np.savez(path, x_train=np.ones((3, 32, 32, 3)), y_train=np.arange(3))


def float_labels(path):
    np.savez(path, x_train=np.ones((3, 32, 32, 3), "uint8"), y_train=np.ones(3))


def no_images(path):
    np.savez(path, x_train=np.ones((0, 32, 32, 3), "uint8"), y_train=np.arange(0))


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        overwritten,
        overwritten_strip,
        cut_strips,
        strips_beyond_the_offsets,
        strips_out_of_order,
        too_few_labels,
        too_many_labels,
        no_offsets,
        float_images,
        float_labels,
        no_images,
    ],
)
def test_a_damaged_file_is_named(cifar10, damage):
    path = cifar10[0] / "cifar10.npz"
    damage(path)
    with pytest.raises(ValueError, match=str(path)):
        load("cifar10", cifar10[0])


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.npz"
    x = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype="uint8")
    np.savez(path, x_extra=x, y_extra=np.eye(6, 3, dtype="uint8"))
    images, labels = load_npz(path, "extra")
    np.testing.assert_array_equal(images, x[..., None])
    np.testing.assert_array_equal(labels, np.eye(6, 3))
    assert labels.dtype == np.int64
    batches = load_npz(path, "extra", "batches", batch_size=6, seed=1)
    images, _ = batches[0]
    assert images.shape == (6, 5, 4, 1)
    assert sorted(images.sum((1, 2, 3))) == pytest.approx(
        sorted((x / 127.5 - 1).sum((1, 2))), abs=1e-4
    )
    with pytest.raises(ValueError, match=rf"{path} .* x_train"):
        load_npz(path)
    with pytest.raises(FileNotFoundError, match=r"no file .*other.npz"):
        load_npz(tmp_path / "other.npz")


def test_checksum(tmp_path, data_dir):
    assert checksum(data_dir / "mnist.npz").known.startswith("mnist.npz")
    path = tmp_path / "mnist.npz"
    data = bytearray((data_dir / "mnist.npz").read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert checksum(path).known is None
    assert len(checksum(path).sha256) == 64
    with pytest.raises(FileNotFoundError):
        checksum(tmp_path / "none")


def test_the_real_cifar10(data_dir):
    """Means, deviations and counts as published."""
    images, labels = load("cifar10", data_dir)
    assert images.shape == (50_000, 32, 32, 3)
    assert np.bincount(labels).tolist() == [5000] * 10
    counts = np.array([np.bincount(images[..., i].ravel()) for i in range(3)])
    share, values = counts / counts.sum(axis=1, keepdims=True), np.arange(256)
    mean = share @ values
    deviation = np.sqrt(share @ values**2 - mean**2)
    np.testing.assert_allclose(mean, [125.307, 122.950, 113.865], atol=0.002)
    np.testing.assert_allclose(deviation, [62.993, 62.089, 66.705], atol=0.002)
