import io

import numpy as np
import pytest
from PIL import Image

from keras_mdgan.datasets.decoding import decode

pytestmark = pytest.mark.host


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def triangle_weights(n, size):
    """Each new pixel's weights over the old ones: a triangle as wide as it is apart."""
    scale = n / size
    old = np.arange(n) + 0.5
    new = (np.arange(size) + 0.5) * scale
    support = max(scale, 1.0)
    weights = np.maximum(0, 1 - np.abs(old[None] - new[:, None]) / support)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("crop", "size"), [(160, 64), (108, 64), (50, 50), (20, 64)])
def test_the_filter_is_what_it_says(crop, size):
    pixels = np.random.default_rng(0).integers(0, 256, (218, 178, 3), dtype="uint8")
    decoded = decode(png(Image.fromarray(pixels)), "noise", size, crop)
    top, left = (218 - crop) // 2, (178 - crop) // 2
    square = pixels[top : top + crop, left : left + crop].astype(float)
    weights = triangle_weights(crop, size)
    expected = np.einsum("ip,jq,pqc->ijc", weights, weights, square)
    assert np.abs(decoded - expected).max() <= 1.0  # Pillow rounds twice
    assert np.abs(decoded - expected).mean() < 0.3


def test_no_aliasing():
    """Stripes finer than the new pixels become grey."""
    stripes = np.zeros((160, 160, 3), "uint8")
    stripes[:, ::2] = 255
    decoded = decode(png(Image.fromarray(stripes)), "stripes", 40, None)
    assert np.abs(decoded[:, 1:-1].astype(int) - 127).max() <= 4


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
@pytest.mark.parametrize("channels", [1, 3])
def test_modes(mode, channels):
    image = Image.new("RGB", (9, 7), (255, 255, 255)).convert(mode)
    form = "JPEG" if mode == "CMYK" else "PNG"
    file = io.BytesIO()
    image.save(file, form)
    decoded = decode(file.getvalue(), "white", 4, None, channels)
    assert decoded.shape == (4, 4, channels)
    assert decoded.dtype == np.uint8
    assert decoded.min() >= 254


def test_a_palette_with_transparency():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    file = io.BytesIO()
    image.save(file, "PNG", transparency=bytes([0, 128]))
    assert decode(file.getvalue(), "p", 4, None)[0, 0].tolist() == [10, 20, 30]


def test_turned_as_exif_says():
    image = Image.new("RGB", (8, 8), "black")
    image.paste("white", (0, 0, 8, 4))  # white above
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif, quality=100)
    decoded = decode(file.getvalue(), "turned", 8, None, 1)[..., 0]
    assert decoded[:, 6:].min() > 240
    assert decoded[:, :2].max() < 15


def test_deep_images_are_refused():
    deep = Image.fromarray(np.full((5, 5), 40_000, "uint16"))
    with pytest.raises(ValueError, match=r"deep must have 8 bits.*'I;16'"):
        decode(png(deep), "deep", 4, None)


def test_other_formats_are_refused():
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "BMP")
    with pytest.raises(ValueError, match=r"this one is damaged, or no JPEG"):
        decode(file.getvalue(), "this one", 4, None)
