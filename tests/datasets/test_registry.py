"""The registry: one entry a data set, and no other place that knows its name."""

import ast
import pathlib

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS, ImageSet, PointSet, dataset

PACKAGE = pathlib.Path(km.__file__).parent


def test_every_entry_says_what_the_package_asks():
    assert list(DATASETS) == [
        "grid",
        "ring",
        "synthetic_1200d",
        "mnist",
        "fashion_mnist",
        "cifar10",
        "celeba",
        "stacked_mnist",
    ]
    for name, entry in DATASETS.items():
        assert entry.name == name
        assert entry.kind in ("points", "images", "stacked")
        assert isinstance(entry, PointSet if entry.kind == "points" else ImageSet)
        assert entry.n_points > 1000
        assert entry.source
        assert all(isinstance(side, int) for side in entry.shape)


@pytest.mark.parametrize("name", ["grid", "ring"])
def test_points_are_those_of_their_function(name):
    entry, made = DATASETS[name], getattr(km.datasets, name)()
    np.testing.assert_array_equal(entry.make().centers, made.centers)
    batches = entry.as_dataset(100, batch_size=20, seed=3)
    np.testing.assert_array_equal(batches.x, made.sample(100, seed=3))
    assert np.abs(batches.x).max() < entry.output_range


def test_of_1200_dimensions_one_copy_is_made():
    entry = DATASETS["synthetic_1200d"]
    assert entry.make() is entry.make()
    assert entry.make().centers.shape == (10, entry.dim)


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


def test_stacked_mnist_draws_as_many_as_asked(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    entry = dataset("stacked_mnist")
    images, labels = entry.as_dataset(60, batch_size=20, seed=0)[0]
    assert (images.shape, labels.shape) == ((20, 28, 28, 3), (20,))
    assert entry.test_images().shape == (10_000, 28, 28, 3)


def test_an_option_is_refused_with_the_name_that_takes_it(tmp_path):
    write(tmp_path)
    with pytest.raises(ValueError, match=r"`crop` is for 'celeba' only.*crop=3"):
        dataset("mnist").load(tmp_path, crop=3)


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'fashion_mnist'"):
        dataset("fashion-mnist")


def test_no_code_asks_for_a_name():
    """`if name == "celeba"` belongs into CelebA's own class."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                compared = [node.left, *node.comparators]
                names = [c.value for c in compared if isinstance(c, ast.Constant)]
                found += [(path.name, n) for n in names if n in DATASETS]
    assert found == []
