"""The Inception network against PyTorch, on random weights: nothing is downloaded."""

import hashlib

import keras
import numpy as np
import pytest

from keras_mdgan.metrics import inception_weights
from keras_mdgan.metrics.inception import inception_2015_12_05
from keras_mdgan.metrics.inception_extractor import InceptionExtractor, _Prepared
from keras_mdgan.metrics.inception_weights import (
    assign,
    find_weights,
    load_weights,
    version_of,
)

torch = pytest.importorskip("torch")

IMAGE = np.random.default_rng(1).integers(0, 256, (1, 20, 32, 3)).astype("uint8")
TINY = {"a": torch.ones(1)}


@pytest.fixture(scope="module")
def reference():
    """The reference after it has seen `IMAGE`, and what it made of it."""
    from support.inception_reference import Reference

    reference = Reference()
    reference.input = by_hand(IMAGE.astype("float64"))
    reference.output = reference(reference.input)
    return reference


@pytest.fixture(scope="module")
def weights(reference, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    state = {name: torch.tensor(value) for name, value in reference.state.items()}
    torch.save(state, path, _use_new_zipfile_serialization=False)
    return path


def by_hand(images):
    """Resized pixel by pixel from the rule, in float64, and scaled."""
    (n, height, width, channels), size = images.shape, 299
    out = np.empty((n, size, size, channels))
    for i in range(size):
        y, x = i * height / size, np.arange(size) * width / size
        low, left = int(y), x.astype(int)
        down, right = min(low + 1, height - 1), np.minimum(left + 1, width - 1)
        share = (x - left)[:, None]
        upper = images[:, low, left] * (1 - share) + images[:, low, right] * share
        lower = images[:, down, left] * (1 - share) + images[:, down, right] * share
        out[:, i] = upper * (1 - (y - low)) + lower * (y - low)
    return ((out - 128) / 128).astype("float32")


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_every_block(reference):
    network = inception_2015_12_05()
    assign(network, reference.state)
    layers = [network.get_layer(name).output for name in reference.blocks]
    model = keras.Model(network.input, [*layers, *network.outputs])
    *blocks, features, probabilities = model.predict_on_batch(reference.input)
    assert len(blocks) == 11
    for found, wanted in zip(blocks, reference.blocks.values()):
        assert wanted.std() > 0.1
        close(found, wanted)
    assert features.shape == (1, 2048)
    assert probabilities.shape == (1, 1008)
    close(features, reference.output[0])
    close(probabilities, reference.output[1])


def test_the_extractor(reference, weights):
    features = InceptionExtractor(weights).features(IMAGE, data="noise")
    close(features.values, reference.output[0])
    close(features.probabilities, reference.output[1])
    assert features.source.extractor.startswith("inception-2015-12-05/")
    assert features.source.resizer == "bilinear, as in TensorFlow 1"


def test_torch_fidelity(reference, weights):
    """The reference is what a public package computes."""
    module = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    names = ["2048", "logits_unbiased"]
    network = module.FeatureExtractorInceptionV3("fid", names, str(weights))
    features, logits = network(torch.tensor(IMAGE).permute(0, 3, 1, 2))
    close(reference.output[0], features.numpy())
    close(reference.output[1], torch.softmax(logits, 1).numpy())


def test_gray_images_become_three_channels():
    gray = IMAGE[..., :1]
    prepared = keras.ops.convert_to_numpy(_Prepared()(gray))
    np.testing.assert_allclose(
        prepared, np.repeat(by_hand(gray.astype("float64")), 3, axis=-1), atol=1e-5
    )


def test_the_other_kinds_of_files(reference, weights, tmp_path):
    first, again = inception_2015_12_05(), inception_2015_12_05()
    load_weights(first, weights)
    np.savez(tmp_path / "weights.npz", **reference.state)
    first.save_weights(tmp_path / "the.weights.h5")
    for name in ("weights.npz", "the.weights.h5"):
        again.set_weights([np.zeros_like(value) for value in first.get_weights()])
        load_weights(again, tmp_path / name)
        for found, wanted in zip(again.get_weights(), first.get_weights()):
            np.testing.assert_array_equal(found, wanted)


def test_wrong_files(reference, weights, tmp_path):
    network = inception_2015_12_05()
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ValueError, match=r"\.npz or \.weights\.h5.*weights\.bin"):
        load_weights(network, tmp_path / "weights.bin")
    (tmp_path / "cut.pth").write_bytes(weights.read_bytes()[:90_000_000])
    with pytest.raises(ValueError, match=r"cut\.pth is damaged"):
        load_weights(network, tmp_path / "cut.pth")
    missing = {k: v for k, v in reference.state.items() if k != "fc.weight"}
    np.savez(tmp_path / "missing.npz", **missing)
    with pytest.raises(ValueError, match=r"missing\.npz has no tensor 'fc\.weight'"):
        load_weights(network, tmp_path / "missing.npz")
    other = {**reference.state, "fc.weight": np.zeros((1000, 2048), "float32")}
    np.savez(tmp_path / "other.npz", **other)
    with pytest.raises(ValueError, match=r"other\.npz.*another network"):
        load_weights(network, tmp_path / "other.npz")
    for name in ("a.npz", "b.weights.h5"):
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(ValueError, match=f"{name} is damaged"):
            load_weights(network, tmp_path / name)


def test_images_of_other_channels():
    extractor = object.__new__(InceptionExtractor)
    with pytest.raises(ValueError, match=r"1 or 3 channels.*\(8, 8, 4\)"):
        next(extractor.batches(np.zeros((2, 8, 8, 4), "uint8")))


def test_where_weights_are_looked_for(tmp_path, monkeypatch):
    asked = []

    def get_file(fname, origin, **arguments):
        asked.append((fname, origin, arguments))
        return str(tmp_path / "downloaded.pth")

    monkeypatch.setattr(keras.utils, "get_file", get_file)
    monkeypatch.delenv(inception_weights.WEIGHTS_VARIABLE, raising=False)
    assert find_weights().name == "downloaded.pth"
    ((name, url, arguments),) = asked
    assert url.startswith("https://github.com/")
    assert url.endswith(name)
    # PyTorch's file names end with the first digits of the hash.
    assert arguments["file_hash"][:8] == name.removesuffix(".pth")[-8:]
    assert len(arguments["file_hash"]) == 64

    torch.save(TINY, tmp_path / "mine.pth")
    monkeypatch.setenv(inception_weights.WEIGHTS_VARIABLE, str(tmp_path / "mine.pth"))
    assert find_weights().name == "mine.pth"
    torch.save(TINY, tmp_path / "other.pth")
    assert find_weights(tmp_path / "other.pth").name == "other.pth"
    assert len(asked) == 1
    with pytest.raises(FileNotFoundError, match=r"no file at nowhere\.pth"):
        find_weights("nowhere.pth")


def test_without_weights_and_network(monkeypatch):
    def get_file(*arguments, **others):
        raise Exception("URL fetch failure")  # bare, as Keras raises it

    monkeypatch.setattr(keras.utils, "get_file", get_file)
    monkeypatch.delenv(inception_weights.WEIGHTS_VARIABLE, raising=False)
    with pytest.raises(FileNotFoundError) as caught:
        InceptionExtractor()
    said = str(caught.value)
    for part in ("URL fetch failure", "KERAS_MDGAN_INCEPTION", '"mnist_classifier"'):
        assert part in said


def test_versions_tell_weights_apart(tmp_path, monkeypatch):
    for value in (1, 2):
        torch.save({"a": torch.tensor(value)}, tmp_path / f"{value}.pth")
    first, second = version_of(tmp_path / "1.pth"), version_of(tmp_path / "2.pth")
    assert first != second
    assert "v1" not in (first, second)
    digest = hashlib.sha256((tmp_path / "1.pth").read_bytes()).hexdigest()
    assert digest.startswith(first)
    monkeypatch.setattr(inception_weights, "SHA256", digest)
    assert version_of(tmp_path / "1.pth") == "v1"
