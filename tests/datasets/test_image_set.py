"""An `ImageSet`: what it loads, refuses and says, and a new one in its own class."""

import dataclasses

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS, ImageSet, dataset, tfds_copy


def write(folder, name="mnist", n=12):
    x = np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype("uint8")
    y = np.arange(n) % 10
    np.savez(folder / f"{name}.npz", x_train=x, y_train=y, x_test=x[:5], y_test=y[:5])
    return x


def test_images_come_as_batches_for_fit(tmp_path, monkeypatch):
    x = write(tmp_path)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    entry = dataset("mnist")
    batches = entry.as_dataset(8, batch_size=8, seed=0)
    found = np.sort(batches[0].ravel())
    np.testing.assert_allclose(found, np.sort(x[:8].ravel() / 127.5 - 1), atol=1e-6)
    assert entry.test_images().shape == (5, 28, 28, 1)


def test_channels_come_first_if_keras_says_so(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    last = dataset("stacked_mnist").load(split="test")[0]
    keras.config.set_image_data_format("channels_first")
    try:
        assert dataset("mnist").as_dataset(8, batch_size=4)[0].shape == (4, 1, 28, 28)
        assert dataset("mnist").test_images().shape == (5, 1, 28, 28)
        assert dataset("stacked_mnist").test_images().shape[1:] == (3, 28, 28)
        np.testing.assert_array_equal(
            dataset("stacked_mnist").load(split="test")[0], last
        )
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("n", [0, -3, 8.0, True])
def test_the_number_of_images_is_checked(n):
    with pytest.raises(ValueError, match="`n` must be an integer >= 1"):
        dataset("mnist").as_dataset(n, batch_size=4)


def test_stacked_mnist_draws_as_many_as_asked(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    entry = dataset("stacked_mnist")
    images, labels = entry.as_dataset(60, batch_size=20, seed=0)[0]
    assert (images.shape, labels.shape) == ((20, 28, 28, 3), (20,))
    assert entry.test_images().shape == (10_000, 28, 28, 3)
    images, labels = entry.load(split="test")
    np.testing.assert_array_equal(images, entry.test_images())
    np.testing.assert_array_equal(
        labels, km.datasets.stacked_mnist(10_000, split="test").labels
    )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mnist", {"crop": 3}, "`crop` is for 'celeba' only.*crop=3 with name='mnist'"),
        ("stacked_mnist", {"size": 32}, "`size` is for 'celeba' only"),
        ("celeba", {"colour": 1}, "`colour` is not an option. Received: colour=1"),
        ("mnist", {"split": "trian"}, "`split`.*Did you mean 'train'"),
        ("stacked_mnist", {"split": "valid"}, "`split`"),
        ("celeba", {"split": "tset"}, "`split`.*Did you mean 'test'"),
    ],
)
def test_wrong_arguments_of_load(tmp_path, name, options, message):
    write(tmp_path)
    with pytest.raises(ValueError, match=message):
        dataset(name).load(tmp_path, **options)


def test_damage_in_a_download_is_not_called_missing(tmp_path, monkeypatch):
    """A copy of TFDS that is there and damaged: downloading again would not help."""
    (tmp_path / "copy").mkdir()
    monkeypatch.delenv("KERAS_MDGAN_DATA", raising=False)
    monkeypatch.setattr(tfds_copy, "prepared_copy", lambda name: tmp_path / "copy")

    def damaged(path, *_):
        raise ValueError(f"{path} is damaged")

    monkeypatch.setattr(tfds_copy, "read_celeba_copy", damaged)
    with pytest.raises(ValueError, match="copy is damaged"):
        km.datasets.load("celeba")


# What 0.1.0 said, word for word; FOLDER is where it looked.
MISSING = {
    "mnist": "The data set 'mnist' was not found. Looked at FOLDER/mnist.npz and "
    "FOLDER/mnist. Put mnist.npz (arrays x_train, y_train, x_test, y_test), or a copy "
    "of TensorFlow Datasets, into a folder and pass it as `data_dir` or name it in "
    "KERAS_MDGAN_DATA; or, with a network, call keras.datasets.mnist.load_data() once.",
    "celeba": "The data set 'celeba' was not found. Looked at FOLDER/img_align_celeba "
    "and FOLDER/celeb_a. Put img_align_celeba with list_eval_partition.txt and "
    "list_attr_celeba.txt, or a copy of TensorFlow Datasets, into a folder and pass it "
    "as `data_dir` or name it in KERAS_MDGAN_DATA; or, with a network, call "
    "tensorflow_datasets.load('celeb_a') once.",
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_data_are_described_as_before(tmp_path, name):
    with pytest.raises(FileNotFoundError) as error:
        km.datasets.load(name, tmp_path)
    assert str(error.value) == MISSING[name].replace("FOLDER", str(tmp_path))


def test_missing_data_of_ones_own_promise_no_download(monkeypatch):
    """Neither Keras nor TFDS knows them."""
    monkeypatch.delenv("KERAS_MDGAN_DATA", raising=False)
    shapes = ImageSet(name="shapes", shape=(8, 8, 1), n_points=40, source="Drawn here")
    with pytest.raises(FileNotFoundError, match=r"Put shapes\.npz") as error:
        shapes.load()
    assert "keras.datasets" not in str(error.value)
    assert "TensorFlow" not in str(error.value)


@dataclasses.dataclass(frozen=True)
class Shapes(ImageSet):
    """Black or white images, made and not read: a data set with an option."""

    option_names = ("level",)

    def options(self, level=0):
        return {"level": level}

    def in_folder(self, folder, split, level):
        return np.full((40, *self.shape), level, "uint8"), np.arange(40) % 4


def test_a_new_subclass_needs_its_row_alone(tmp_path, monkeypatch):
    shapes = Shapes(name="shapes", shape=(8, 8, 1), n_points=40, source="Made (CC0)")
    monkeypatch.setitem(DATASETS, "shapes", shapes)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    assert km.datasets.load("shapes")[0].shape == (40, 8, 8, 1)
    assert dataset("shapes").load(level=255)[0].min() == 255
    assert shapes.as_dataset(20, batch_size=10)[0].shape == (10, 8, 8, 1)
    with pytest.raises(ValueError, match="`level` is for 'shapes' only"):
        dataset("mnist").load(level=255)
