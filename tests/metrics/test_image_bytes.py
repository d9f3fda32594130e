import pathlib

import keras
import numpy as np
import pytest
from keras import ops

from keras_mdgan.datasets import ShuffledBatches, to_unit_range
from keras_mdgan.metrics.image_bytes import byte_batches, to_bytes

LEVELS = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (10, 4, 5, 3)).astype("uint8")


@pytest.fixture
def channels_first():
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format(before)


def test_every_level_survives():
    for kind in ("float32", "float64"):
        np.testing.assert_array_equal(
            to_bytes(to_unit_range(LEVELS).astype(kind)), LEVELS, strict=True
        )
    assert to_bytes(LEVELS) is LEVELS


def test_values_decide_nothing():
    dark = np.full((2, 3, 3, 1), 3, "uint8")
    dark[0, 0, 0] = 5
    np.testing.assert_array_equal(to_bytes(dark), dark)
    faint = np.full((2, 3, 3, 1), -0.02, "float32")
    np.testing.assert_array_equal(to_bytes(faint), 125)


def test_floats_are_rounded_to_the_nearest_level():
    # Levels are 2 / 255 apart, the first at -1.
    values = -1 + 2 / 255 * np.array([0.0, 0.4, 0.6, 1.0, 254.4, 255.0])
    found = to_bytes(values.reshape(1, 1, 6, 1)).ravel()
    assert found.tolist() == [0, 0, 1, 1, 254, 255]
    assert to_bytes(np.full((1, 1, 1, 1), 1.0005)).item() == 255
    assert to_bytes(np.full((1, 1, 1, 1), -1.0005)).item() == 0


def test_tensors_and_half_precision():
    images = to_unit_range(IMAGES)
    np.testing.assert_array_equal(to_bytes(ops.convert_to_tensor(images)), IMAGES)
    for kind in ("float16", "bfloat16"):
        half = ops.cast(images, kind)
        wanted = ops.convert_to_numpy(ops.cast(half, "float32"))
        np.testing.assert_array_equal(to_bytes(half), to_bytes(wanted))


def test_channels_first(channels_first):
    moved = np.moveaxis(IMAGES, -1, 1)
    np.testing.assert_array_equal(to_bytes(moved), IMAGES)
    np.testing.assert_array_equal(to_bytes(to_unit_range(moved)), IMAGES)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[0], r"\(n, height, width, channels\).*\(4, 5, 3\)"),
        (IMAGES[:0], r"shape \(0, 4, 5, 3\)"),
        (IMAGES.astype("int64"), r"uint8 in \[0, 255\] or float.*int64"),
        (IMAGES / 255 * 2, r"in \[-1, 1\]. Received: 0.0 to 2.0"),
        (IMAGES.astype("float32"), r"in \[-1, 1\]. Received: .* to 25"),
        (np.full((1, 2, 2, 1), -1.01), r"in \[-1, 1\]. Received: -1.01"),
        (np.full((1, 2, 2, 1), np.nan), r"in \[-1, 1\]. Received: nan"),
    ],
)
def test_wrong_images(images, message):
    with pytest.raises(ValueError, match=message):
        to_bytes(images)


@pytest.mark.parametrize("batch_size", [1, 3, 5, 10, 64])
@pytest.mark.parametrize(
    "given",
    [
        IMAGES,
        to_unit_range(IMAGES),
        [IMAGES[:4], IMAGES[4:5], IMAGES[5:]],
        (IMAGES[:7], to_unit_range(IMAGES[7:])),
        ShuffledBatches(IMAGES, batch_size=5, shuffle=False),
        ShuffledBatches(IMAGES, np.arange(10), batch_size=2, shuffle=False),
    ],
    ids=["bytes", "floats", "list", "mixed", "batches", "labelled"],
)
def test_batches_have_one_size(given, batch_size):
    parts = list(byte_batches(given, batch_size))
    sizes = [len(part) for part in parts]
    assert sizes[:-1] == [batch_size] * (10 // batch_size - (10 % batch_size == 0))
    np.testing.assert_array_equal(np.concatenate(parts), IMAGES, strict=True)


def test_generators_are_read_as_they_are_needed():
    served = []

    def stream():
        for index in range(100):
            served.append(index)
            yield IMAGES[:2]

    batches = byte_batches(stream(), 4)
    next(batches), next(batches)
    assert len(served) <= 5


def test_memory_mapped_images(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    np.testing.assert_array_equal(np.concatenate(list(byte_batches(mapped, 4))), IMAGES)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([], "`images` is empty"),
        ("mnist", "must be arrays and not names of files.* Received: 'mnist'"),
        (["a.png", "b.png"], r"image_folder\(folder, size\).* Received: 'a.png'"),
        ([pathlib.Path("a.png")], "not names of files.* Received: 'a.png'"),
        (pathlib.Path("a.png"), "not names of files.* Received: 'a.png'"),
        (3, "must be an array .* Received: 3"),
        ([IMAGES, IMAGES[:, :3]], r"one shape.*\(4, 5, 3\) and \(3, 5, 3\)"),
        ([IMAGES[:4], IMAGES[:, :3]], r"one shape.*\(4, 5, 3\) and \(3, 5, 3\)"),
        (IMAGES[:0], r"shape \(0, 4, 5, 3\)"),
    ],
)
def test_wrong_iterables(images, message):
    with pytest.raises(ValueError, match=message):
        list(byte_batches(images, 4))


def test_images_that_seem_to_be_in_the_unit_interval():
    with pytest.warns(UserWarning, match=r"are these in \[0, 1\]"):
        list(byte_batches(IMAGES / 255, 4))
    list(byte_batches(np.maximum(IMAGES, 200), 4))  # bright bytes are no doubt
