"""The journeys of `docs/contributing.md` work as they stand there."""

import pathlib
import re
import sys
import types

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan import recipes
from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.experiments import Run, image_measures, measures, train
from keras_mdgan.recipes import methods
from support import battery

TEXT = (pathlib.Path(__file__).parents[1] / "docs/contributing.md").read_text()


def blocks_of(title):
    """The files and rows of a section. A row that ends in a comma is no Python."""
    section = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    (found,) = [part for part in section if part.startswith(title + "\n")]
    return re.findall(r"```(?:python|text)\n(.*?)```", found, re.DOTALL)


def module_of(code, monkeypatch):
    """A file's code as a module, registered so that what it defines can be saved."""
    module = types.ModuleType("new_file")
    monkeypatch.setitem(sys.modules, "new_file", module)
    exec(compile(code, "docs/contributing.md", "exec"), vars(module))
    return module


def row_of(code, names):
    """A row of a dictionary, as it would stand among the others."""
    return eval("{" + code + "}", dict(names))


def a_gan(title, name, monkeypatch):
    """The model class and its two rows, as the journey adds them."""
    model, battery_row, recipe_row = blocks_of(title)
    cls = getattr(module_of(model, monkeypatch), name)
    monkeypatch.setattr(km, name, cls, raising=False)
    (row,) = row_of(battery_row, vars(battery)).values()
    (key, method), *rest = row_of(recipe_row, vars(methods)).items()
    assert not rest
    monkeypatch.setitem(recipes.METHODS, key, method)
    return cls, row, key


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A GAN", "LeastSquaresGAN"),
        ("A conditional GAN", "AuxiliaryClassifierGAN"),
    ],
)
def test_a_new_gan(title, name, monkeypatch, tmp_path):
    cls, row, key = a_gan(title, name, monkeypatch)
    gan = row.make(seed=3)
    gan.compile()
    x, y = km.datasets.ring().sample_with_labels(40)
    data = (x, y) if cls.uses_labels else (x,)
    history = gan.fit(*data, batch_size=20, verbose=0).history
    assert set(history) == {"loss", *row.logs}
    assert all(np.isfinite(v).all() for v in history.values())
    gan.save(tmp_path / "gan.keras")
    loaded = km.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.sample(3, seed=0), gan.sample(3, seed=0))
    recipe = recipes.points("ring", key, steps=40)
    assert type(recipe.model) is cls
    assert "modes" in recipe.fit(verbose=0).history
    record = train(Run("ring", "plain", key, 0, steps=20), tmp_path, report=str)
    assert np.isfinite(record["logs"]["loss"])


def test_a_model_with_labels_needs_data_with_labels(monkeypatch):
    _, _, key = a_gan("A conditional GAN", "AuxiliaryClassifierGAN", monkeypatch)
    with pytest.raises(ValueError, match="`model` needs labels, and an array has none"):
        recipes.points(np.eye(2), key, steps=2)
    with pytest.raises(ValueError, match=r"`data` must be an array or \(x, y\).* 3 el"):
        recipes.points((np.eye(2), [0, 1], [1, 1]), key, steps=2)
    recipe = recipes.points((np.eye(2), [[0], [1]]), key, steps=2)
    assert recipe.model.n_classes == 2


def test_a_new_data_set(monkeypatch, tmp_path):
    code, row = blocks_of("A data set")
    names = vars(module_of(code, monkeypatch))
    (entry,) = eval("(" + row + ")", names)
    monkeypatch.setitem(DATASETS, entry.name, entry)
    x = np.random.default_rng(0).integers(0, 256, (200, 8, 8)).astype("uint8")
    y = np.arange(200) % 4
    np.savez(tmp_path / "shapes.npz", x_train=x, y_train=y, x_test=x[:9], y_test=y[:9])
    images, labels = km.datasets.load("shapes", tmp_path)
    np.testing.assert_array_equal(images[..., 0], x)
    np.testing.assert_array_equal(labels, y)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    recipe = recipes.images("shapes", "vanilla", steps=1)
    assert np.isfinite(recipe.fit(verbose=0).history["loss"]).all()
    assert "papers" in recipes.settings_of(entry)
    assert measures.of(entry).columns[0][0] == "frechet_distance"


def test_a_new_measure(monkeypatch):
    code, row = blocks_of("A measure")
    function = module_of(code, monkeypatch).mean_distance
    monkeypatch.setattr(km.metrics, "mean_distance", function, raising=False)
    (measure,) = eval("(" + row + ")", dict(vars(image_measures)))
    monkeypatch.setattr(image_measures, "MEASURES", (*image_measures.MEASURES, measure))
    of_mnist = measures.of(dataset("mnist"))
    assert ("mean_distance", "distance of means", 3) in of_mnist.columns
    extractor = km.metrics.extractor(lambda x: x.mean((1, 2)), name="mean", version="1")
    black, white = (np.full((6, 4, 4, 1), value, "uint8") for value in (0, 255))
    compared = image_measures.Compared(
        extractor.features(black), extractor.features(white), dataset("mnist")
    )
    assert measure.compute(compared) == pytest.approx(2.0)


def test_files_named_in_the_journeys_exist():
    root = pathlib.Path(__file__).parents[1]
    for path in re.findall(r"`((?:keras_mdgan|tests)/[\w/]+\.py)`", TEXT):
        new = path.split("/")[-1] in (
            "least_squares.py",
            "auxiliary_classifier.py",
            "mean_distance.py",
            "shapes.py",
        )
        assert new or (root / path).exists(), path


def test_registered_names_are_of_the_package():
    """Files name a class by the package and not by its module: modules may move."""
    for name in km.models.__all__:
        registered = keras.saving.get_registered_name(getattr(km, name))
        assert registered == f"keras_mdgan>{name}"
