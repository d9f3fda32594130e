"""The registry: one entry a data set, and no other place that knows its name."""

import ast
import pathlib

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS, ImageSet, PointSet, dataset

PACKAGE = pathlib.Path(km.__file__).parent


# name: kind, shape, number of points, and what else that kind of data has.
FACTS = {
    "grid": ("points", (2,), 10_000, 6.0, 1.0),
    "ring": ("points", (2,), 10_000, 2.0, 3.0),
    "synthetic_1200d": ("points", (1200,), 20_000, None, 1.0),
    "mnist": ("images", (28, 28, 1), 60_000, 10, "mnist_classifier", True),
    "fashion_mnist": (
        "images",
        (28, 28, 1),
        60_000,
        10,
        "fashion_mnist_classifier",
        True,
    ),
    "cifar10": ("images", (32, 32, 3), 50_000, 10, "cifar10_classifier", True),
    "celeba": ("images", (64, 64, 3), 162_770, None, "inception", False),
    "stacked_mnist": ("stacked", (28, 28, 3), 128_000, 1000, "mnist_classifier", True),
}


def test_every_entry_says_what_the_package_asks():
    assert list(DATASETS) == list(FACTS)
    for name, entry in DATASETS.items():
        assert entry.name == name
        assert entry.source
        found = (entry.kind, entry.shape, entry.n_points)
        if entry.kind == "points":
            assert isinstance(entry, PointSet)
            found += (entry.output_range, entry.scale)
        else:
            assert isinstance(entry, ImageSet)
            found += (entry.n_classes, entry.extractor, entry.classified)
        assert found == FACTS[name]


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


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'fashion_mnist'"):
        dataset("fashion-mnist")


def names_asked_for(code):
    """Names of data sets that code compares with, or has as a `case`."""
    asking = (ast.Compare, ast.MatchValue)
    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, asking)]
    inner = [part for node in found for part in ast.walk(node)]
    constants = [part.value for part in inner if isinstance(part, ast.Constant)]
    return [value for value in constants if value in DATASETS]


@pytest.mark.parametrize(
    "code",
    [
        'name == "celeba"',
        '"celeba" != name',
        'name in ("celeba", other)',
        'name not in {"celeba"}',
        'match name:\n    case "celeba" | other: pass',
    ],
)
def test_asking_for_a_name_is_found(code):
    assert names_asked_for(code) == ["celeba"]


def test_no_code_asks_for_a_name():
    """`if name == "celeba"` belongs into CelebA's own class."""
    asked = {path: names_asked_for(path.read_text()) for path in PACKAGE.rglob("*.py")}
    assert {path.name: names for path, names in asked.items() if names} == {}
