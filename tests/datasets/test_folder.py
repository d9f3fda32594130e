import os

import numpy as np
import pytest
from PIL import Image

from keras_mdgan.datasets import image_folder
from keras_mdgan.datasets.cache import cached_array

pytestmark = pytest.mark.host


@pytest.fixture
def folder(tmp_path):
    """Two classes; the grey value of an image is its number in their order."""
    root, number = tmp_path / "shapes", 0
    for path in ("ducks/a.png", "ducks/more/b.webp", "ducks/z.PNG", "swans/0.jpg"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (30, 20), (60 * number,) * 3)
        image.save(root / path, lossless=True, quality=100)
        number += 1
    (root / "swans" / "notes.txt").write_text("no image")
    (root / "swans" / "._0.jpg").write_text("a Mac was here")
    return root


def test_sub_folders_are_classes(folder):
    images, labels = image_folder(folder, size=10)
    assert (images.shape, images.dtype) == ((4, 10, 10, 3), np.uint8)
    assert labels.tolist() == [0, 0, 0, 1]
    assert labels.dtype == np.int64
    assert images[:, 0, 0, 0].tolist() == pytest.approx([0, 60, 120, 180], abs=1)


def test_one_folder_of_images(folder):
    images, labels = image_folder(folder / "swans", size=8, crop=4, channels=1)
    assert images.shape == (1, 8, 8, 1)
    assert labels.tolist() == [0]


def test_as_batches(folder):
    batches = image_folder(folder, size=10, as_="batches", batch_size=4, seed=1)
    images, labels = batches[0]
    assert images.dtype == np.float32
    assert sorted(labels.tolist()) == [0, 0, 0, 1]
    assert images[labels == 1].mean() == pytest.approx(180 / 127.5 - 1, abs=0.01)


def test_a_changed_folder_is_decoded_anew(folder):
    assert len(image_folder(folder, size=10)[0]) == 4
    (folder / "ducks" / "a.png").unlink()
    images, labels = image_folder(folder, size=10)
    assert len(images) == 3
    assert labels.tolist() == [0, 0, 1]


def test_a_cache_that_is_not_whole_is_made_anew(folder):
    images, _ = image_folder(folder, size=10)
    expected = np.array(images)
    (path,) = (folder / ".keras_mdgan").iterdir()
    for damage in (b"", path.read_bytes()[:-1], b"no array"):
        path.write_bytes(damage)
        np.testing.assert_array_equal(image_folder(folder, size=10)[0], expected)


def test_a_folder_that_cannot_be_written_to(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK and access(path, mode)
    )
    assert len(image_folder(folder, size=10)[0]) == 4
    assert not (folder / ".keras_mdgan").exists()
    assert len(list((tmp_path / "home" / "keras_mdgan").rglob("*.npy"))) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_interrupted_it_leaves_nothing(tmp_path, error):
    def blocks():
        yield np.zeros((2, 3), "uint8")
        raise error

    with pytest.raises(error):
        cached_array(tmp_path / "x.npy", (4, 3), "uint8", blocks)
    assert not list(tmp_path.iterdir())


def test_another_array_of_that_name_is_made_anew(tmp_path):
    path, x = tmp_path / "x.npy", np.arange(6).reshape(2, 3)
    for other in (x.T, x.astype("uint8"), x[:1]):
        np.save(path, other)
        found = cached_array(path, (2, 3), "int64", lambda: [x[:1], x[1:]])
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, x)


def test_blocks_that_do_not_fit(tmp_path):
    for block in (np.zeros((3, 3)), np.zeros((4, 2))):
        with pytest.raises(ValueError, match=r"array"):
            cached_array(tmp_path / "x.npy", (4, 3), "uint8", lambda: [block])  # noqa: B023
    assert not list(tmp_path.iterdir())


def test_errors(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere"):
        image_folder(tmp_path / "nowhere", size=8)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no .jpg/.jpeg/.png/.webp file in .*"):
        image_folder(tmp_path / "empty", size=8)
    with pytest.raises(ValueError, match=r"`size` must be an integer >= 1"):
        image_folder(folder, size=0)
    with pytest.raises(ValueError, match=r"`crop` must fit.*a.png of 30 x 20"):
        image_folder(folder, size=8, crop=21)
    with pytest.raises(ValueError, match=r"`channels` must be 1 or 3"):
        image_folder(folder, size=8, channels=4)
    (folder / "geese").mkdir()
    with pytest.raises(ValueError, match=r"no .* file in .*geese"):
        image_folder(folder, size=8)
    (folder / "geese").rmdir()
    Image.new("RGB", (9, 9)).save(folder / "lost.png")
    with pytest.raises(ValueError, match=r"both, such as lost.png and ducks/"):
        image_folder(folder, size=8)


def test_a_damaged_image_is_named(folder):
    path = folder / "ducks" / "more" / "b.webp"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ValueError, match=rf"{path} is damaged"):
        image_folder(folder, size=8)
