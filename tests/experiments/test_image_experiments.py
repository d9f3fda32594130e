"""The experiments on images, with small networks and made-up data."""

import dataclasses
import sys
import warnings

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.experiments import Records, Run, image_measures, train
from keras_mdgan.experiments.__main__ import main
from keras_mdgan.experiments.literature import published
from keras_mdgan.recipes import METHODS, SETTINGS, methods_for, setting_for

PAPERS = [name for name in SETTINGS if name.startswith("papers")]
STACKED = [name for name, setting in SETTINGS.items() if setting.kind == "stacked"]


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """A folder of made-up digits, and a few of them to be measured."""
    generator = np.random.default_rng(0)
    digits = generator.integers(0, 256, (96, 28, 28), dtype="uint8")
    labels = np.arange(96, dtype="uint8") % 10
    np.savez(
        tmp_path / "mnist.npz",
        x_train=digits,
        y_train=labels,
        x_test=digits[:60],
        y_test=labels[:60],
    )
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    monkeypatch.setattr(image_measures.ImageMeasures, "n", 60)
    monkeypatch.setattr(image_measures.ImageMeasures, "n_between", 20)
    monkeypatch.setattr(image_measures.StackedMeasures, "n", 50)
    monkeypatch.setattr(image_measures.StackedMeasures, "n_between", 20)
    image_measures._real_features.cache_clear()
    yield
    image_measures._real_features.cache_clear()


@pytest.mark.parametrize("model", METHODS)
def test_every_method_has_networks_for_images(model, monkeypatch):
    small = dataclasses.replace(dataset("cifar10"), shape=(8, 8, 3))
    monkeypatch.setitem(DATASETS, "cifar10", small)
    gan = setting_for("papers", "cifar10").build(model, small, seed=0)
    assert type(gan) is METHODS[model].cls
    assert gan.data_shape == (8, 8, 3)
    for optimizer in gan.default_optimizers():
        assert optimizer in {player.name for player in gan.players()}


def test_methods_that_name_no_optimizer_have_that_of_dcgan(monkeypatch):
    small = dataclasses.replace(dataset("cifar10"), shape=(8, 8, 3))
    monkeypatch.setitem(DATASETS, "cifar10", small)
    setting = setting_for("papers", "cifar10")
    rates = {}
    for model in ("vanilla", "wasserstein_gp"):
        gan = setting.build(model, small, seed=0, options={"rate": 2.0})
        member = gan.optimizer["generator"]
        rates[model] = float(member.learning_rate.numpy()), member.beta_1
    assert rates["vanilla"] == (pytest.approx(4e-4), 0.5)
    assert rates["wasserstein_gp"] == (pytest.approx(2e-4), 0.0)


@pytest.mark.parametrize(
    ("setting", "budget", "rates", "beta_2"),
    [
        ("stacked_big", (100_000, 64), (2e-4, 2e-4), 0.999),
        ("stacked_quarter", (500_000, 128), (1e-4, 2e-4), 0.99),
    ],
)
def test_stacked_digits_are_trained_as_published(setting, budget, rates, beta_2):
    found = setting_for(setting, "stacked_mnist")
    assert (found.steps, found.batch_size) == budget
    gan = found.build("mixture_density", dataset("stacked_mnist"), seed=0)
    members = [gan.optimizer[name] for name in ("generator", "discriminator")]
    learning = [float(member.learning_rate.numpy()) for member in members]
    assert learning == pytest.approx(rates)
    assert {member.beta_2 for member in members} == {beta_2}


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_four_mixtures(name, monkeypatch):
    small = dataclasses.replace(dataset("mnist"), shape=(8, 8, 1))
    monkeypatch.setitem(DATASETS, "mnist", small)
    gan = setting_for(name, "mnist").build("mixture_density", small, seed=0)
    wanted = {
        "papers": (10, 0.28),
        "papers_8": (8, 0.25),
        "papers_8_wide": (8, 0.28),
        "papers_10": (10, 0.25),
    }
    assert (gan.components, gan.mixture_real.variance) == wanted[name]
    assert gan.mixture_fake.variance == 0.25
    vertices = gan.mixture_real.vertices
    assert np.linalg.norm(vertices[0] - vertices[1]) == pytest.approx(1.0)


def test_budgets_are_the_papers():
    def epochs(data):
        used = setting_for("papers_8", data)
        return used.steps / (used.n_points // used.batch_size), used.n_points

    assert epochs("mnist") == epochs("fashion_mnist") == (20, 60_000)
    assert epochs("cifar10") == (100, 50_000)
    assert epochs("celeba") == (40, 162_770)


def test_settings_are_refused_for_other_data(capsys):
    with pytest.raises(ValueError, match="`setting` must be one of 'papers'"):
        setting_for("ours", "mnist")
    with pytest.raises(ValueError, match="`setting` must be one of 'authors'"):
        setting_for("papers", "grid")
    with pytest.raises(SystemExit):
        main(["run", "stacked_mnist", "--settings", "papers"])
    assert "'stacked_big', 'stacked_half'" in capsys.readouterr().err


def test_published_figures():
    """Table 2 of the paper, table 3 of the slides."""
    wanted = {"papers_8": "10.47", "papers_8_wide": "11.79", "papers_10": "13.74"}
    for name, figure in {**wanted, "papers": "13.03"}.items():
        assert published("fashion_mnist", name, "mixture_density") == figure
    assert published("cifar10", "papers", "began") == "71.4"
    quarter = published("stacked_mnist", "stacked_quarter", "infogan")
    assert quarter == "237 / 2.87"
    assert published("stacked_mnist", "stacked_big", "dragan") == "-"


def shortened(monkeypatch, name, **changes):
    small = dataclasses.replace(SETTINGS[name], **changes)
    monkeypatch.setitem(SETTINGS, name, small)


@pytest.mark.host
def test_digits_from_the_command_to_the_table(monkeypatch, tmp_path):
    budget = {"steps": 4, "batch_size": 16, "n_points": 32}
    for name in ("papers", "papers_8"):
        shortened(monkeypatch, name, **budget)
    command = ["run", "mnist", "--models", "mixture_density", "--seeds", "1"]
    command += ["--settings", "papers,papers_8", "--out", str(tmp_path / "results")]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The vertices of", UserWarning)
        assert main(command) == 0
    records = Records(tmp_path / "results")
    found = next(r for r in records.read() if r["setting"] == "papers")
    assert (found["n_real"], found["n_fake"], found["steps"]) == (60, 60, 4)
    assert found["extractor"].startswith("mnist_classifier")
    assert sum(found["counts"]) == 60
    assert found["evaluations"]["step"][0] == 2
    assert "precision" not in found["evaluations"]
    samples = records.samples()["papers/mixture_density"]
    assert (samples.dtype, samples.shape) == (np.uint8, (60, 28, 28, 1))
    # The record's figure from scratch.
    extractor = km.metrics.extractor("mnist_classifier")
    real = extractor.features(km.datasets.load("mnist", split="test")[0])
    distance = km.metrics.frechet_distance(real, extractor.features(samples))
    assert found["frechet_distance"] == pytest.approx(float(distance), rel=1e-4)
    table = (tmp_path / "results" / "README.md").read_text()
    assert "these are no FIDs" in table
    assert "| 8 components, variances 0.25 / 0.25 (`papers_8`) | 1 |" in table
    assert "| 5.98 |" in table
    assert (tmp_path / "results" / "papers.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.host
def test_clusters_from_the_command_to_the_table(monkeypatch, tmp_path):
    shortened(monkeypatch, "papers", steps=4, batch_size=16, n_points=32)
    measured = []

    def remember(self, gan, last=True):
        images, labels = km.datasets.load("mnist", split="test")
        n = 60 if last else 20
        scaled = km.datasets.to_unit_range(images[:n])
        clusters = keras.ops.convert_to_numpy(gan.cluster(scaled))
        measured.append(km.metrics.clustering(labels[:n], clusters))
        return of_model(self, gan, last)

    of_model = image_measures.ImageMeasures.of_model
    monkeypatch.setattr(image_measures.ImageMeasures, "of_model", remember)
    out = tmp_path / "results"
    command = ["run", "mnist", "--models", "mixture_density", "--seeds", "2"]
    command += ["--options", "assignment=balanced,components=3", "--out", str(out)]
    assert main(command) == 0
    records = Records(out).read()
    assert [r["options"] for r in records] == [
        {"assignment": "balanced", "components": 3}
    ] * 2
    for record, found in zip(records, (measured[-1 - 3], measured[-1])):
        assert record["nmi"] == pytest.approx(found.nmi)
        assert record["cluster_accuracy"] == pytest.approx(found.accuracy)
        assert record["ari"] == pytest.approx(found.ari)
        assert record["clusters"] == found.n_clusters
        assert len(record["evaluations"]["nmi"]) == 2
    assert records[1]["evaluations"]["nmi"] == [
        pytest.approx(found.nmi) for found in measured[-3:-1]
    ]
    assert Records(out).samples() == {}
    table = (out / "README.md").read_text()
    options = "assignment=balanced, components=3"
    assert f"| papers | mixture_density | {options} | 2 |" in table
    ours = f"| mixture_density (papers, {options}) | 2 | 4 | "
    (line,) = [line for line in table.splitlines() if line.startswith(ours)]
    nmi = [r["nmi"] for r in records]
    assert f"| {np.mean(nmi):.3f} +- {np.std(nmi, ddof=1):.3f} |" in line
    theirs = (
        "| ClusterGAN, Mukherjee et al. 2019 (AAAI) | - | - | - | .89 | .95 | .89 |"
    )
    assert theirs in table
    assert "## papers" not in table  # no run without options


def test_models_without_clusters_have_no_figures_of_clusters():
    measures = image_measures.ImageMeasures(dataset("mnist"))
    assert measures.of_model(object()) == {}
    attributes = dataclasses.replace(dataset("mnist"), n_classes=None)

    class Clusters:
        cluster = data_shape = None

    assert image_measures.ImageMeasures(attributes).of_model(Clusters()) == {}


def test_without_the_extra_the_record_lacks_clusters(monkeypatch):
    class Clusters:
        cluster = data_shape = None

    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    measures = image_measures.ImageMeasures(dataset("mnist"))
    with pytest.warns(UserWarning, match=r"not measured.*keras-mdgan\[clustering\]"):
        assert measures.of_model(Clusters()) == {}


@pytest.mark.host
def test_stacked_digits_are_counted(monkeypatch, tmp_path):
    shortened(monkeypatch, "stacked_quarter", steps=2, batch_size=16, n_points=32)
    command = ["run", "stacked_mnist", "--models", "vanilla", "--seeds", "1"]
    command += ["--settings", "stacked_quarter", "--out", str(tmp_path / "results")]
    assert main(command) == 0
    (found,) = Records(tmp_path / "results").read()
    assert 1 <= found["modes"] <= 50
    assert found["n_fake"] == 50
    assert np.log(1000 / 50) - 1e-6 <= found["kl"] <= np.log(1000)
    assert "| true data | 2 |" in (tmp_path / "results" / "README.md").read_text()


def test_missing_weights_are_told_before_training(monkeypatch, tmp_path, capsys):
    def nowhere():
        raise FileNotFoundError("put the weights into ...")

    km.metrics.register_extractor("nowhere", nowhere)
    monkeypatch.setenv(image_measures.EXTRACTOR_VARIABLE, "nowhere")
    monkeypatch.setattr(type(dataset("mnist")), "as_dataset", None)
    command = [*"run mnist --models vanilla --seeds 1 --out".split(), str(tmp_path)]
    assert main(command) == 1
    assert "put the weights into ..." in capsys.readouterr().err


@pytest.mark.host
def test_a_published_generator_is_small_and_described(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = "publish mnist --model vanilla --steps 2 --out shipped".split()
    main(arguments)
    assert "  G " in capsys.readouterr().out  # the generator's loss
    folder = tmp_path / "shipped" / "mnist_vanilla"
    card = (folder / "README.md").read_text()
    assert "keras_mdgan.VanillaGAN" in card
    assert "publish mnist --model vanilla --steps 2" in card
    for row in ("this SavedModel", "before rounding to int8", "training images"):
        assert f"| {row} |" in card
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert 6e6 < size < 8e6
    assert km.load_sampler(folder).sample(2, seed=0).shape == (2, 28, 28, 1)
    main(arguments)
    assert "  G " not in capsys.readouterr().out  # nothing was left to train


def test_measures_without_a_title_are_in_records_alone():
    of_data = image_measures.ImageMeasures(dataset("mnist"))
    figures = of_data.figures(dataset("mnist").test_images()[:60])
    assert figures["sliced_wasserstein"] == pytest.approx(0, abs=1e-9)
    assert figures["clipped_density"] == figures["clipped_coverage"] == 1.0
    # The published records do not have them: a column would be empty.
    titled = [key for key, title, _ in of_data.columns]
    assert "coverage" in titled
    assert not {"sliced_wasserstein", "clipped_density"} & set(titled)


@pytest.mark.host
@pytest.mark.parametrize("model", ["conditional_mixture_density", "projection"])
def test_records_have_the_accuracy_of_each_class(model, tmp_path):
    run = Run("mnist", "compact", model, 0, steps=1)
    record = train(run, tmp_path / "results", report=str)
    assert len(record["label_accuracies"]) == 10
    assert record["label_accuracy"] == pytest.approx(
        np.mean(record["label_accuracies"]), abs=1e-3
    )
    assert len(record["evaluations"]["label_accuracy"]) >= 1


def test_data_without_classes_have_no_methods_that_need_labels():
    needing = {"conditional_mixture_density", "projection"}
    assert set(METHODS) - set(methods_for(dataset("celeba"))) == needing
    assert set(METHODS) == set(methods_for(dataset("mnist")))
    with pytest.raises(ValueError, match="celeba, whose labels are no classes"):
        setting_for("compact", "celeba").build("projection", dataset("celeba"), 0)
