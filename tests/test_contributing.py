"""The example of `docs/contributing.md` works as it stands there."""

import pathlib
import re

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.experiments import DATA, SETTINGS, recipes
from keras_mdgan.experiments.parts import Parts
from support import battery


@pytest.fixture(scope="module")
def blocks():
    text = (pathlib.Path(__file__).parents[1] / "docs/contributing.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_a_new_gan_is_a_file_and_three_rows(blocks, monkeypatch):
    model, row, recipe = blocks
    names = {}
    exec(compile(model, "docs/contributing.md", "exec"), names)
    assert len(model.splitlines()) < 60
    monkeypatch.setattr(km, "LeastSquaresGAN", names["LeastSquaresGAN"], raising=False)
    rows = eval("{" + row + "}", dict(vars(battery)))
    (made,) = rows.values()
    gan = made.make(seed=3)
    gan.compile()
    history = gan.fit(km.datasets.ring().sample(40), batch_size=20, verbose=0).history
    assert set(history) == {"loss", *made.logs}
    assert all(np.isfinite(v).all() for v in history.values())
    (of_recipe,) = eval("{" + recipe + "}", dict(vars(recipes))).values()
    setting = SETTINGS["plain"]
    built = of_recipe.build(Parts(DATA["ring"], setting.steps, 0), seed=0)
    assert type(built) is names["LeastSquaresGAN"]
