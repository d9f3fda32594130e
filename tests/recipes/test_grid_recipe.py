"""The README's recipe keeps every mode, in every seed. Slow: half a minute a seed."""

import pytest

import keras_mdgan as km


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_grid_is_found_in_every_seed(seed):
    data = km.datasets.grid()
    recipe = km.recipes.points(data, model="mixture_density", steps=6_000, seed=seed)
    recipe.fit(verbose=0)
    coverage = km.metrics.mode_coverage(recipe.model.sample(2_500, seed=seed), data)
    print(km.plotting.describe(coverage))
    assert coverage.modes_strict == 25
    assert coverage.high_quality >= 97.0
