"""The Inception network of 2015-12-05, with which published scores are computed."""

import keras
from keras import layers

SIZE = 299
BLOCKS = (
    "Conv2d_2b_3x3 Conv2d_4a_3x3 Mixed_5b Mixed_5c Mixed_5d Mixed_6a Mixed_6b Mixed_6c "
    "Mixed_6d Mixed_6e Mixed_7a Mixed_7b Mixed_7c"
).split()


def inception_2015_12_05() -> keras.Model:
    """The network without its weights.

    Each batch normalisation is folded into the convolution before it (see
    `inception_weights.assign`). Layers have the names of PyTorch's copies of the
    weights, with `_` for a dot. The network differs from Szegedy et al. (2016): average
    pools ignore the border, the last block pools by maxima, and there are 1008 classes.
    It computes in float32, channels last, for all of Keras' settings.

    Examples:
        >>> [output.shape for output in inception_2015_12_05().outputs]
        [(None, 2048), (None, 1008)]

    Returns:
        A model from images `(n, 299, 299, 3)` in [-1, 1] to features `(n, 2048)` and
        the probabilities `(n, 1008)` of classes. The last layer has no bias, as in the
        original program of the inception score and in torch-fidelity.

    References:
        Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016.
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017, section 4.
        Salimans et al., "Improved Techniques for Training GANs", 2016, section 4.
    """
    images = keras.Input((SIZE, SIZE, 3), name="images", dtype="float32")
    x = _conv(images, "Conv2d_1a_3x3", 32, 3, 2, "valid")
    x = _conv(x, "Conv2d_2a_3x3", 32, 3, 1, "valid")
    x = _conv(x, "Conv2d_2b_3x3", 64, 3)
    x = _max_pool(x, 2)
    x = _conv(x, "Conv2d_3b_1x1", 80, 1)
    x = _conv(x, "Conv2d_4a_3x3", 192, 3, 1, "valid")
    x = _max_pool(x, 2)
    for letter, pooled in (("b", 32), ("c", 64), ("d", 64)):
        x = _block_35(x, f"Mixed_5{letter}", pooled)
    x = _to_17(x, "Mixed_6a")
    for letter, filters in (("b", 128), ("c", 160), ("d", 160), ("e", 192)):
        x = _block_17(x, f"Mixed_6{letter}", filters)
    x = _to_8(x, "Mixed_7a")
    x = _block_8(x, "Mixed_7b", _average_pool)
    x = _block_8(x, "Mixed_7c", _max_pool)
    features = layers.GlobalAveragePooling2D(**_SAME, name="features")(x)
    classes = layers.Dense(
        1008, "softmax", use_bias=False, name="fc", **_ZEROS, dtype="float32"
    )
    return keras.Model(images, [features, classes(features)], name="inception")


_SAME = {"data_format": "channels_last", "dtype": "float32"}
# The weights come from a file: drawing random weights first would take a second.
_ZEROS = {"kernel_initializer": "zeros"}


def _conv(x, name, filters, size, strides=1, padding="same"):
    layer = layers.Conv2D(
        filters, size, strides, padding, activation="relu", name=name, **_SAME, **_ZEROS
    )
    return layer(x)


def _max_pool(x, strides=1):
    padding = "same" if strides == 1 else "valid"
    return layers.MaxPooling2D(3, strides, padding, **_SAME)(x)


def _average_pool(x):
    return layers.AveragePooling2D(3, 1, "same", **_SAME)(x)


def _join(branches, name):
    return layers.Concatenate(axis=-1, dtype="float32", name=name)(branches)


def _chain(x, *convolutions):
    for arguments in convolutions:
        x = _conv(x, *arguments)
    return x


def _block_35(x, name, pooled):
    one = _conv(x, f"{name}_branch1x1", 64, 1)
    five = _chain(x, (f"{name}_branch5x5_1", 48, 1), (f"{name}_branch5x5_2", 64, 5))
    three = _chain(
        x,
        (f"{name}_branch3x3dbl_1", 64, 1),
        (f"{name}_branch3x3dbl_2", 96, 3),
        (f"{name}_branch3x3dbl_3", 96, 3),
    )
    pool = _conv(_average_pool(x), f"{name}_branch_pool", pooled, 1)
    return _join([one, five, three, pool], name)


def _to_17(x, name):
    three = _conv(x, f"{name}_branch3x3", 384, 3, 2, "valid")
    double = _chain(
        x,
        (f"{name}_branch3x3dbl_1", 64, 1),
        (f"{name}_branch3x3dbl_2", 96, 3),
        (f"{name}_branch3x3dbl_3", 96, 3, 2, "valid"),
    )
    return _join([three, double, _max_pool(x, 2)], name)


def _block_17(x, name, filters):
    across, down = (1, 7), (7, 1)
    one = _conv(x, f"{name}_branch1x1", 192, 1)
    seven = _chain(
        x,
        (f"{name}_branch7x7_1", filters, 1),
        (f"{name}_branch7x7_2", filters, across),
        (f"{name}_branch7x7_3", 192, down),
    )
    double = _chain(
        x,
        (f"{name}_branch7x7dbl_1", filters, 1),
        (f"{name}_branch7x7dbl_2", filters, down),
        (f"{name}_branch7x7dbl_3", filters, across),
        (f"{name}_branch7x7dbl_4", filters, down),
        (f"{name}_branch7x7dbl_5", 192, across),
    )
    pool = _conv(_average_pool(x), f"{name}_branch_pool", 192, 1)
    return _join([one, seven, double, pool], name)


def _to_8(x, name):
    three = _chain(
        x,
        (f"{name}_branch3x3_1", 192, 1),
        (f"{name}_branch3x3_2", 320, 3, 2, "valid"),
    )
    seven = _chain(
        x,
        (f"{name}_branch7x7x3_1", 192, 1),
        (f"{name}_branch7x7x3_2", 192, (1, 7)),
        (f"{name}_branch7x7x3_3", 192, (7, 1)),
        (f"{name}_branch7x7x3_4", 192, 3, 2, "valid"),
    )
    return _join([three, seven, _max_pool(x, 2)], name)


def _block_8(x, name, pool):
    one = _conv(x, f"{name}_branch1x1", 320, 1)
    three = _conv(x, f"{name}_branch3x3_1", 384, 1)
    double = _chain(
        x, (f"{name}_branch3x3dbl_1", 448, 1), (f"{name}_branch3x3dbl_2", 384, 3)
    )
    parts = [one]
    for branch, stem in ((three, "branch3x3_2"), (double, "branch3x3dbl_3")):
        parts.append(_conv(branch, f"{name}_{stem}a", 384, (1, 3)))
        parts.append(_conv(branch, f"{name}_{stem}b", 384, (3, 1)))
    parts.append(_conv(pool(x), f"{name}_branch_pool", 192, 1))
    return _join(parts, name)
