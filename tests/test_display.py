"""What a prompt or a notebook shows of figures, models, samplers, results, records."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

import keras_mdgan as km
from keras_mdgan.experiments import Records
from support import ROOT
from support.battery import ROWS


def picture(html):
    """The image in a piece of HTML."""
    data = re.search(r'<img src="data:image/png;base64,([^"]+)">', html)[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


@pytest.mark.host
def test_a_notebook_shows_figures_without_pyplot_or_a_magic_line():
    figure = km.plotting.image_grid(np.zeros((4, 8, 8, 1), "uint8"))
    with Image.open(io.BytesIO(figure._repr_png_())) as image:
        assert image.size == tuple(np.rint(figure.get_size_inches() * 100).astype(int))
        assert {color for _, color in image.convert("L").getcolors()} >= {0, 255}
    formatters = pytest.importorskip("IPython.core.formatters")
    shown, _ = formatters.DisplayFormatter().format(figure)
    assert shown["image/png"][:4] == b"\x89PNG"


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_model_says_what_it_is(name):
    model = ROWS[name].make(seed=0)
    kind = type(model).__name__
    assert repr(model).startswith(f"<{kind} latents: (")
    assert "steps" not in repr(model)
    model.compile()
    assert "data: (2,)" in repr(model)
    assert "steps: 0>" in repr(model)
    for player in model.players():
        n = sum(int(np.prod(v.shape)) for v in player.variables)
        optimizer = type(model.optimizer[player.name]).__name__
        assert f"{player.name}: {n:,} weights, {optimizer} " in repr(model)
    assert f"<caption>{kind}</caption>" in model._repr_html_()


@pytest.mark.host
def test_a_sampler_shows_samples():
    pytest.importorskip("tensorflow")
    sampler = km.load_sampler("mnist_mixture_density")
    said = repr(sampler)
    assert said.startswith("<Sampler mnist_mixture_density latents: (")
    assert "data: (28, 28, 1)" in said
    image = picture(sampler._repr_html_())
    wanted = km.plotting.image_grid(sampler.sample(16), rows=2)
    wanted.canvas.draw()
    np.testing.assert_array_equal(
        image, np.asarray(wanted.canvas.buffer_rgba())[..., :3]
    )
    ring = km.load_sampler("ring_mixture_density")
    assert "data: (2,)" in repr(ring)
    assert len(np.unique(picture(ring._repr_html_()).reshape(-1, 3), axis=0)) > 2


@pytest.mark.host
def test_results_are_short_and_tables():
    centers = np.random.default_rng(0).normal(size=(1000, 2))
    coverage = km.metrics.mode_coverage(centers, centers=centers, std=1e-3)
    assert "modes=1000, " in repr(coverage)
    assert "counts=(1, 1, 1, ..., 1) of 1,000" in repr(coverage)
    assert len(repr(coverage)) < 250
    assert "<tr><td>high_quality</td><td>100</td></tr>" in coverage._repr_html_()

    source = km.metrics.Source("mnist/<test>", "pixels/1")
    features = km.metrics.Features(centers, source=source)
    assert repr(features).startswith("Features(float64 array (1000, 2), source=")
    statistics = km.metrics.frechet_statistics(features)
    assert repr(statistics).startswith("FrechetStatistics(n=1000, dim=2, Source(")
    distance = km.metrics.frechet_distance(statistics, statistics)
    # The value is the first thing one sees.
    assert re.match(r"FrechetDistance\(value=[-\d.e]+, ", repr(distance))
    html = distance._repr_html_()
    assert "<td>real</td><td>mnist/&lt;test&gt; · pixels/1</td>" in html
    unknown = km.metrics.frechet_distance(centers, centers + 1)
    assert "Source" not in repr(unknown)
    assert unknown.as_dict()["n_real"] == 1000
    for name in km.metrics.__all__:
        kind = getattr(km.metrics, name)
        if isinstance(kind, type) and hasattr(kind, "as_dict"):
            assert kind.__repr__ is type(coverage).__repr__, name


@pytest.mark.host
def test_records_and_recipes():
    records = Records(ROOT / "results" / "ring")
    n = len(records.read())
    assert repr(records).endswith(f"ring: {n:,} runs>")
    table = records._repr_html_()
    assert "<td>model</td><td>runs</td>" in table
    counts = re.findall(r"<td>(\d+)</td></tr>", table)
    assert sum(map(int, counts)) == n
    recipe = km.recipes.points("ring", "vanilla", steps=80)
    said = "<Recipe 2 epochs of 40 batches of 250: <VanillaGAN latents: ("
    assert repr(recipe).startswith(said)
