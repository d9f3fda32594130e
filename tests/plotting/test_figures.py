import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA

from keras_mdgan import plotting
from keras_mdgan.datasets import grid, ring
from keras_mdgan.metrics import mode_coverage
from keras_mdgan.mixtures import simplex_vertices

pytestmark = pytest.mark.host

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(60, 9))
TABLES = {
    "modes": {"published": [[25, 24, 25], [9, 25, 25]], "ours": np.full((2, 3), 25)},
    "high quality": {"published": np.full((2, 3), 95), "ours": np.full((2, 3), np.nan)},
}
FIGURES = {
    "scatter": lambda path: plotting.scatter(grid().sample(300), grid(), path=path),
    "bare scatter": lambda path: plotting.scatter(POINTS[:, :2], path=path),
    "one point": lambda path: plotting.scatter(np.zeros((1, 2)), path=path),
    "density": lambda path: plotting.density(grid().sample(300), path=path),
    "dense point": lambda path: plotting.density(np.zeros((5, 2)), path=path),
    "losses": lambda path: plotting.loss_curves(
        {"g_loss": [1.0, np.nan, 2.0], "share_real": [0, 1], "share_fake": [1, 0]},
        path=path,
    ),
    "histogram": lambda path: plotting.histogram({"one": [1.0], "two": []}, path=path),
    "embedding": lambda path: plotting.embedding(
        POINTS, np.arange(60) % 12, simplex_vertices(9), path=path
    ),
    "embedding panel": lambda path: plotting.embedding_panel(
        {"epoch 1": POINTS, "epoch 2": POINTS / 2},
        np.arange(60) % 12,
        {"epoch 1": POINTS[:9], "epoch 2": POINTS},
        simplex_vertices(9),
        path=path,
    ),
    "bare embedding panel": lambda path: plotting.embedding_panel(
        {"epoch 1": POINTS}, np.arange(60) % 12, path=path
    ),
    "flat embedding": lambda path: plotting.embedding(
        POINTS[:, :1], np.zeros(60), path=path
    ),
    "panel": lambda path: plotting.panel(
        {f"method {i}": ring().sample(50, seed=i) for i in range(5)}, ring(), path=path
    ),
    "heat maps": lambda path: plotting.heat_maps(
        TABLES,
        [4, 6],
        [0.5, 0.25, 0.16],
        title="A name",
        subtitle="two\nlines",
        path=path,
    ),
    "grey images": lambda path: plotting.image_grid(
        RANDOM.integers(0, 256, (10, 28, 28), dtype="uint8"), path=path
    ),
    "colour images": lambda path: plotting.image_grid(
        RANDOM.uniform(-1, 1, (3, 32, 32, 3)), rows=1, path=path
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_saves_a_png(name, tmp_path):
    path = tmp_path / "new folder" / "figure.png"
    figure = FIGURES[name](path)
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size[0] > 150
        assert len(image.convert("RGB").getcolors(maxcolors=10**6)) > 10
        figure.canvas.draw()
        assert image.size == figure.canvas.get_width_height()
    assert [p.name for p in path.parent.iterdir()] == ["figure.png"]


def test_other_formats(tmp_path):
    plotting.scatter(POINTS[:, :2], path=tmp_path / "figure.svg")
    assert b"<svg" in (tmp_path / "figure.svg").read_bytes()


def test_pyplot_is_left_alone():
    import matplotlib.pyplot as plt

    for make in FIGURES.values():
        make(None)
    assert plt.get_fignums() == []


def test_a_failed_save_keeps_the_old_file(tmp_path):
    path = tmp_path / "figure.nosuchformat"
    path.write_bytes(b"precious")
    with pytest.raises(ValueError, match="nosuchformat"):
        plotting.scatter(POINTS[:, :2], path=path)
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]


def test_scatter_names_coverage_and_what_is_outside():
    samples = np.vstack([grid().sample(500), np.full((7, 2), 50.0)])
    axes = plotting.scatter(samples, grid(), title="A name").axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert axes.get_title(loc="left") == "A name"
    assert plotting.describe(mode_coverage(samples, grid())) in texts
    assert "7 of 507 outside the view" in texts
    assert axes.get_aspect() == 1.0
    assert axes.get_xlim()[1] < 6


def test_circles_have_three_deviations():
    axes = plotting.scatter(grid().sample(10), grid()).axes[0]
    (circles,) = [c for c in axes.collections if hasattr(c, "get_widths")]
    np.testing.assert_allclose(circles.get_widths(), 6 * 0.05)
    np.testing.assert_allclose(circles.get_offsets(), grid().centers)


def test_loss_curves_groups_names():
    names = ("d_loss", "g_loss", "use_real", "use_fake", "kl")
    history = {name: [value] for value, name in enumerate(names, start=1)}
    axes = plotting.loss_curves(history).axes
    assert [a.get_title(loc="left") for a in axes] == ["losses", "use", "kl"]
    assert [[line.get_ydata()[0] for line in a.lines] for a in axes] == [
        [1, 2],
        [3, 4],
        [5],
    ]


def test_generated_embeddings_are_in_the_plane_of_the_real_ones():
    real = {"a": POINTS, "b": POINTS[::-1] * np.arange(1, 10)}
    generated = {"a": POINTS[:20] + 1.0, "b": POINTS[20:50]}
    vertices = simplex_vertices(9)
    labels = np.arange(60) % 3
    figure = plotting.embedding_panel(real, labels, generated, vertices)
    columns = [axes.get_title() for axes in figure.axes]
    assert [title for title in columns if title] == ["a", "b"]
    for column, name in enumerate(real):
        above, below = figure.axes[2 * column : 2 * column + 2]
        reference = PCA(2).fit(real[name])
        for axes, x in ((above, real[name]), (below, generated[name])):
            drawn, stars = axes.collections
            wanted = reference.transform(x)
            got = np.asarray(drawn.get_offsets())
            np.testing.assert_allclose(
                np.sort(got, axis=0), np.sort(wanted, axis=0), atol=1e-6
            )
            np.testing.assert_allclose(
                stars.get_offsets(), reference.transform(vertices), atol=1e-6
            )
        assert above.get_xlim() == below.get_xlim()
        colors = np.unique(above.collections[0].get_facecolors(), axis=0)
        assert len(colors) == 3


@pytest.mark.parametrize(
    ("real", "generated", "message"),
    [
        ({}, None, "`real` must not be empty"),
        ({"a": POINTS}, {"b": POINTS}, r"same titles. Received: \['a'\] and \['b'\]"),
        ({"a": POINTS[:5]}, None, r"Received: \(5, 9\) and \(60,\)"),
    ],
)
def test_wrong_columns(real, generated, message):
    with pytest.raises(ValueError, match=message):
        plotting.embedding_panel(real, np.arange(60), generated)


@pytest.mark.parametrize("shape", [(60, 9), (5, 30), (40, 2)])
def test_components_are_those_of_sklearn(shape):
    x = np.random.default_rng(1).normal(size=shape) * np.arange(1, shape[1] + 1)
    reference = PCA(2).fit(x)
    mean, components, explained = plotting.principal_components(x)
    np.testing.assert_allclose(mean, reference.mean_)
    np.testing.assert_allclose(components, reference.components_, atol=1e-8)
    assert explained == pytest.approx(reference.explained_variance_ratio_.sum())


@pytest.mark.parametrize("seed", range(6))
def test_axes_do_not_flip(seed):
    x = np.random.default_rng(seed).normal(size=(30, 4))
    _, components, _ = plotting.principal_components(x)
    largest = np.argmax(np.abs(components), axis=1)
    assert (components[[0, 1], largest] > 0).all()


def test_vertices_are_mapped_like_the_embeddings():
    vertices = simplex_vertices(9)
    figure = plotting.embedding(vertices, np.arange(10), vertices)
    points, stars = figure.axes[0].collections[:2]
    points, stars = np.asarray(points.get_offsets()), np.asarray(stars.get_offsets())
    np.testing.assert_allclose(
        points[np.lexsort(points.T)], stars[np.lexsort(stars.T)], atol=1e-9
    )


def heat_maps(tables=TABLES, **kwargs):
    return plotting.heat_maps(tables, [4, 6], [0.5, 0.25, 0.16], **kwargs)


def test_heat_maps_of_a_measure_share_their_colours():
    axes = heat_maps(highest={"high quality": 100}, row_name="components").axes
    maps = [a for a in axes if a.texts]
    assert [a.get_title() for a in maps] == [
        "modes, published",
        "modes, ours",
        "high quality, published",
        "high quality, ours",
    ]
    limits = [a.collections[0].get_clim() for a in maps]
    assert limits == [(9, 25), (9, 25), (95, 100), (95, 100)]
    cells = {text.get_position(): text.get_text() for text in maps[0].texts}
    assert cells[0.5, 1.5] == "9.0"
    assert cells[1.5, 0.5] == "24.0"
    assert maps[0].yaxis_inverted()
    assert {text.get_text() for text in maps[3].texts} == {"\N{EN DASH}"}
    assert [a.get_ylabel() for a in maps] == ["components", "", "components", ""]


def test_heat_maps_of_one_value():
    figure = heat_maps({"modes": {"ours": np.full((2, 3), 8.0)}}, highest={"modes": 8})
    assert figure.axes[0].collections[0].get_clim() == (7, 8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plotting.scatter(np.ones((3, 3))), r"`samples`.*\(3, 3\)"),
        (lambda: plotting.density(np.ones((0, 2))), r"`samples`.*\(0, 2\)"),
        (lambda: plotting.panel({}, grid()), r"`samples_by_name`"),
        (lambda: plotting.loss_curves({}), r"`history`"),
        (lambda: plotting.embedding(POINTS, [1, 2]), r"`labels`.*\(2,\)"),
        (lambda: heat_maps({}), "`tables`"),
        (
            lambda: heat_maps({"modes": {"ours": np.ones((3, 2))}}),
            r"`tables`.*\(2, 3\). Received: \(3, 2\) for 'modes', 'ours'",
        ),
        (
            lambda: heat_maps({**TABLES, "KL": {"ours": np.ones((2, 3))}}),
            "`tables` must have the same sources.*'KL': \\['ours'\\]",
        ),
        (lambda: heat_maps(highest={"mode": 25}), "`highest`.*'mode': 25"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_panel_says_what_lies_out_of_view():
    samples = ring().sample(100, seed=0)
    lost = samples.copy()
    lost[:40] += 9.0
    figure = plotting.panel({"here": samples, "partly": lost}, ring())
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert "out of view" not in labels[0]
    assert labels[1].endswith("\n40 % out of view")


def test_methods_of_a_histogram_share_their_bins():
    values = {"GAN": [0.0, 0.5, 9.9], "Reg-GAN": [10.0, 9.0]}
    axes = plotting.histogram(values, label="MODE score", bins=10).axes[0]
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    assert heights == [[2, *[0] * 8, 1], [*[0] * 9, 2]]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["GAN (3 runs)", "Reg-GAN (2 runs)"]
    assert axes.get_xlabel() == "MODE score"


@pytest.mark.parametrize(
    ("values", "message"),
    [({}, "0 values, 0 not finite"), ({"a": [1.0, np.nan]}, "2 values, 1 not finite")],
)
def test_values_of_a_histogram(values, message):
    with pytest.raises(ValueError, match=f"`values` must.*Received: {message}"):
        plotting.histogram(values)
