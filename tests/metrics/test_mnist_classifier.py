import pathlib
import re

import keras
import numpy as np
import pytest

from keras_mdgan import datasets
from keras_mdgan.metrics import extractor
from keras_mdgan.saving.shipped import shipped_model

CARD = (shipped_model("mnist_classifier") / "README.md").read_text()


@pytest.fixture
def digits(data_dir):
    return datasets.load("mnist", data_dir=data_dir, split="test")


def test_the_card_says_what_it_scores(digits):
    images, labels = digits
    features = extractor("mnist_classifier").features(images, batch_size=500)
    assert features.values.shape == (10_000, 128)
    wrong = np.sum(features.probabilities.argmax(axis=1) != labels)
    (accuracy, of_card) = re.search(
        r"\| test \| 10,000 \| (.*) \| (.*) \|", CARD
    ).groups()
    # Another backend may round a tie the other way.
    assert abs(wrong - int(of_card)) <= 1
    assert float(accuracy) == pytest.approx(100 - int(of_card) / 100)
    assert float(accuracy) >= 99.2


def test_stacked_digits(digits):
    images, labels = digits
    chosen = np.random.default_rng(0).integers(0, 10_000, (200, 3))
    stacks = np.moveaxis(images[chosen, ..., 0], 1, -1)
    features = extractor("mnist_classifier").features(stacks)
    assert features.probabilities.shape == (200, 1000)
    np.testing.assert_allclose(features.probabilities.sum(axis=1), 1, rtol=1e-5)
    found = features.probabilities.argmax(axis=1)
    assert np.mean(found == labels[chosen] @ [100, 10, 1]) > 0.95
    alone = extractor("mnist_classifier").features(images[chosen[:, 1]])
    np.testing.assert_allclose(features.values[:, 128:256], alone.values, atol=1e-4)


def test_channels_first():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 2)).astype("uint8")
    wanted = extractor("mnist_classifier").features(images)
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        moved = np.moveaxis(images, -1, 1)
        found = extractor("mnist_classifier").features(moved)
    finally:
        keras.config.set_image_data_format(before)
    np.testing.assert_allclose(found.values, wanted.values, rtol=1e-5)
    np.testing.assert_allclose(found.probabilities, wanted.probabilities, rtol=1e-5)


@pytest.mark.parametrize("shape", [(32, 32, 1), (28, 28, 4)])
def test_other_images(shape):
    with pytest.raises(ValueError, match=rf"28 x 28.*{re.escape(str(shape))}"):
        extractor("mnist_classifier").features(np.zeros((1, *shape), "uint8"))


def test_the_file_is_small():
    path = pathlib.Path(shipped_model("mnist_classifier")) / "model.keras"
    assert path.stat().st_size < 2_000_000
