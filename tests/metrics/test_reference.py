import warnings

import numpy as np
import pytest

from keras_mdgan import datasets
from keras_mdgan.metrics import extractor, frechet_statistics, reference_statistics
from keras_mdgan.metrics.reference import DATA_VARIABLE


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of other data than MNIST under its name."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    return write(tmp_path / "data", seed=0)


def write(folder, seed):
    generator = np.random.default_rng(seed)
    arrays = {}
    for split, n in (("train", 9), ("test", 7)):
        images = generator.integers(0, 256, (n, 28, 28))
        arrays |= {f"x_{split}": images.astype("uint8"), f"y_{split}": np.arange(n)}
    folder.mkdir()
    np.savez(folder / "mnist.npz", **arrays)
    return folder


class Counted:
    """Means of rows, and how many images were asked for."""

    def __init__(self):
        self.n = 0

    def __call__(self, images):
        self.n += len(images)
        return images.mean((2, 3))


def same(found, wanted):
    np.testing.assert_allclose(found.mean, wanted.mean, rtol=1e-12)
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-12)
    assert (found.n, found.source) == (wanted.n, wanted.source)


def test_what_is_computed_and_what_is_read(folder, tmp_path):
    counted = Counted()
    rows = extractor(counted, name="rows", version="1")
    first = reference_statistics("mnist", "test", rows, data_dir=folder)
    images, _ = datasets.load("mnist", data_dir=folder, split="test")
    same(first, frechet_statistics(rows.features(images, "mnist/test")))
    assert (first.n, first.source.data) == (7, "mnist/test")
    asked = counted.n
    same(reference_statistics("mnist", "test", rows, data_dir=folder), first)
    assert counted.n == asked
    (kept,) = (tmp_path / "home" / "keras_mdgan" / "statistics").iterdir()
    assert kept.name.startswith("mnist-test-rows_1-")
    other = reference_statistics(
        "mnist", "test", rows, data_dir=folder, cache_dir=tmp_path / "other"
    )
    assert counted.n > asked
    same(other, first)


def test_other_splits_versions_and_folders_are_kept_apart(folder, tmp_path):
    elsewhere = write(tmp_path / "elsewhere", seed=1)

    def statistics(split="test", version="1", data_dir=folder):
        rows = extractor(
            lambda x: x.mean((2, 3)) + int(version), name="rows", version=version
        )
        return reference_statistics("mnist", split, rows, data_dir=data_dir)

    first = statistics()
    assert statistics("train").n == 9
    assert statistics(version="2").mean == pytest.approx(first.mean + 1, abs=1e-5)
    assert not np.allclose(statistics(data_dir=elsewhere).mean, first.mean)
    same(statistics(), first)


def test_the_folder_of_the_environment_is_one_too(folder, tmp_path, monkeypatch):
    rows = extractor(lambda x: x.mean((2, 3)), name="rows", version="1")
    monkeypatch.setenv(DATA_VARIABLE, str(write(tmp_path / "elsewhere", seed=1)))
    other = reference_statistics("mnist", "test", rows)
    monkeypatch.setenv(DATA_VARIABLE, str(folder))
    assert not np.allclose(reference_statistics("mnist", "test", rows).mean, other.mean)


def test_functions_without_a_version_are_not_kept(folder, tmp_path):
    for shift in (0.0, 1.0):
        rows = extractor(lambda x, shift=shift: x.mean((2, 3)) + shift, name="rows")
        found = reference_statistics("mnist", "test", rows, data_dir=folder)
        assert found.mean.mean() == pytest.approx(shift, abs=0.1)
    assert not (tmp_path / "home").exists()


def test_a_damaged_file_is_made_anew(folder, tmp_path):
    rows = extractor(Counted(), name="rows", version="1")
    first = reference_statistics("mnist", "test", rows, data_dir=folder)
    (kept,) = (tmp_path / "home" / "keras_mdgan" / "statistics").iterdir()
    whole = kept.read_bytes()
    for damage in (b"", b"nothing", whole[: len(whole) // 2]):
        kept.write_bytes(damage)
        with pytest.warns(UserWarning, match=rf"{kept.name} is damaged.*anew"):
            again = reference_statistics("mnist", "test", rows, data_dir=folder)
        same(again, first)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            same(reference_statistics("mnist", "test", rows, data_dir=folder), first)
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_wrong_names(folder):
    with pytest.raises(ValueError, match="`name` must be one of"):
        reference_statistics("mnits", "test", "mnist_classifier", data_dir=folder)
    with pytest.raises(ValueError, match="`extractor` must be one of"):
        reference_statistics("mnist", "test", "classifier", data_dir=folder)
