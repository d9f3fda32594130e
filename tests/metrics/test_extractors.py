import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_mdgan.datasets import to_unit_range
from keras_mdgan.metrics import Extractor, Source, extractor, register_extractor
from keras_mdgan.metrics.extractors import ModelExtractor

IMAGES = np.random.default_rng(0).integers(0, 256, (11, 6, 6, 3)).astype("uint8")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    images = keras.Input((6, 6, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="maps")(images)
    # Statistics of a batch would make features depend on their neighbours.
    x = layers.BatchNormalization()(layers.Flatten(name="flat")(x))
    classes = layers.Dense(5, activation="softmax", name="classes")(x)
    return keras.Model(images, classes, name="small")


def test_a_model(model):
    features = extractor(model).features(IMAGES, data="noise")
    wanted = ops.convert_to_numpy(model(to_unit_range(IMAGES), training=False))
    np.testing.assert_allclose(features.values, wanted, rtol=1e-5, atol=1e-6)
    assert features.probabilities is None
    assert features.source.data == "noise"
    assert features.source.extractor.startswith("small/")


def test_a_layer_and_probabilities(model):
    chosen = extractor(model, layer="maps", probabilities=True)
    features = chosen.features(IMAGES)
    maps = keras.Model(model.input, model.get_layer("maps").output)
    wanted = ops.convert_to_numpy(maps(to_unit_range(IMAGES)))
    assert features.values.shape == (11, 4 * 4 * 4)
    np.testing.assert_allclose(
        features.values, wanted.reshape(11, -1), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(features.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert features.source.extractor.startswith("small.maps/")
    both = extractor(model, probabilities=True).features(IMAGES)
    np.testing.assert_array_equal(both.values, both.probabilities)


def test_the_version_is_that_of_the_weights(model):
    chosen = extractor(model)
    before, layer = chosen.label, model.get_layer("classes")
    kernel, bias = layer.get_weights()
    assert extractor(model).label == before
    layer.set_weights([kernel + 1e-3, bias])
    assert chosen.label != before
    assert chosen.features(IMAGES).source.extractor == chosen.label
    layer.set_weights([kernel, bias])
    assert chosen.label == before


def test_a_function():
    def moments(images):
        assert images.dtype == np.float32
        return np.stack([images.mean((1, 2, 3)), images.std((1, 2, 3))], axis=1)

    features = extractor(moments, version="2").features(IMAGES)
    np.testing.assert_array_equal(features.values, moments(to_unit_range(IMAGES)))
    assert features.source.extractor.endswith("moments/2")
    pair = extractor(lambda images: (images, np.full((len(images), 2), 0.5)))
    assert pair.features(IMAGES).values.shape == (11, 108)
    assert pair.features(IMAGES).probabilities.shape == (11, 2)


def test_bytes_and_floats_have_the_same_features(model):
    chosen = extractor(model)
    wanted = chosen.features(IMAGES).values
    found = chosen.features(to_unit_range(IMAGES)).values
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("batch_size", [1, 4, 10, 11, 64])
def test_the_batch_size_changes_nothing(model, batch_size):
    chosen = extractor(model, layer="flat", probabilities=True)
    wanted = chosen.features(IMAGES)
    parts = list(chosen.batches(iter([IMAGES[:3], IMAGES[3:]]), batch_size=batch_size))
    assert max(map(len, parts)) <= batch_size
    assert {part.source for part in parts} == {wanted.source}
    for name in ("values", "probabilities"):
        found = np.concatenate([getattr(part, name) for part in parts])
        assert found.shape == getattr(wanted, name).shape
        np.testing.assert_allclose(found, getattr(wanted, name), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n", [8, 9, 11])
def test_one_program_is_enough(n):
    sizes = set()

    def note_size(images):
        sizes.add(len(images))
        return images

    assert len(extractor(note_size).features(IMAGES[:n], batch_size=4)) == n
    assert sizes == {4}


def test_few_images_are_not_padded():
    sizes = []
    extractor(lambda x: sizes.append(len(x)) or x).features(IMAGES, batch_size=64)
    assert sizes == [11]


def test_parts_come_as_they_are_needed():
    served = []

    def stream():
        for index in range(50):
            served.append(index)
            yield IMAGES[:4]

    parts = extractor(lambda images: images).batches(stream(), batch_size=4)
    next(parts)
    assert len(served) < 4


def test_channels_first(model):
    seen = []
    chosen = extractor(lambda images: seen.append(images.shape) or images)
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        features = chosen.features(np.moveaxis(IMAGES, -1, 1))
    finally:
        keras.config.set_image_data_format(before)
    assert seen == [(11, 3, 6, 6)]
    wanted = np.moveaxis(to_unit_range(IMAGES), -1, 1).reshape(11, -1)
    np.testing.assert_array_equal(features.values, wanted)


def test_registered_extractors(model):
    made = []

    def factory():
        made.append(1)
        return model

    register_extractor("registered", factory)
    assert not made
    assert extractor("registered") is extractor("registered")
    assert len(made) == 1
    assert isinstance(extractor("registered"), ModelExtractor)
    assert extractor("registered").label.startswith("registered/")
    register_extractor("registered", lambda: lambda images: images)
    assert extractor("registered").features(IMAGES).values.shape == (11, 108)
    mine = extractor("registered")
    assert extractor(mine) is mine


def test_an_extractor_of_ones_own():
    class Corner(Extractor):
        name, version, resizer = "corner", "3", "crop"

        def compute(self, images):
            assert images.dtype == np.uint8
            return images[:, 0, 0], None

    features = extractor(Corner()).features(IMAGES, "noise")
    assert features.source == Source("noise", "corner/3", "crop")
    np.testing.assert_array_equal(features.values, IMAGES[:, 0, 0])


@pytest.mark.parametrize(
    ("which", "arguments", "message"),
    [
        ("inceptoin", {}, r"`extractor` must be one of .*Did you mean 'inception'\?"),
        (None, {}, r"`extractor` must be one of .* Received: extractor=None"),
        ("inception", {"layer": "a"}, "`layer` has no meaning for 'inception'"),
        ("inception", {"version": "1"}, "`version` has no meaning for 'inception'"),
        (lambda x: x, {"probabilities": True}, "`probabilities` has no meaning"),
    ],
)
def test_wrong_arguments(which, arguments, message):
    with pytest.raises(ValueError, match=message):
        extractor(which, **arguments)


def test_wrong_use(model):
    with pytest.raises(ValueError, match=r"`layer` must be one of.*Did you mean 'map"):
        extractor(model, layer="mapz")
    with pytest.raises(ValueError, match="`version` has no meaning"):
        extractor(model, version="1")
    with pytest.raises(ValueError, match="`batch_size` must be an integer >= 1"):
        extractor(model).features(IMAGES, batch_size=0)
    with pytest.raises(ValueError, match=r"11 rows for 11 images.*\(6, 6, 3\)"):
        extractor(lambda images: images[0]).features(IMAGES)
    with pytest.raises(ValueError, match="`name` must be a string"):
        register_extractor(3, lambda: None)
