import urllib.error

import keras
import numpy as np
import pytest
from PIL import Image

from keras_mdgan.datasets import CELEBA_ATTRIBUTES, decoding, load
from keras_mdgan.datasets.tfds_copy import prepared_copy

pytestmark = pytest.mark.host


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_splits_and_attributes(celeba_folder, split):
    root, attributes = celeba_folder
    images, labels = load("celeba", root, split)
    codes = np.array([0, 0, 1, 0, 2, 2, 0, 1, 0, 0])
    chosen = codes == ("train", "valid", "test").index(split)
    assert (images.shape, images.dtype) == ((chosen.sum(), 64, 64, 3), np.uint8)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, attributes[chosen])
    files = [f"{i + 1:06}.jpg" for i in np.flatnonzero(chosen)]
    for image, name in zip(images, files):
        np.testing.assert_array_equal(image, by_pillow(root, name))


def by_pillow(root, name, crop=160, size=64):
    with Image.open(root / "img_align_celeba" / name) as image:
        left, top = (178 - crop) // 2, (218 - crop) // 2
        box = (left, top, left + crop, top + crop)
        return np.asarray(image.crop(box).resize((size, size), Image.BILINEAR))


def test_crop_and_size(celeba_folder):
    root, _ = celeba_folder
    images, _ = load("celeba", root, "test", crop=108, size=32)
    np.testing.assert_array_equal(images[0], by_pillow(root, "000005.jpg", 108, 32))
    assert load("celeba", root, "test", crop=108)[0].shape == (2, 64, 64, 3)
    with pytest.raises(ValueError, match=r"`crop`.*crop=179 and .*000005.jpg of 178"):
        load("celeba", root, "test", crop=179)


def test_decoded_once(celeba_folder, monkeypatch):
    root, _ = celeba_folder
    first, _ = load("celeba", root)
    assert isinstance(first, np.memmap)
    assert not first.flags.writeable
    assert len(list((root / ".keras_mdgan").iterdir())) == 1
    with monkeypatch.context() as patched:
        patched.setattr(decoding, "decode", None)
        again, _ = load("celeba", root)
        np.testing.assert_array_equal(first, again)
    Image.new("RGB", (178, 218), "blue").save(root / "img_align_celeba" / "000001.jpg")
    changed, _ = load("celeba", root)
    assert not np.array_equal(changed[0], again[0])
    np.testing.assert_array_equal(changed[1:], again[1:])


def test_the_authors_archive(celeba_folder, tmp_path):
    root, attributes = celeba_folder
    archive = tmp_path / "archive" / "celeba"
    for name, folder in (
        ("img_align_celeba", "Img"),
        ("list_eval_partition.txt", "Eval"),
        ("list_attr_celeba.txt", "Anno"),
    ):
        (archive / folder).mkdir(parents=True)
        (root / name).rename(archive / folder / name)
    images, labels = load("celeba", archive.parent, "test")
    np.testing.assert_array_equal(labels, attributes[[4, 5]])
    assert images.shape == (2, 64, 64, 3)


def truncated_image(root):
    path = root / "img_align_celeba" / "000004.jpg"
    path.write_bytes(path.read_bytes()[:2000])
    return ValueError, "000004.jpg is damaged"


def text_for_image(root):
    (root / "img_align_celeba" / "000004.jpg").write_text("no image")
    return ValueError, "000004.jpg is damaged"


def missing_image(root):
    (root / "img_align_celeba" / "000004.jpg").unlink()
    return FileNotFoundError, "1 of 6 images.*000004.jpg"


def missing_partition(root):
    (root / "list_eval_partition.txt").unlink()
    return FileNotFoundError, "list_eval_partition.txt, which is not there"


def missing_attributes(root):
    (root / "list_attr_celeba.txt").unlink()
    return FileNotFoundError, "list_attr_celeba.txt, which is not there"


def bad_partition(root):
    (root / "list_eval_partition.txt").write_text("000001.jpg 0\n000002.jpg\n")
    return ValueError, "list_eval_partition.txt must have 2 words.*'000002.jpg'"


def cut_attributes(root):
    path = root / "list_attr_celeba.txt"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    return ValueError, "list_attr_celeba.txt and .* same images"


def other_attributes(root):
    path = root / "list_attr_celeba.txt"
    path.write_text(path.read_text().replace("Bald", "Bold"))
    return ValueError, "list_attr_celeba.txt must have the 40 attributes"


def overwritten_attributes(root):
    path = root / "list_attr_celeba.txt"
    data = path.read_bytes()
    path.write_bytes(data[:-40] + bytes([200] * 20) + data[-20:])
    return ValueError, "list_attr_celeba.txt is damaged"


def other_values(root):
    path = root / "list_attr_celeba.txt"
    path.write_text(path.read_text().replace(" -1", "  0"))
    return ValueError, "list_attr_celeba.txt must hold 1 and -1"


def no_such_split(root):
    path = root / "list_eval_partition.txt"
    path.write_text(path.read_text().replace(" 0\n", " 1\n"))
    return ValueError, "no image of the split 'train'"


@pytest.mark.parametrize(
    "damage",
    [
        truncated_image,
        text_for_image,
        missing_image,
        missing_partition,
        missing_attributes,
        bad_partition,
        cut_attributes,
        other_attributes,
        overwritten_attributes,
        other_values,
        no_such_split,
    ],
)
def test_damage_is_named_and_leaves_no_half_file(celeba_folder, damage):
    root, _ = celeba_folder
    error, message = damage(root)
    with pytest.raises(error, match=message):
        load("celeba", root)
    assert not list(root.glob(".keras_mdgan/**/*.npy"))


def test_without_a_network_nothing_is_retried(tmp_path, monkeypatch):
    """TensorFlow Datasets would ask its server for minutes."""
    tfds = pytest.importorskip("tensorflow_datasets")

    def unreachable(url, timeout):
        assert timeout <= 10
        raise urllib.error.URLError("no network")

    def builder(name):
        raise AssertionError("TFDS is asked")

    monkeypatch.delenv("KERAS_MDGAN_DATA", raising=False)
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    monkeypatch.setattr(tfds, "builder", builder)
    with pytest.raises(FileNotFoundError, match=r"'celeba' was not found.*Put"):
        load("celeba")
    # A copy that is there is taken without a look at the network.
    (tmp_path / "celeb_a" / "2.1.0").mkdir(parents=True)
    assert prepared_copy("celeb_a") == tmp_path / "celeb_a" / "2.1.0"


def test_nowhere(tmp_path, monkeypatch):
    with pytest.raises(
        FileNotFoundError, match=rf"'celeba'.*Looked at {tmp_path}/img_align_celeba"
    ):
        load("celeba", tmp_path)
    monkeypatch.delenv("KERAS_MDGAN_DATA", raising=False)
    monkeypatch.setattr(
        "keras_mdgan.datasets.tfds_copy.prepared_copy", lambda name: 1 / 0
    )
    with pytest.raises(FileNotFoundError, match=r"not set.*tensorflow_datasets.load"):
        load("celeba")


def test_size_and_crop_are_for_celeba(tmp_path):
    with pytest.raises(ValueError, match=r"`crop` is for 'celeba' only.*crop=20"):
        load("mnist", tmp_path, crop=20)
    for arguments in ({"size": 0}, {"crop": 1.5}):
        with pytest.raises(ValueError, match=r"must be an integer >= 1"):
            load("celeba", tmp_path, **arguments)
    with pytest.raises(ValueError, match=r"`split`.*'valid'.*split='val'"):
        load("celeba", tmp_path, split="val")
    with pytest.raises(ValueError, match=r"`split`.*split='valid'"):
        load("mnist", tmp_path, split="valid")


def test_channels_first(celeba_folder):
    root, _ = celeba_folder
    last, _ = load("celeba", root, "test")
    keras.config.set_image_data_format("channels_first")
    try:
        first, _ = load("celeba", root, "test")
        batch, _ = load("celeba", root, "test", as_="batches", batch_size=2)[0]
    finally:
        keras.config.set_image_data_format("channels_last")
    assert batch.shape == (2, 3, 64, 64)
    np.testing.assert_array_equal(first, np.transpose(last, (0, 3, 1, 2)))


def test_attribute_names():
    assert len(set(CELEBA_ATTRIBUTES)) == 40
    assert CELEBA_ATTRIBUTES[20] == "Male"
