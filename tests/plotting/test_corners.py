"""Rows of real and generated images at each corner."""

import numpy as np
import pytest
from PIL import Image

import keras_mdgan as km
from keras_mdgan import plotting

pytestmark = pytest.mark.host


class Levels:
    """Images of one level each; the level, as a share of white, is the corner."""

    def __init__(self, components=4, channels=1, levels=(0.1, 0.6)):
        self.components, self.levels = components, levels
        self.data_shape = (6, 5, channels)

    def cluster(self, x):
        brightness = (np.asarray(x).mean(axis=(1, 2, 3)) + 1) / 2
        return np.minimum(brightness * self.components, self.components - 1).astype(int)

    def sample(self, n, seed, batch_size):
        return images(np.resize(self.levels, n), self.data_shape[-1]) / 127.5 - 1.0


def images(levels, channels=1):
    bytes_ = np.round(255 * np.asarray(levels)).astype("uint8")
    return np.tile(bytes_[:, None, None, None], (1, 6, 5, channels))


def texts(figure):
    inside = [text.get_text() for axes in figure.axes for text in axes.texts]
    return inside, [text.get_text() for text in figure.texts]


def mosaic(figure):
    return np.asarray(figure.axes[0].images[0].get_array())


@pytest.mark.parametrize("channels", [1, 3])
def test_each_corner_has_its_own_images(channels):
    real = images([0.1, 0.2, 0.15, 0.3, 0.9, 0.05], channels)
    gan = Levels(channels=channels, levels=(0.1, 0.6, 0.7, 0.65))
    figure = plotting.corners(gan, real, per_corner=3, n=8)
    rows = mosaic(figure)
    if channels == 3:
        assert rows.shape[2] == 3
        np.testing.assert_array_equal(rows[..., 0], rows[..., 2])
        rows = rows[..., 0]
    right = round(3.5 * 6)  # real images, half an image, generated images
    assert rows.shape == (4 * 7, right + 3 * 6)
    middles = rows[3::7, 2::6][:, :3], rows[3::7, right + 2 :: 6]
    tone = np.vectorize(lambda share: round(255 * share))
    white = 1.0
    np.testing.assert_array_equal(
        middles[0],
        tone([[0.1, 0.2, 0.15], [0.3, white, white], [white] * 3, [0.9, white, white]]),
    )
    np.testing.assert_array_equal(
        middles[1],
        tone([[0.1, 0.1, white], [white] * 3, [0.6, 0.7, 0.65], [white] * 3]),
    )
    inside, outside = texts(figure)
    # Shares of all real and generated samples, whatever is drawn of them.
    assert "corner 0\n66.7 % · 25.0 %" in inside
    assert "corner 1\n16.7 % · 0.0 %" in inside
    assert "corner 2\n0.0 % · 75.0 %" in inside
    assert inside.count("no real images here") == 1
    assert inside.count("no generated images here") == 2
    assert outside == [
        "Corners",
        "6 real and 8 generated samples · 3 corners with real · "
        "2 corners with generated",
    ]


def test_images_without_an_axis_of_channels():
    real = images([0.1, 0.9])[..., 0]
    figure = plotting.corners(Levels(), real, n=2)
    assert "corner 3\n50.0 % · 0.0 %" in texts(figure)[0]
    scaled = real / 127.5 - 1.0
    np.testing.assert_array_equal(
        mosaic(plotting.corners(Levels(), scaled, n=2)), mosaic(figure)
    )


def test_of_many_corners_the_largest_are_shown(tmp_path):
    levels = np.repeat([0.995, 0.505, 0.255, 0.755], [5, 4, 3, 1])
    gan = Levels(components=100, levels=(0.755, 0.755, 0.255, 0.005))
    path = tmp_path / "corners.png"
    figure = plotting.corners(gan, images(levels), max_corners=3, n=4, path=path)
    inside, outside = texts(figure)
    shown = [text.split("\n")[0] for text in inside if text.startswith("corner")]
    assert shown == ["corner 25", "corner 75", "corner 99"]
    assert outside[1].endswith("· the largest 3 of 100 shown")
    every = plotting.corners(gan, images(levels), max_corners=100, n=4)
    assert sum(t.startswith("corner ") for t in texts(every)[0]) == 100
    with Image.open(path) as image:
        assert image.format == "PNG"
        figure.canvas.draw()
        assert image.size == figure.canvas.get_width_height()


def test_points_are_scattered():
    gan = km.MixtureDensityGAN.from_preset("ring")
    x = km.datasets.ring().sample(300, seed=0)
    figure = plotting.corners(gan, x, n=200)
    left, right = figure.axes
    np.testing.assert_allclose(left.collections[0].get_offsets(), x, rtol=1e-6)
    generated = gan.sample(200, seed=0)
    np.testing.assert_allclose(right.collections[0].get_offsets(), generated, rtol=1e-5)
    assert left.get_xlim() == right.get_xlim()
    corner = plotting.style.label_colors(10)[km.metrics.clusters_of(gan, x)]
    np.testing.assert_allclose(
        left.collections[0].get_facecolors()[:, :3], corner[:, :3]
    )
    legend = [text.get_text() for text in right.get_legend().get_texts()]
    assert len(legend) == 10
    share = np.mean(km.metrics.clusters_of(gan, generated) == 9)
    assert legend[9].endswith(f"· {100 * share:.1f} %")


class Wide(Levels):
    def __init__(self):
        super().__init__()
        self.data_shape = (1200,)


@pytest.mark.parametrize(
    ("gan", "x", "message"),
    [
        (object(), images([0.1]), "`gan` must have corners.*Received: object"),
        (Wide(), np.zeros((3, 1200)), r"channels, or points.*of shape \(1200,\)"),
        (Levels(channels=2), images([0.1], 2), r"1 or 3 channels.*\(6, 5, 2\)"),
        (Levels(), images([0.1], 3), r"`images` must have shape \(n, 6, 5, 1\)"),
        (Levels(), images([]), r"one sample. Received: images.shape=\(0, 6, 5, 1\)"),
        (Levels(), images([0.5]).astype(float), r"`images` must be uint8 or lie in"),
    ],
)
def test_wrong_arguments(gan, x, message):
    with pytest.raises(ValueError, match=message):
        plotting.corners(gan, x, n=4)


@pytest.mark.parametrize("argument", ["n", "per_corner", "max_corners"])
def test_sizes_are_integers(argument):
    with pytest.raises(ValueError, match=f"`{argument}` must be an integer >= 1"):
        plotting.corners(Levels(), images([0.1]), **{argument: 0})
