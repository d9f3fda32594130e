"""The extractor `"mnist_classifier"`."""

import numpy as np

from keras_mdgan.datasets import to_unit_range
from keras_mdgan.metrics.extractors import ModelExtractor
from keras_mdgan.saving.keras_file import load_model
from keras_mdgan.saving.shipped import shipped_model


class MNISTClassifier(ModelExtractor):
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

    def __init__(self):
        path = shipped_model("mnist_classifier") / "model.keras"
        super().__init__(load_model(path), "features", True, "mnist_classifier")

    def prepare(self, images):
        return to_unit_range(images)  # channels last for all of Keras' settings

    def compute(self, images):
        n, *size, channels = images.shape
        if size != [28, 28] or channels > 3:
            raise ValueError(
                "The MNIST classifier takes images of 28 x 28 with 1 to 3 channels. "
                f"Received: images of shape {images.shape[1:]}"
            )
        digits = np.moveaxis(images, -1, 1).reshape(n * channels, 28, 28, 1)
        values, of_digits = super().compute(digits)
        of_digits = np.reshape(of_digits, (n, channels, -1))
        probabilities = of_digits[:, 0]
        for channel in range(1, channels):
            pairs = probabilities[:, :, None] * of_digits[:, channel, None]
            probabilities = pairs.reshape(n, -1)
        return np.reshape(values, (n, -1)), probabilities
