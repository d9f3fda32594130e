"""The extractor `"inception"`."""

import os

import keras
import numpy as np
from keras import ops

from keras_mdgan.metrics.extractors import Extractor
from keras_mdgan.metrics.inception import SIZE, inception_2015_12_05
from keras_mdgan.metrics.inception_weights import (
    find_weights,
    load_weights,
    version_of,
)
from keras_mdgan.metrics.resize import resize_as_tensorflow1


class InceptionExtractor(Extractor):
    """2048 features and 1008 probabilities of the Inception network of 2015-12-05.

    Images are resized to 299x299 by TensorFlow 1's rule and mapped by
    `(x - 128) / 128`. Gray images are repeated to three channels. Features are the
    output of the last pooling layer. Probabilities are computed without the last bias,
    as in inception scores.

    Examples:
        >>> InceptionExtractor("nowhere.pth")
        Traceback (most recent call last):
        FileNotFoundError: The Inception network needs its weights. There is no file ...

    Args:
        weights: a file of weights; see `inception_weights.find_weights`.

    Raises:
        FileNotFoundError: if there are no weights.
        ValueError: if they are damaged.

    References:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017, section 4.
    """

    name = "inception-2015-12-05"
    resizer = "bilinear, as in TensorFlow 1"

    def __init__(self, weights: str | os.PathLike | None = None):
        path = find_weights(weights)
        self.version = version_of(path)
        self.network = inception_2015_12_05()
        load_weights(self.network, path)
        self._of_shape = {}

    def compute(self, images):
        shape = images.shape[1:]
        if shape[-1] not in (1, 3):
            raise ValueError(
                "The Inception network takes images with 1 or 3 channels. "
                f"Received: images of shape {shape}"
            )
        # One model per shape, so that resizing is compiled together with the network.
        if shape not in self._of_shape:
            inputs = keras.Input(shape, dtype="uint8")
            outputs = self.network(_Prepared(dtype="float32")(inputs))
            self._of_shape[shape] = keras.Model(inputs, outputs)
        return tuple(self._of_shape[shape].predict_on_batch(np.asarray(images)))


class _Prepared(keras.layers.Layer):
    """Prepares uint8 images for the network, on the device instead of the host."""

    def call(self, images):
        images = resize_as_tensorflow1(ops.cast(images, "float32"), (SIZE, SIZE))
        if images.shape[-1] == 1:
            images = ops.repeat(images, 3, axis=-1)
        return (images - 128.0) / 128.0

    def compute_output_shape(self, input_shape):
        return (input_shape[0], SIZE, SIZE, 3)
