import numpy as np
import pytest
from keras import ops

from keras_mdgan.metrics.resize import resize_as_tensorflow1


def resized(images, size):
    return ops.convert_to_numpy(resize_as_tensorflow1(images, size))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((32, 32), (299, 299)),
        ((28, 28), (299, 299)),
        ((64, 48), (299, 299)),
        ((512, 400), (299, 299)),  # shrinks, and aliases
        ((299, 299), (299, 299)),
        ((7, 5), (3, 11)),
        ((1, 2), (4, 5)),
    ],
)
def test_tensorflow_1(old, new):
    tf = pytest.importorskip("tensorflow")
    images = np.random.default_rng(0).integers(0, 256, (2, *old, 3)).astype("float32")
    wanted = tf.compat.v1.image.resize_bilinear(images, new).numpy()
    found = resized(images, new)
    # Of 255: compiled programs may fuse the product and the sum.
    np.testing.assert_allclose(found, wanted, rtol=0, atol=5e-5)


def test_by_hand():
    row = np.array([0.0, 8.0, 4.0], "float32").reshape(1, 1, 3, 1)
    # Read at 0, 0.75, 1.5 and 2.25; beyond the last pixel it goes on unchanged.
    assert resized(row, (1, 4)).ravel().tolist() == [0.0, 6.0, 6.0, 4.0]
    column = row.reshape(1, 3, 1, 1)
    assert resized(column, (4, 2)).tolist() == [
        [[[value], [value]] for value in (0.0, 6.0, 6.0, 4.0)]
    ]
    # Half the size takes every second pixel and averages nothing.
    board = np.indices((4, 4)).sum(axis=0).astype("float32").reshape(1, 4, 4, 1)
    assert resized(board, (2, 2)).ravel().tolist() == [0.0, 2.0, 2.0, 4.0]
