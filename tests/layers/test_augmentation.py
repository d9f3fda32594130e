"""Random affine changes, against SciPy."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import ndimage

import keras_mdgan as km

IMAGES = np.random.default_rng(0).normal(size=(6, 12, 20, 2)).astype("float32")


class _Fixed:
    """Draws that are known."""

    def __init__(self, values):
        self.values = np.asarray(values, "float32")

    def uniform(self, shape, low, high):
        assert tuple(map(int, shape)) == self.values.shape
        return self.values


def changed(layer, drawn):
    layer.draws = _Fixed(drawn)
    return ops.convert_to_numpy(layer(ops.convert_to_tensor(IMAGES), training=True))


def by_scipy(image, angle, shear, u, v, t):
    """The docstring's formula; SciPy's coordinates are (y, x)."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, shear], [0, 1]]) @ np.diag([u, v])
    swap = np.array([[0, 1], [1, 0]])
    centre = (np.array(image.shape[:2]) - 1) / 2
    matrix = swap @ matrix @ swap
    offset = centre - matrix @ centre + t[::-1]
    channels = [
        ndimage.affine_transform(image[..., k], matrix, offset, order=1, cval=-1.0)
        for k in range(image.shape[-1])
    ]
    return np.stack(channels, -1)


@pytest.mark.skipif(
    keras.config.image_data_format() != "channels_last", reason="NHWC images"
)
def test_the_formula_of_the_docstring():
    drawn = np.random.default_rng(1).uniform(-1, 1, (6, 7)).astype("float32")
    layer = km.layers.RandomAffine(0.5, 0.3, 0.4, 0.2, flip=True)
    got = changed(layer, drawn)
    for image, numbers, row in zip(got, drawn, range(6)):
        angle, shear, across, down, right, below, side = numbers.astype("float64")
        wanted = by_scipy(
            IMAGES[row],
            0.5 * angle,
            0.4 * shear,
            np.exp(0.3 * across) * (-1 if side < 0 else 1),
            np.exp(0.3 * down),
            np.array([0.2 * 20 * right, 0.2 * 12 * below]),
        )
        inside = ndimage.binary_erosion(wanted[..., 0] != -1.0, border_value=1)
        # SciPy fills the pixels at the border in another way.
        np.testing.assert_allclose(image[inside], wanted[inside], atol=2e-4)
        assert inside.mean() > 0.3


def test_a_flip_alone_mirrors_images():
    layer = km.layers.RandomAffine(0, 0, 0, 0, flip=True)
    drawn = np.zeros((6, 7), "float32")
    drawn[:3, 6], drawn[3:, 6] = -0.5, 0.5
    got = changed(layer, drawn)
    np.testing.assert_allclose(got[:3], IMAGES[:3, :, ::-1], atol=1e-5)
    np.testing.assert_allclose(got[3:], IMAGES[3:], atol=1e-5)


def test_nothing_happens_outside_training():
    layer = km.layers.RandomAffine(seed=0)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(IMAGES)), IMAGES)


def test_seeds_and_config():
    a, b, c = (km.layers.RandomAffine(flip=True, seed=s) for s in (3, 3, 4))
    first = [ops.convert_to_numpy(x(IMAGES, training=True)) for x in (a, b, c)]
    np.testing.assert_array_equal(first[0], first[1])
    assert np.abs(first[0] - first[2]).max() > 0.1
    again = ops.convert_to_numpy(a(IMAGES, training=True))
    assert np.abs(again - first[0]).max() > 0.1
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(a))
    assert copy.get_config() == a.get_config()


@pytest.mark.parametrize("argument", ["rotation", "zoom", "shear", "shift"])
def test_wrong_arguments(argument):
    with pytest.raises(ValueError, match=rf"`{argument}`.*Received.*-1"):
        km.layers.RandomAffine(**{argument: -1})
