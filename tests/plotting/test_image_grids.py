import numpy as np
import pytest
from PIL import Image

from keras_mdgan import plotting
from keras_mdgan.datasets import ring

pytestmark = pytest.mark.host


def test_tiles_are_in_reading_order():
    images = np.arange(6, dtype="uint8")[:, None, None] * np.ones((1, 4, 5), "uint8")
    mosaic = plotting.tile_images(images, rows=2, gap=1)
    assert mosaic.shape == (2 * 5 + 1, 3 * 6 + 1)
    np.testing.assert_array_equal(mosaic[1, 1::6], [0, 1, 2])
    np.testing.assert_array_equal(mosaic[6, 1::6], [3, 4, 5])
    assert (mosaic[0] == 255).all()
    assert (mosaic[:, 6] == 255).all()


def test_missing_tiles_are_white():
    mosaic = plotting.tile_images(np.zeros((5, 4, 4, 3), "uint8"), rows=2, gap=0)
    assert mosaic.shape == (8, 12, 3)
    assert (mosaic[4:, 8:] == 255).all()
    assert (mosaic[:4] == 0).all()


def test_floating_images_are_scaled():
    levels = np.array([-1.0, 0.0, 1.0]).reshape(3, 1, 1)
    mosaic = plotting.tile_images(levels, rows=1, gap=0)
    np.testing.assert_array_equal(mosaic, [[0, 128, 255]])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 4, 4, 2)), r"1 or 3 channels. Received: .*\(2, 4, 4, 2\)"),
        (np.zeros((4, 4)), r"Received: images.shape=\(4, 4\)"),
        (np.zeros((0, 4, 4)), r"Received: images.shape=\(0, 4, 4\)"),
        (np.full((1, 4, 4), 255.0), r"lie in \[-1, 1\]. Received: dtype=float64"),
        (np.full((1, 4, 4), np.nan), r"lie in \[-1, 1\]"),
    ],
)
def test_wrong_images(images, message):
    with pytest.raises(ValueError, match=message):
        plotting.tile_images(images)


def test_gif_of_figures(tmp_path):
    frames = [plotting.scatter(ring().sample(20, seed=i), ring()) for i in range(3)]
    path = plotting.save_gif(frames, tmp_path / "a.gif", fps=5)
    with Image.open(path) as image:
        assert image.format == "GIF"
        assert image.n_frames == 3
        assert image.info["duration"] == 200
        assert image.info["loop"] == 0
        assert len(image.convert("RGB").getcolors(maxcolors=10**6)) > 1
    assert list(tmp_path.iterdir()) == [path]


def test_gif_of_arrays_keeps_its_colours(tmp_path):
    frames = [np.full((9, 7, 3), level, "uint8") for level in (0, 100, 200)]
    path = plotting.save_gif(frames, tmp_path / "a.gif")
    with Image.open(path) as image:
        assert image.size == (7, 9)
        for index, level in enumerate((0, 100, 200)):
            image.seek(index)
            assert image.convert("RGB").getpixel((0, 0)) == (level,) * 3


def test_failed_gif_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.gif"
    path.write_bytes(b"precious")

    def fail(self, target, **kwargs):
        target.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        plotting.save_gif([np.zeros((2, 2), "uint8")], path)
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("frames", "fps", "message"),
    [
        ([], 10, r"`frames` must not be empty"),
        ([np.zeros((2, 2), "uint8")], 0, r"fps=0"),
        ([np.zeros((2, 2))], 10, r"uint8. Received: float64"),
        ([np.zeros((2, 2), "uint8"), np.zeros((3, 2), "uint8")], 10, r"one size"),
    ],
)
def test_wrong_frames(tmp_path, frames, fps, message):
    with pytest.raises(ValueError, match=message):
        plotting.save_gif(frames, tmp_path / "a.gif", fps)


def test_rows_have_names_beside_them():
    images = np.zeros((6, 28, 28, 1), "uint8")
    plain = plotting.image_grid(images, rows=2)
    named = plotting.image_grid(images, rows=2, names=["real", "nearest"])
    assert [text.get_text() for text in named.texts] == ["real", "nearest"]
    heights = [text.get_position()[1] for text in named.texts]
    assert heights == [0.75, 0.25]
    # The images are as large as without names: the margin is added.
    widths = [
        figure.axes[0].get_position().width * figure.get_figwidth()
        for figure in (plain, named)
    ]
    assert widths[0] == pytest.approx(widths[1])
    assert named.get_figwidth() > plain.get_figwidth()


def test_every_row_needs_a_name():
    images = np.zeros((6, 8, 8, 1), "uint8")
    with pytest.raises(ValueError, match=r"`names`.*Received: 1 names, rows=2"):
        plotting.image_grid(images, rows=2, names=["real"])
