"""Extractors, which compute the features of images that measures compare."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mdgan.datasets import to_unit_range
from keras_mdgan.metrics.features import Features, Source
from keras_mdgan.metrics.image_bytes import byte_batches
from keras_mdgan.validation import check_choice, check_integer


class Extractor:
    """Computes features of images; made by `keras_mdgan.metrics.extractor`.

    A subclass defines `compute` and the attributes below, which `Source` records.

    Examples:
        >>> class Mean(Extractor):
        ...     name, version = "mean", "1"
        ...     def compute(self, images):
        ...         return images.mean((1, 2)), None
        >>> Mean().features(np.full((2, 4, 4, 3), 7, "uint8"), data="gray").values
        array([[7., 7., 7.],
               [7., 7., 7.]])

    Attributes:
        name: the network's name.
        version: the version of its weights. `None` if versions cannot be told apart;
            then statistics are never cached.
        resizer: how images are resized to the network's size.
    """

    name = "extractor"
    version: str | None = None
    resizer = "none"

    @property
    def label(self) -> str:
        """Name and version, as in `Source.extractor`."""
        return self.name if self.version is None else f"{self.name}/{self.version}"

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Features `(n, dim)` and probabilities `(n, n_classes)` or `None`.

        Args:
            images: `(n, height, width, channels)`, uint8, channels last.
        """
        raise NotImplementedError

    def batches(
        self, images: Any, data: str | None = None, batch_size: int = 64
    ) -> Iterator[Features]:
        """The features of images, part by part: they are never all in memory.

        Args:
            images: an array `(n, height, width, channels)`, uint8 in [0, 255] or float
                in [-1, 1], or an iterable of such batches, of any sizes. For a model's
                samples see `generated`.
            data: the name of the images, for `Source`.
            batch_size: images per call of the network. The features depend on it only
                by rounding.

        Yields:
            `Features` of up to `batch_size` images, in the images' order.

        Raises:
            ValueError: if images have another shape, type or range.
        """
        batch_size = check_integer("batch_size", batch_size)
        source = Source(data, self.label, self.resizer)
        seen_whole = False
        for batch in byte_batches(images, batch_size):
            n = len(batch)
            # A last batch of another size would need another compilation.
            if seen_whole:
                batch = np.resize(batch, (batch_size, *batch.shape[1:]))
            seen_whole = True
            values, probabilities = (
                _rows(output, len(batch)) for output in self.compute(batch)
            )
            if probabilities is not None:
                probabilities = probabilities[:n]
            yield Features(values[:n], probabilities, source)

    def features(
        self, images: Any, data: str | None = None, batch_size: int = 64
    ) -> Features:
        """The features of all images: `batches` joined, with the same arguments."""
        parts = list(self.batches(images, data, batch_size))
        probabilities = None
        if parts[0].probabilities is not None:
            probabilities = np.concatenate([part.probabilities for part in parts])
        values = np.concatenate([part.values for part in parts])
        return dataclasses.replace(parts[0], values=values, probabilities=probabilities)

    def __repr__(self):
        return f"<Extractor {self.label}, resizer {self.resizer}>"


class ModelExtractor(Extractor):
    """Features from a Keras model that takes images in [-1, 1].

    Examples:
        >>> images = keras.Input((4, 4, 1))
        >>> flat = keras.layers.Flatten()(images)
        >>> model = keras.Model(images, keras.layers.Dense(3)(flat))
        >>> ModelExtractor(model).features(np.zeros((2, 4, 4, 1), "uint8")).values.shape
        (2, 3)

    Args:
        model: gives a tensor `(n, ...)`, which is flattened.
        layer: name of a layer whose output is used instead of the model's.
        probabilities: whether the model's outputs are probabilities of classes.
        name: the name for `Source`; by default the model's name.
    """

    def __init__(
        self,
        model: keras.Model,
        layer: str | None = None,
        probabilities: bool = False,
        name: str | None = None,
    ):
        self.model, self.network, self.classifies = model, model, probabilities
        self.name = name or model.name
        if layer is not None:
            check_choice("layer", layer, [each.name for each in model.layers])
            outputs = [model.get_layer(layer).output, model.output]
            self.network = keras.Model(model.input, outputs[: 1 + probabilities])
            self.name = name or f"{model.name}.{layer}"

    @property
    def version(self) -> str:
        """A part of the sha256 of the model's present weights."""
        digest = hashlib.sha256()
        for weight in self.model.get_weights():
            digest.update(np.ascontiguousarray(weight).tobytes())
        return digest.hexdigest()[:8]

    def prepare(self, images: np.ndarray) -> np.ndarray:
        """The model's inputs, from uint8 images with channels last."""
        return _in_unit_range(images)

    def compute(self, images):
        outputs = self.network.predict_on_batch(self.prepare(images))
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        return outputs[0], outputs[-1] if self.classifies else None


class FunctionExtractor(Extractor):
    """Features from a function of images in [-1, 1].

    Examples:
        >>> darkest = FunctionExtractor(lambda images: images.min((1, 2)), "darkest")
        >>> darkest.features(np.full((1, 4, 4, 2), 255, "uint8")).values
        array([[1., 1.]], dtype=float32)

    Args:
        function: a function of a float32 array `(n, height, width, channels)`, channels
            first if Keras is set so. It returns features `(n, ...)`, which are
            flattened, or a pair of features and probabilities.
        name: the name for `Source`; by default the function's name.
        version: the version for `Source`. Without it statistics are not cached.
    """

    def __init__(
        self, function: Callable, name: str | None = None, version: str | None = None
    ):
        self.function, self.version = function, version
        self.name = name or getattr(function, "__qualname__", type(function).__name__)

    def compute(self, images):
        outputs = self.function(_in_unit_range(images))
        return outputs if isinstance(outputs, tuple) else (outputs, None)


def _in_unit_range(images):
    images = to_unit_range(images)
    if keras.config.image_data_format() == "channels_first":
        images = np.moveaxis(images, -1, 1)
    return images


def _rows(output, n):
    if output is None:
        return None
    output = ops.convert_to_numpy(output)
    if output.shape[:1] != (n,):
        raise ValueError(
            f"The extractor must give {n} rows for {n} images. "
            f"Received: shape {output.shape}"
        )
    return output.reshape(n, -1)
