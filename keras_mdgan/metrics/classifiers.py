"""The extractors that ship with the package: classifiers of small images."""

import numpy as np

from keras_mdgan.datasets import to_unit_range
from keras_mdgan.metrics.extractors import ModelExtractor
from keras_mdgan.saving.keras_file import load_model
from keras_mdgan.saving.shipped import shipped_model


class ShippedClassifier(ModelExtractor):
    """128 features and 10 probabilities of each image, from a shipped classifier.

    Examples:
        >>> clothes = ShippedClassifier("fashion_mnist_classifier")
        >>> features = clothes.features(np.zeros((2, 28, 28, 1), "uint8"))
        >>> features.values.shape, features.probabilities.shape
        ((2, 128), (2, 10))

    Args:
        name: the name of the model in `saved_models`.

    Raises:
        ValueError: in `compute`, if images have another size or another number of
            channels.
    """

    def __init__(self, name: str):
        path = shipped_model(name) / "model.keras"
        model = load_model(path)
        super().__init__(model, "features", True, name)
        self.name, (*self.size, self.channels) = name, model.input_shape[1:]

    def prepare(self, images):
        return to_unit_range(images)  # channels last for all of Keras' settings

    def compute(self, images):
        self._check(images)
        return super().compute(images)

    def _check(self, images):
        _, *size, channels = images.shape
        if size != self.size or channels not in self.accepted:
            first, last = self.accepted[0], self.accepted[-1]
            known = f"{first} to {last}" if last > first else str(first)
            raise ValueError(
                f"The extractor {self.name!r} takes images of "
                f"{' x '.join(map(str, self.size))} with {known} "
                f"channel{'s' if last > 1 else ''}. "
                f"Received: images of shape {images.shape[1:]}"
            )

    @property
    def accepted(self) -> tuple[int, ...]:
        """The numbers of channels that images may have."""
        return (self.channels,)


class MNISTClassifier(ShippedClassifier):
    """128 features and 10 probabilities of each digit, from the shipped classifier.

    Images must be 28x28, with white digits on black. Each of up to three channels is
    classified separately, and the features are joined. The probabilities are those of
    all `10^channels` combinations, with the first channel's digit as the most
    significant. For Stacked MNIST, the index of the largest is the label, 0 to 999.

    Examples:
        >>> features = MNISTClassifier().features(np.zeros((2, 28, 28, 3), "uint8"))
        >>> features.values.shape, features.probabilities.shape
        ((2, 384), (2, 1000))

    Raises:
        ValueError: in `compute`, if the images have another shape.
    """

    accepted = (1, 2, 3)

    def __init__(self):
        super().__init__("mnist_classifier")

    def compute(self, images):
        self._check(images)
        n, *size, channels = images.shape
        digits = np.moveaxis(images, -1, 1).reshape(n * channels, *size, 1)
        values, of_digits = super().compute(digits)
        of_digits = np.reshape(of_digits, (n, channels, -1))
        probabilities = of_digits[:, 0]
        for channel in range(1, channels):
            pairs = probabilities[:, :, None] * of_digits[:, channel, None]
            probabilities = pairs.reshape(n, -1)
        return np.reshape(values, (n, -1)), probabilities
