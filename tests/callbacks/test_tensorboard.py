"""What is written for TensorBoard, read back by TensorBoard's own reader."""

import pathlib
import sys

import keras
import keras_tuner
import numpy as np
import pytest
from PIL import Image

import keras_mdgan as km
from keras_mdgan.callbacks.summaries import EventFile, write_embeddings

pytest.importorskip("tensorboard")
# TensorBoard 2.21 itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def read(folder):
    from tensorboard.backend.event_processing import event_accumulator

    found = event_accumulator.EventAccumulator(str(folder), size_guidance={"images": 0})
    return found.Reload()


def served(folder, path):
    """What the projector's plugin answers to a browser."""
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin
    from werkzeug.test import Client

    plugin = ProjectorPlugin(base_plugin.TBContext(logdir=str(folder)))
    plugin._update_configs()
    name, _, query = path.partition("?")
    answer = Client(plugin.get_plugin_apps()[name]).get(f"/?run=.&{query}")
    assert answer.status_code == 200, answer.text
    return answer


def gan(shape=(2,)):
    layers = keras.layers
    size = int(np.prod(shape))
    model = km.MixtureDensityGAN(
        keras.Sequential(
            [layers.Dense(size, activation="tanh"), layers.Reshape(shape)]
        ),
        keras.Sequential([layers.Flatten(), layers.Dense(3)]),
        km.latents.Uniform(2),
        seed=0,
    )
    rates = {"generator": 1e-3, "discriminator": 4e-3}
    model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    return model


def test_each_players_rate_is_logged_by_its_name(tmp_path):
    pytest.importorskip("tensorflow")  # Keras' own callback needs it
    from tensorboard.util import tensor_util

    x = km.datasets.ring().sample(40, seed=0)
    halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 1e-3 / 2**epoch)
    board = keras.callbacks.TensorBoard(tmp_path, write_graph=False)
    history = (
        gan()
        .fit(x, batch_size=20, epochs=2, verbose=0, callbacks=[board, halved])
        .history
    )
    written = read(tmp_path / "train")
    for player, ratio in (("generator", 0.25), ("discriminator", 1.0)):
        name = f"{player}_learning_rate"
        rates = [
            tensor_util.make_ndarray(event.tensor_proto)
            for event in written.Tensors(f"epoch_{name}")
        ]
        np.testing.assert_allclose(rates, history[name], rtol=1e-6)
        np.testing.assert_allclose(rates, [ratio * 1e-3, ratio * 5e-4], rtol=1e-6)
    # Nobody who does not ask for them has them in the history.
    assert "generator_learning_rate" not in gan().fit(x, verbose=0).history


def test_figures_are_images_of_tensorboard(tmp_path):
    images = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype("float32")
    folder, logs = tmp_path / "grids", tmp_path / "logs"
    grid = km.callbacks.SampleGrid(folder, rows=2, every=2, tensorboard=logs)
    labels = np.arange(8) % 2
    plot = km.callbacks.EmbeddingPlot(images, labels, tmp_path / "e", tensorboard=logs)
    model = gan((8, 8, 1))
    model.fit(images, batch_size=4, epochs=4, verbose=0, callbacks=[grid, plot])
    written = read(logs)
    samples = written.Images("samples")
    assert [event.step for event in samples] == [1, 3]
    for event, path in zip(samples, sorted(folder.glob("*.png")), strict=True):
        assert event.encoded_image_string == path.read_bytes()
        with Image.open(path) as image:
            assert (event.width, event.height) == image.size
    assert len(written.Images("embeddings")) == 4

    # The embeddings for the projector are those of the last epoch.
    embeddings = keras.ops.convert_to_numpy(model.embed(images))
    points = np.frombuffer(served(logs, "/tensor?name=embeddings").data, "float32")
    wanted = np.concatenate([embeddings, model.mixture_real.vertices])
    np.testing.assert_allclose(points.reshape(-1, 3), wanted, atol=1e-5)
    listed = served(logs, "/metadata?name=embeddings").text.split("\n")
    assert listed[:3] == ["0", "1", "0"]
    assert listed[8:12] == [f"vertex {k}" for k in range(4)]
    config = served(logs, "/info?").json["embeddings"][0]
    assert config["tensorShape"] == [12, 3]
    assert config["sprite"]["singleImageDim"] == [8, 8]
    sprite = logs / "embeddings" / "sprite.png"
    assert served(logs, "/sprite_image?name=embeddings").data == sprite.read_bytes()
    with Image.open(sprite) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (32, 32)  # 4 rows of 4, for 12 points
    np.testing.assert_allclose(
        pixels[8:16, 0:8], 127.5 * (images[4, ..., 0] + 1), atol=0.51
    )
    assert (pixels[16:] == 255).all()


@pytest.mark.host
def test_embeddings_of_points_have_no_pictures(tmp_path):
    write_embeddings(tmp_path, np.eye(3), ['a "b"', "ä\tc", "d"])
    assert not list(tmp_path.rglob("*.png"))
    assert "sprite" not in (tmp_path / "projector_config.pbtxt").read_text()
    points = np.frombuffer(served(tmp_path, "/tensor?name=embeddings").data, "float32")
    np.testing.assert_array_equal(points.reshape(3, 3), np.eye(3))


def test_a_search_has_hyperparameters_and_measures(tmp_path):
    from tensorboard.plugins.hparams import metadata

    search = km.tuning.ClustersAndVariance(
        km.datasets.ring(),
        generator=lambda seed: km.networks.mlp_generator((2,), hidden=(8,), seed=seed),
        discriminator=lambda outputs, seed: km.networks.mlp_discriminator(
            (2,), outputs, hidden=(8,), seed=seed
        ),
        components=(4,),
        variances=(0.16, 0.25),
        epochs=2,
        every=1,
        batch_size=5_000,
        seeds=2,
        tensorboard=tmp_path / "logs",
    )
    objective = keras_tuner.Objective("modes", "max")
    tuner = km.tuning.GridSearch(
        search, objective, directory=tmp_path, project_name="search"
    )
    tuner.search(verbose=0)
    groups = {}
    for path in (tmp_path / "logs").rglob("events*"):
        found = read(path)
        content = found.PluginTagToContent("hparams")
        start = metadata.parse_session_start_info_plugin_data(
            content[metadata.SESSION_START_INFO_TAG]
        )
        end = metadata.parse_session_end_info_plugin_data(
            content[metadata.SESSION_END_INFO_TAG]
        )
        assert end.status == 1  # success
        assert start.hparams["components"].number_value == 4
        assert [event.step for event in found.Scalars("kl")] == [0, 1]
        variance = start.hparams["variance"].number_value
        kept = groups.setdefault(start.group_name, (variance, []))
        assert kept[0] == variance
        kept[1].append(found.Scalars("kl")[-1].value)
    assert sorted(variance for variance, _ in groups.values()) == [0.16, 0.25]
    means = {variance: np.mean(kl) for variance, kl in groups.values()}
    assert all(len(kl) == 2 for _, kl in groups.values())
    for trial in tuner.oracle.trials.values():
        mean = trial.metrics.get_statistics("kl")["mean"]
        assert means[trial.hyperparameters["variance"]] == pytest.approx(mean, rel=1e-6)


@pytest.mark.host
def test_without_tensorboard_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    wanted = r'pip install "keras-mdgan\[tensorboard\]"'
    with pytest.raises(ImportError, match=wanted):
        km.callbacks.SampleGrid(tmp_path, tensorboard=tmp_path)
    with pytest.raises(ImportError, match=wanted):
        EventFile(tmp_path)
    with pytest.raises(ImportError, match=wanted):
        km.tuning.ClustersAndVariance(km.datasets.ring(), tensorboard=tmp_path)
    km.callbacks.SampleGrid(tmp_path)  # needs none
    project = (pathlib.Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert '\ntensorboard = ["tensorboard' in project
