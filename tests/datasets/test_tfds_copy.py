import subprocess
import sys

import numpy as np
import pytest

from keras_mdgan.datasets import CELEBA_ATTRIBUTES, load, tfds_copy

pytestmark = pytest.mark.host

pytest.importorskip("tensorflow_datasets")
N = {"train": 30, "test": 7}


def write_copy(name, folder, examples):
    """What TFDS prepares after a download, with examples of our own."""
    import tensorflow_datasets as tfds

    class Local(tfds.builder_cls(name), skip_registration=True):
        def _split_generators(self, manager):
            return {split: self._generate_examples(split) for split in examples}

        def _generate_examples(self, split):
            yield from enumerate(examples[split])

    Local.name = name
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    Local(data_dir=folder).download_and_prepare(download_config=config)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    examples = {
        split: [
            {"image": np.full((28, 28, 1), 8 * i, "uint8"), "label": i % 10}
            for i in range(n)
        ]
        for split, n in N.items()
    }
    write_copy("mnist", folder, examples)
    return folder


@pytest.fixture
def copy(whole, tmp_path):
    """The same, to damage."""
    path = tmp_path / "data" / "mnist" / "3.0.1"
    path.mkdir(parents=True)
    for file in (whole / "mnist" / "3.0.1").iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    return path


@pytest.mark.parametrize("split", ["train", "test"])
def test_mnist(whole, split):
    images, labels = load("mnist", whole, split)
    assert (images.shape, images.dtype) == ((N[split], 28, 28, 1), np.uint8)
    assert labels.dtype == np.int64
    numbers = images[:, 0, 0, 0] // 8
    assert sorted(numbers) == list(range(N[split]))
    assert (images == 8 * numbers[:, None, None, None]).all()
    np.testing.assert_array_equal(labels, numbers % 10)


def test_an_npz_file_comes_first(whole, copy):
    data_dir = copy.parents[1]
    x, y = np.zeros((2, 28, 28), "uint8"), np.arange(2)
    np.savez(data_dir / "mnist.npz", x_train=x, y_train=y)
    assert len(load("mnist", data_dir)[0]) == 2


def test_the_newest_version_is_read(copy):
    for version in ("1.0.0", "3.0.0", "2.10.0", "incomplete.3.0.2", "notes"):
        (copy.parent / version).mkdir()
    assert tfds_copy.find_copy(copy.parents[1], "mnist") == copy
    for version in ("3.0.9", "3.0.10"):
        (copy.parent / version).mkdir()
    assert tfds_copy.find_copy(copy.parents[1], "mnist").name == "3.0.10"
    assert tfds_copy.find_copy(copy.parents[1], "cifar10") is None


def records(path):
    return path / "mnist-train.tfrecord-00000-of-00001"


def overwritten(path):
    data = bytearray(records(path).read_bytes())
    data[len(data) // 2] ^= 1
    records(path).write_bytes(data)


def cut_within_a_record(path):
    records(path).write_bytes(records(path).read_bytes()[:-5])


def without_the_last_record(path):
    import tensorflow as tf

    kept = list(tf.data.TFRecordDataset(str(records(path))).as_numpy_iterator())[:-1]
    with tf.io.TFRecordWriter(str(records(path))) as writer:
        for record in kept:
            writer.write(record)


def another_record(path):
    import tensorflow as tf

    with tf.io.TFRecordWriter(str(records(path))) as writer:
        writer.write(b"no example")


def without_records(path):
    records(path).unlink()


def without_features(path):
    (path / "features.json").unlink()


def overwritten_features(path):
    (path / "features.json").write_text("{")


def without_information(path):
    (path / "dataset_info.json").unlink()


def overwritten_information(path):
    (path / "dataset_info.json").write_text("no JSON")


@pytest.mark.parametrize(
    "damage",
    [
        overwritten,
        cut_within_a_record,
        without_the_last_record,
        another_record,
        without_records,
        without_features,
        overwritten_features,
        without_information,
        overwritten_information,
    ],
)
def test_a_damaged_copy_is_named(copy, damage):
    damage(copy)
    with pytest.raises(ValueError, match=str(copy)):
        load("mnist", copy.parents[1])


def test_celeba(celeba_folder, tmp_path):
    """The same images and attributes as the authors' files give."""
    root, attributes = celeba_folder
    files = sorted((root / "img_align_celeba").iterdir())
    marks = ["lefteye", "righteye", "nose", "leftmouth", "rightmouth"]
    examples = [
        {
            "image": str(file),
            "attributes": dict(zip(CELEBA_ATTRIBUTES, row.astype(bool))),
            "landmarks": {f"{mark}_{axis}": 0 for mark in marks for axis in "xy"},
            "identity": {"Identity_No": 1},
        }
        for file, row in zip(files, attributes)
    ]
    codes = [0, 0, 1, 0, 2, 2, 0, 1, 0, 0]
    splits = {
        name: [example for example, code in zip(examples, codes) if code == number]
        for number, name in enumerate(["train", "validation", "test"])
    }
    write_copy("celeb_a", tmp_path / "copy", splits)
    for split in ("train", "valid"):
        images, labels = load("celeba", tmp_path / "copy", split)
        expected, of_lists = load("celeba", root, split)
        order = [row.tolist() for row in labels]
        order = [order.index(row.tolist()) for row in of_lists]
        assert sorted(order) == list(range(len(expected)))
        np.testing.assert_array_equal(labels[order], of_lists)
        np.testing.assert_array_equal(images[order], expected)
    kept = tmp_path / "copy" / ".keras_mdgan"
    assert len(list(kept.iterdir())) == 4
    before = {file: file.stat().st_mtime_ns for file in kept.iterdir()}
    again, _ = load("celeba", tmp_path / "copy", "valid")
    np.testing.assert_array_equal(again, images)
    assert before == {file: file.stat().st_mtime_ns for file in kept.iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_copies_of_the_real_data(data_dir, tmp_path, name):
    """Every image and label is that of the `.npz` file."""
    script = data_dir / "make_tfds.py"
    if not script.is_file():
        pytest.skip("the folder of real data has no make_tfds.py")
    subprocess.run(
        [sys.executable, script, "--data_dir", tmp_path, name], check=True, timeout=600
    )
    for split in ("train", "test"):
        mine, theirs = load(name, tmp_path, split), load(name, data_dir, split)
        mine, theirs = (sorted(rows(*part)) for part in (mine, theirs))
        assert mine == theirs


def rows(images, labels):
    return [image.tobytes() + bytes([label]) for image, label in zip(images, labels)]
