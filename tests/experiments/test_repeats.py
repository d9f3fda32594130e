"""Published experiments that are repeated: their runs, measures and page."""

import dataclasses

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import DATASETS, dataset, to_unit_range
from keras_mdgan.experiments import DamagedRecords, Records, Run, repeats
from keras_mdgan.experiments import repeat_measures as own
from keras_mdgan.experiments.__main__ import main, parse
from keras_mdgan.recipes import SETTINGS, setting_for
from keras_mdgan.recipes.setting import check_options

IMAGES = ("mode_scores", "missing_modes", "inference")


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Made-up digits of ten brightnesses, and measures of a few of them."""
    generator = np.random.default_rng(0)
    labels = np.arange(80, dtype="uint8") % 10
    digits = 25 * labels[:, None, None] + generator.integers(0, 20, (80, 28, 28))
    digits = digits.astype("uint8")
    arrays = {"x_train": digits, "y_train": labels, "x_test": digits, "y_test": labels}
    np.savez(tmp_path / "mnist.npz", **arrays)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    for measures in (own.ModeScores, own.MissingModes, own.Inference):
        monkeypatch.setattr(measures, "n", 80)
    monkeypatch.setattr(own.MissingModes, "epochs", 1)
    for name, value in {"n_images": 6, "n_kept": 3, "steps": 2, "starts": 1}.items():
        monkeypatch.setattr(own.Inference, name, value)
    monkeypatch.setattr(repeats, "_RATES", (0.5, 2.0))
    return digits, labels


@pytest.mark.host
@pytest.mark.parametrize("name", repeats.EXPERIMENTS)
def test_every_trial_is_a_run_of_its_own(name):
    experiment = repeats.EXPERIMENTS[name]
    for data in experiment.data:
        setting = experiment.settings[dataset(data).kind]
        runs = repeats.runs(name, data, setting, seeds=2, steps=10)
        trials = experiment.trials_on(data)
        assert len({run.name for run in runs}) == 2 * len(trials)
        assert len({trial.label for trial in trials}) == len(trials)
        for run in runs:
            check_options(run.model, run.options)
            assert (run.experiment, run.resolved.steps) == (name, 10)


@pytest.mark.parametrize("name", ["first_version", "gaussian_mixtures"])
def test_trials_on_points_can_be_built(name):
    data = repeats.EXPERIMENTS[name].data[0]
    setting = repeats.EXPERIMENTS[name].settings["points"]
    for run in repeats.runs(name, data, setting, seeds=1, steps=10):
        gan = run.build()
        if run.model == "mixture_density":
            assert gan.components == run.options["components"]
            assert gan.mixture_real.variance == run.options["variance_real"]
            assert gan.mixture_fake.variance == 0.25
            edge = np.linalg.norm(
                gan.mixture_real.vertices[0] - gan.mixture_real.vertices[1]
            )
            assert edge == pytest.approx(1.0)
        elif run.model == "gaussian_mixture":
            assert gan.latents.components == 8
            assert gan.latents.stddev == run.options["stddev"]
            assert gan.latents.dim == run.options.get("latent_dim", 100)
            assert gan.latents.trainable == run.options["dynamic"]
            assert gan.supervised == run.options.get("supervised", False)
            assert gan.gradient_penalty == run.options.get("gradient_penalty", 0)


def test_mixtures_of_images_can_be_built(monkeypatch):
    small = dataclasses.replace(dataset("mnist"), shape=(8, 8, 1))
    monkeypatch.setitem(DATASETS, "mnist", small)
    runs = repeats.runs("gaussian_mixtures", "mnist", "papers", seeds=1, steps=10)
    for run in (runs[0], runs[1], runs[-2], runs[-1]):
        gan = run.build()
        assert gan.n_outputs == (10 if "supervised" in run.options else 1)
        assert gan.ema_momentum is None


def test_the_first_version_is_that_of_the_paper():
    wanted = km.MixtureDensityGAN.paper_settings("v1")
    assert SETTINGS["v1"].mixture_density == wanted
    found, authors = (setting_for(name, "grid") for name in ("v1", "authors"))
    assert found.networks is authors.networks
    assert found.steps == authors.steps == 40_000


def test_a_supervised_mixture_learns_from_the_labels(tmp_path):
    """Its discriminator has an output for each mode, and its batches have labels."""
    options = {"supervised": True, "components": 8}
    run = Run("ring", "plain", "gaussian_mixture", 0, options, steps=4)
    _, labels = run.batches()[0]
    assert set(labels.tolist()) <= set(range(8))
    found = km.recipes.papers("ring", "plain", "gaussian_mixture", 4, options=options)
    assert found.model.n_outputs == 8
    assert "class_accuracy" in found.fit(verbose=0).history


def test_a_run_may_have_no_averaged_generator():
    setting = setting_for("compact", "mnist")
    for options, momentum in (({}, 0.999), ({"ema_momentum": None}, None)):
        gan = setting.build("vanilla", dataset("mnist"), 0, options)
        assert gan.ema_momentum == momentum


@pytest.mark.parametrize("name", IMAGES)
def test_from_the_command_to_the_page(name, small, tmp_path, monkeypatch, capsys):
    experiment = repeats.EXPERIMENTS[name]
    first = {"mode_scores": 4, "missing_modes": 1, "inference": 1}[name]
    trials = experiment.trials_on("mnist")[:first]
    monkeypatch.setattr(type(experiment), "trials_on", lambda self, data: trials)
    command = ["repeat", name, "--data", "mnist", "--steps", "2"]
    command += ["--out", str(tmp_path / "out")]
    assert main(command) == 0
    found = Records(tmp_path / "out").read()
    assert len(found) == first
    for record in found:
        assert record["experiment"] == name
        assert record["steps"] == 2
        assert record["versions"]["keras"]
        assert record["command"].startswith("python -m keras_mdgan.experiments repeat")
        for key, _, _ in experiment.measures.columns:
            assert np.isfinite(record[key])
    page = (tmp_path / "out" / "README.md").read_text()
    assert f"## {experiment.title}" in page
    for trial in trials:
        assert f"| {trial.label} | 1 |" in page
        assert f"| {trial.published} |" in page
    figure = tmp_path / "out" / f"{name}_mnist_compact.png"
    assert figure.exists() == (name != "missing_modes") == (figure.name in page)
    capsys.readouterr()
    assert main(command) == 0
    assert f"{first} runs, {first} recorded before" in capsys.readouterr().out


@pytest.mark.host
def test_scores_of_the_test_images_themselves(small):
    digits, _ = small
    measures = own.ModeScores(dataset("mnist"))
    perfect = measures.figures(to_unit_range(digits[..., None]))
    assert perfect["class_recall"] == perfect["lowest_class_recall"] == 1.0
    dark = to_unit_range(np.repeat(digits[:30:10, ..., None], 20, axis=0))
    assert measures.figures(dark)["lowest_class_recall"] == 0.0


def test_missing_modes_of_a_generator_of_dark_images(small, monkeypatch):
    """Without noise, the bright half of the images is told from what it makes."""
    digits, labels = small
    monkeypatch.setattr(own.MissingModes, "epochs", 60)
    monkeypatch.setattr(own.MissingModes, "noises", (0.0,))
    measures = own.MissingModes(dataset("mnist"))
    dark = to_unit_range(np.resize(digits[labels < 5], (80, 28, 28))[..., None])
    found = measures.figures(dark)
    assert 20 <= found["missing_0.0"] <= 60
    assert (found["n_fake"], found["n_real"], found["n_held_out"]) == (80, 80, 80)


def test_the_error_of_inference_is_that_of_pixels_in_0_1(small):
    measures = own.Inference(dataset("mnist"))
    real = measures.test_images[:6]
    found = measures.figures(np.stack([real + 0.2, real - 0.4]))
    assert found["ivom"] == pytest.approx(0.01, rel=1e-4)
    assert found["nearest"] == pytest.approx(0.04, rel=1e-4)


def test_inference_finds_what_a_generator_can_make(small, monkeypatch):
    """A generator of one brightness: found images are no worse than its samples."""
    monkeypatch.setattr(own.Inference, "steps", 20)
    generator = km.networks.mlp_generator((28, 28, 1), hidden=(8,), seed=0)
    critic = km.networks.mlp_discriminator((28, 28, 1), hidden=(8,), seed=1)
    gan = km.VanillaGAN(generator, critic, km.latents.Uniform(2))
    measures = own.Inference(dataset("mnist"))
    samples = measures.samples(gan, seed=0)
    made, real = gan.sample(80, seed=10_000), measures.test_images[:6]
    errors = np.square(made[None] - real[:, None]).mean(axis=(2, 3, 4))
    np.testing.assert_array_equal(samples[1], made[errors.argmin(axis=1)])
    found = measures.figures(samples)
    # The search begins at a latent of its own batch, which rounds in its own way.
    assert found["ivom"] <= found["nearest"] * (1 + 1e-4)
    assert found["nearest"] == pytest.approx(errors.min(1).mean() / 4)


@pytest.mark.host
def test_experiments_are_told_apart_in_one_folder(tmp_path):
    records = Records(tmp_path)
    rows = []
    for name in ("missing_modes", "inference"):
        run = Run("mnist", "compact", "vanilla", 0, {}, 5, name)
        row = {"data": "mnist", "setting": "compact", "model": "vanilla", "seed": 0}
        row |= {"options": {}, "steps": 5, "seconds": 1.0, "versions": {}}
        row |= {"command": "", "experiment": name}
        assert records.find(run) is None
        records.add(row, np.zeros(1))
        rows.append(row)
        assert records.find(run) == row
    assert records.find(Run("mnist", "compact", "vanilla", 0, {}, 5)) is None
    assert list(records.samples()) == [
        "inference/mnist/compact/vanilla",
        "missing_modes/mnist/compact/vanilla",
    ]
    Records(tmp_path).add({**rows[0], "experiment": "mising_modes"})
    with pytest.raises(
        DamagedRecords, match="no experiment: experiment 'mising_modes'"
    ):
        repeats.write(tmp_path)


@pytest.mark.host
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("mode_score", "Did you mean 'mode_scores'?"),
        ("mode_scores --data grid", "`--data` must be one of 'mnist'"),
        ("inference --setting plain", "`--setting` must be one of 'papers'"),
        ("inference --steps 0", "`--steps` must be at least 1"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(["repeat", *arguments.split()])
    assert message in capsys.readouterr().err


@pytest.mark.host
def test_defaults_of_the_command():
    options = parse(["repeat", "inference"])
    assert (options.data, options.setting) == ("cifar10", "compact")
    assert options.out == "results/repeated"


@pytest.mark.host
def test_all_pages_are_made_by_one_command(tmp_path, capsys):
    command = "repeat first_version --data ring --steps 4 --out".split()
    assert main([*command, str(tmp_path / "repeated")]) == 0
    page = tmp_path / "repeated" / "README.md"
    written = page.read_text()
    assert "| C 8, varR 0.28, varF 0.25 | 1 |" in written
    page.unlink()
    run = "run ring --models vanilla --seeds 1 --steps 4 --out".split()
    assert main([*run, str(tmp_path / "ring")]) == 0
    assert main(["tables", "--results", str(tmp_path)]) == 0
    assert page.read_text() == written
