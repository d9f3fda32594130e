"""Recipes: from data to a compiled model that works, in one call."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.recipes import METHODS, SETTINGS, images, papers, points, precision
from keras_mdgan.recipes.arrays import PointArray
from keras_mdgan.recipes.point_networks import PrincipalPointNetworks


def assert_same_weights(a, b):
    for ours, other in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, other)


def test_points_are_the_setting_of_the_tables():
    recipe = points(km.datasets.grid(), steps=40, seed=3)
    setting = SETTINGS["ours"].on(dataset("grid"))
    assert (recipe.data.batch_size, recipe.epochs) == (setting.batch_size, 1)
    assert len(recipe.data.x) == setting.n_points == 10_000
    np.testing.assert_array_equal(
        recipe.data.x, dataset("grid").as_dataset(10_000, 250, seed=3).x
    )
    built = SETTINGS["ours"].build("mixture_density", dataset("grid"), seed=3)
    assert_same_weights(recipe.model, built)


def test_a_recipe_is_what_fit_needs():
    recipe = points("ring", "vanilla", steps=40, seed=0)
    model, data, epochs, callbacks = recipe
    history = model.fit(data, epochs=epochs, callbacks=callbacks, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 40
    again = points("ring", "vanilla", steps=40, seed=0)
    assert again.fit(verbose=0).history == history.history
    assert_same_weights(model, again.model)
    assert {"modes", "modes_strict"} <= set(history.history)


def test_the_default_is_six_thousand_steps():
    recipe = points("grid")
    assert recipe.epochs * len(recipe.data) == 6_000


@pytest.mark.parametrize("dim", [2, 3])
def test_points_of_ones_own_are_centred_and_scaled(dim):
    """Far from the origin and much wider than the grid."""
    rng = np.random.default_rng(0)
    x = 1000.0 + 50.0 * rng.normal(size=(600, dim)).astype("float32")
    recipe = points(x, steps=4, batch_size=100)
    recipe.fit(verbose=0)
    samples = recipe.model.sample(200, seed=0)
    assert samples.shape == (200, dim)
    assert np.all(np.abs(samples.mean(0) - 1000.0) < 300.0)
    network = recipe.model.discriminator
    seen = network.layers[0](x)
    seen = keras.ops.convert_to_numpy(seen)
    assert np.abs(seen).max() == pytest.approx(4.2, rel=1e-3)


def test_a_mixture_of_ones_own_is_measured_by_its_modes():
    data = km.datasets.GaussianMixtureData([[10.0, 0.0], [14.0, 0.0]], std=0.1)
    recipe = points(data, steps=40)
    assert "modes" in recipe.fit(verbose=0).history


def test_another_grid_is_not_taken_for_the_registered_one():
    wide = km.datasets.grid(spacing=20.0)
    generator = points(wide, steps=4).model.generator
    assert generator(np.ones((1, 12), "float32")).shape == (1, 2)
    (bound,) = [layer for layer in generator.layers if hasattr(layer, "offset")]
    assert np.abs(bound.offset).max() < 1.0  # the grid's centre, measured on points
    assert PointArray(wide.sample(500)).output_range > 50


def test_many_dimensions_are_modelled_in_principal_components():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 40))
    recipe = points(flat + 0.01 * rng.normal(size=flat.shape), steps=2, batch_size=50)
    layers = recipe.model.generator.layers
    assert isinstance(layers[-1], km.layers.PrincipalComponents)
    assert PrincipalPointNetworks.residual_factor == 0.003


@pytest.mark.parametrize("shape", [(40, 28, 28), (40, 28, 28, 1), (40, 8, 8, 3)])
def test_images_as_bytes_or_floats(shape):
    bytes_ = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
    recipe = images(bytes_, "vanilla", steps=2, batch_size=20)
    floats = images(bytes_ / 127.5 - 1.0, "vanilla", steps=2, batch_size=20)
    np.testing.assert_allclose(recipe.data[0], floats.data[0], atol=1e-6)
    side, *channels = shape[2:]
    assert recipe.model.data_shape == (side, side, *(channels or [1]))


def test_pictures_go_to_a_folder_and_the_same_call_goes_on(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1)).astype("uint8")
    recipe = images(x, "vanilla", steps=4, batch_size=20, folder=tmp_path)
    recipe.fit(verbose=0)
    assert (tmp_path / "grids" / "epoch_00002.png").exists()
    again = images(x, "vanilla", steps=4, batch_size=20, folder=tmp_path)
    again.fit(verbose=0)
    assert_same_weights(recipe.model, again.model)
    drawn = points("ring", steps=40, folder=tmp_path / "ring")
    drawn.fit(verbose=0)
    assert list((tmp_path / "ring").glob("epoch_*.png"))


def test_papers_settings_are_those_of_the_tables():
    recipe = papers("grid", "authors", "vanilla")
    assert recipe.epochs * len(recipe.data) == 40_000
    assert recipe.data.batch_size == 500
    few = papers("ring", "plain", "vanilla", steps=4, batch_size=20, n_points=60)
    assert (few.epochs, len(few.data)) == (2, 3)
    high = papers("synthetic_1200d", "ours", "vanilla", steps=8, n_points=500)
    first = high.model.discriminator.layers[0]
    assert isinstance(first, km.layers.PrincipalComponents)


def test_options_reach_the_model():
    options = {"components": 6, "variance": 0.5, "rate": 0.5}
    gan = points("ring", steps=40, options=options).model
    assert gan.components == 6
    assert gan.mixture_real.variance == gan.mixture_fake.variance == 0.5
    rate = gan.optimizer["generator"].learning_rate
    assert float(keras.ops.convert_to_numpy(rate)) == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: points("grdi"), "`data`.*Did you mean 'grid'"),
        (lambda: points("mnist"), "`data` must be one of 'grid'"),
        (lambda: points("grid", "vanila"), "`model`.*Did you mean 'vanilla'"),
        (lambda: points("grid", steps=0), "`steps`.*0"),
        (lambda: points("grid", steps=True), "`steps`.*True"),
        (lambda: points("grid", seed=-1), "`seed`.*-1"),
        (lambda: points("grid", batch_size=2.5), "`batch_size`.*2.5"),
        (lambda: points(np.zeros((5, 2, 2))), r"`data` must have shape \(n, dim\)"),
        (lambda: points(np.zeros((5, 2))), "`data` must vary"),
        (lambda: points(np.full((5, 2), np.nan)), "`data` must be finite"),
        (lambda: images(np.zeros((5, 2))), r"`data` must have shape \(n, height"),
        (lambda: images(np.zeros((5, 8, 8), "int32")), "`data` must be uint8"),
        (lambda: images(np.full((5, 8, 8), 255.0)), "`data` must be uint8"),
        (lambda: images("grid"), "`data` must be one of 'mnist'"),
        (lambda: papers("grid", "papers"), "`setting`.*'papers'"),
        (lambda: points("ring", options={"componets": 4}), "mean 'components'"),
        (lambda: points("ring", "vanilla", options={"components": 4}), "`options`"),
        (lambda: points("ring", options={"seed": 3}), "`options`.*'seed'"),
        (lambda: points("ring", options={"rate": -1}), "`rate` .* > 0"),
        (lambda: points("ring", options={"components": 1}), "`components`.*>= 2"),
        (lambda: points("ring", seed=10**7), "`seed` must be at most"),
        (lambda: points(1e9 + np.eye(3)), "`data` must be centred"),
        (lambda: points(1e-40 * np.eye(3)), "`data` must be centred"),
        (lambda: points(np.eye(3) * 1j), "`data` must be an array of numbers"),
        (lambda: points([[1.0, 2.0], [3.0]]), "`data` must be an array of numbers"),
        (lambda: points([["a", "b"]]), "`data` must be an array of numbers"),
        (lambda: papers("ring", n_points=10), "A batch has 500 samples.*10 samples"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_every_kind_of_data_has_a_default_setting():
    for entry in DATASETS.values():
        default = km.recipes.DEFAULT_SETTINGS[entry.kind]
        assert default in km.recipes.settings_of(entry)


def test_every_model_of_the_zoo_has_one_row():
    classes = [method.cls.__name__ for method in METHODS.values()]
    assert sorted(classes) == sorted(km.models.__all__)


def test_precision_of_networks_and_of_nothing_else():
    digits = np.zeros((40, 28, 28), "uint8")
    before = keras.config.dtype_policy().name
    recipe = images(digits, "vanilla", 2, batch_size=20, precision="mixed_bfloat16")
    assert keras.config.dtype_policy().name == before
    dense = [
        layer
        for network in (recipe.model.generator, recipe.model.discriminator)
        for layer in network.layers
        if isinstance(layer, keras.layers.Dense)
    ]
    assert {(d.compute_dtype, d.variable_dtype) for d in dense} >= {
        ("bfloat16", "float32")
    }
    recipe.fit(verbose=0)
    assert recipe.model.sample(2, seed=0).dtype == np.float32
    option = {"precision": "mixed_bfloat16"}
    again = images(digits, "vanilla", 2, batch_size=20, options=option)
    again.fit(verbose=0)
    assert_same_weights(recipe.model, again.model)


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [("avx512_bf16 amx_bf16 amx_tile", "mixed_bfloat16"), ("avx512_bf16", "float32")],
)
def test_automatic_precision_asks_the_processor(flags, wanted, monkeypatch, tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor : 0\nflags : fpu {flags}\n")
    monkeypatch.setattr(precision, "_PROCESSOR", file)
    assert precision.resolved("auto") == wanted
    monkeypatch.setattr(precision, "_PROCESSOR", tmp_path / "missing")
    assert precision.resolved("auto") == "float32"


@pytest.mark.parametrize("option", [{}, {"options": {"precision": "bfloat16"}}])
def test_a_wrong_precision_is_refused(option):
    given = option or {"precision": "bfloat16"}
    with pytest.raises(ValueError, match=r"`precision` must be one of.*'bfloat16'"):
        images(np.zeros((40, 28, 28), "uint8"), "vanilla", 2, batch_size=20, **given)


def test_arrays_with_labels():
    x, y = km.datasets.ring().sample_with_labels(300, seed=0)
    recipe = points((x, y[:, None]), "projection", steps=4, batch_size=100)
    assert recipe.model.n_classes == 8
    batch, labels = recipe.data[0]
    where = [int(np.flatnonzero((x == row).all(axis=1))[0]) for row in batch]
    np.testing.assert_array_equal(labels, y[where])
    assert np.isfinite(recipe.fit(verbose=0).history["loss"]).all()
    digits = np.zeros((40, 8, 8), "uint8")
    options = {"variance": 0.4}
    recipe = images(
        (digits, np.arange(40) % 3),
        "conditional_mixture_density",
        steps=2,
        batch_size=20,
        options=options,
    )
    assert recipe.model.components == recipe.model.n_classes == 3
    assert recipe.model.mixture_real.variance == 0.4
    assert recipe.model.penalty_weight == 3.0  # that of `mixture_density`
    with pytest.raises(ValueError, match=r"`labels` must have shape \(300,\)"):
        points((x, y[:5]), "projection", steps=4)
    with pytest.raises(ValueError, match="`options` must be one of"):
        points("ring", "conditional_mixture_density", options={"assignment": "max"})
