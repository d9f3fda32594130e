"""The command `keras-mdgan` as a user calls it."""

import json

import numpy as np
import pytest
from PIL import Image

import keras_mdgan as km
from keras_mdgan.commands import main
from keras_mdgan.commands.sources import images_of, model_of


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of twelve small pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    for index in range(12):
        pixels = draw.integers(0, 256, (16, 16, 3), dtype="uint8")
        Image.fromarray(pixels).save(folder / f"{index}.png")
    return folder


@pytest.fixture(scope="module")
def trained(pictures, tmp_path_factory):
    """The folder of a model that the command has trained."""
    out = tmp_path_factory.mktemp("trained") / "pictures"
    arguments = [str(pictures), "--steps", "3", "--batch-size", "4", "--seed", "2"]
    assert main(["train", *arguments, "--out", str(out)]) == 0
    return out


@pytest.fixture
def pixels():
    km.metrics.register_extractor(
        "mean_pixels",
        lambda: lambda images: images.mean(axis=1).reshape(len(images), -1),
    )
    return "mean_pixels"


def error_of(arguments, capsys, code):
    assert main([str(a) for a in arguments]) == code
    printed = capsys.readouterr()
    assert len(printed.err.strip().splitlines()[-1]) > 20
    return printed.err


def test_train_writes_a_model_a_grid_a_card_and_a_saved_model(trained, pictures):
    card = (trained / "README.md").read_text()
    assert f"keras-mdgan train {pictures} " in card
    assert "3 steps" in card
    assert "--batch-size 4" in card
    for name in ("model.keras", "samples.png", "saved_model/saved_model.pb"):
        assert (trained / name).stat().st_size > 0
    gan = km.load_model(trained / "model.keras")
    assert gan.data_shape == (16, 16, 3)
    recipe = km.recipes.images(
        km.datasets.image_folder(pictures, 16)[0], steps=3, batch_size=4, seed=2
    )
    recipe.fit(verbose=0)
    for ours, theirs in zip(gan.get_weights(), recipe.model.get_weights()):
        np.testing.assert_array_equal(ours, theirs)


def test_train_again_goes_on_where_it_was(trained, pictures):
    before = km.load_model(trained / "model.keras").get_weights()
    arguments = [str(pictures), "--steps", "3", "--batch-size", "4", "--seed", "2"]
    assert main(["train", *arguments, "--out", str(trained)]) == 0
    for a, b in zip(before, km.load_model(trained / "model.keras").get_weights()):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("name", "value"),
    [("--seed", "3"), ("--steps", "4"), ("--model", "vanilla"), ("--size", "8")],
)
def test_another_run_is_refused_in_the_same_folder(
    trained, pictures, capsys, name, value
):
    options = {"--steps": "3", "--batch-size": "4", "--seed": "2", name: value}
    arguments = [part for pair in options.items() for part in pair]
    before = (trained / "model.keras").read_bytes()
    assert main(["train", str(pictures), *arguments, "--out", str(trained)]) != 0
    said = capsys.readouterr().err
    assert "holds another run" in said
    assert f"{name.strip('-')} " in said
    assert (trained / "model.keras").read_bytes() == before


def test_other_samples_of_the_same_name_are_another_run(tmp_path, capsys):
    for folder, scale in (("a", 1.0), ("b", 3.0)):
        (tmp_path / folder).mkdir()
        points = scale * np.random.default_rng(0).normal(size=(64, 2))
        np.savez(tmp_path / folder / "x.npz", x_train=points.astype("float32"))
    arguments = ["--steps", "2", "--out", str(tmp_path / "out")]
    assert main(["train", str(tmp_path / "a" / "x.npz"), *arguments]) == 0
    assert main(["train", str(tmp_path / "b" / "x.npz"), *arguments]) != 0
    assert "samples with the checksum" in capsys.readouterr().err


def test_samples_are_those_of_the_model(trained, tmp_path, capsys):
    out = tmp_path / "few"
    assert (
        main(["sample", str(trained), "-n", "3", "--seed", "5", "--out", str(out)]) == 0
    )
    assert capsys.readouterr().out.strip() == str(out)
    gan = km.load_model(trained / "model.keras")
    wanted = np.round(127.5 * (gan.sample(3, seed=5) + 1.0))
    files = sorted(out.iterdir())
    assert [f.name for f in files] == ["00000.png", "00001.png", "00002.png"]
    for file, image in zip(files, wanted):
        assert np.abs(np.asarray(Image.open(file), "float32") - image).max() <= 1
    array = tmp_path / "few.npz"
    assert (
        main(["sample", str(trained), "-n", "3", "--seed", "5", "--out", str(array)])
        == 0
    )
    with np.load(array) as arrays:
        np.testing.assert_array_equal(arrays["x_train"][1], Image.open(files[1]))


def test_samples_of_one_corner_and_of_points(tmp_path):
    out = tmp_path / "corner.npz"
    arguments = ["ring", "-n", "20", "--corner", "9", "--out", str(out)]
    assert main(["sample", *arguments]) == 0
    gan = km.MixtureDensityGAN.from_preset("ring")
    with np.load(out) as arrays:
        assert set(np.asarray(gan.cluster(arrays["x_train"])).tolist()) == {9}
    figure = tmp_path / "ring.png"
    assert main(["sample", "ring", "-n", "50", "--out", str(figure)]) == 0
    assert figure.stat().st_size > 1_000


def test_mnist_is_the_generator_that_ships_not_the_classifier():
    pytest.importorskip("tensorflow")
    assert model_of("mnist").path.name == "mnist_mixture_density"


def test_images_without_channels_are_grey(tmp_path):
    """The layout of Keras' own `mnist.npz`."""
    x = np.random.default_rng(0).integers(0, 256, (30, 8, 8), "uint8")
    np.savez(tmp_path / "keras.npz", x_train=x, x_test=x[:5])
    np.savez(tmp_path / "alone.npz", x)
    for name in ("keras.npz", "alone.npz"):
        images = images_of(str(tmp_path / name), None, 0, None)
        np.testing.assert_array_equal(images, x[..., None])


def test_measures_are_those_of_the_library(trained, pictures, pixels, capsys):
    arguments = [str(pictures), str(trained), "-n", "12", "--extractor", pixels]
    assert main(["measure", *arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    gan = km.load_model(trained / "model.keras")
    network = km.metrics.extractor(pixels)
    real = network.features(km.datasets.image_folder(pictures, 16)[0])
    fake = network.features(gan.sample(12, seed=0))
    wanted = km.metrics.frechet_distance(real, fake).value
    np.testing.assert_allclose(found["frechet_distance"], wanted, rtol=1e-6)
    assert (found["n_real"], found["n_generated"]) == (12, 12)
    wanted = km.metrics.density_coverage(real, fake)
    assert found["coverage"] == pytest.approx(wanted.coverage)
    assert main(["measure", *arguments]) == 0
    assert (
        f"frechet distance  {found['frechet_distance']:.6g}" in capsys.readouterr().out
    )


def test_measure_of_images_with_themselves(pictures, pixels, capsys):
    arguments = [str(pictures), str(pictures), "--extractor", pixels, "--json"]
    assert main(["measure", *arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["frechet_distance"] == pytest.approx(0, abs=1e-6)
    assert (found["precision"], found["recall"], found["coverage"]) == (1, 1, 1)


def test_errors_are_a_line_and_an_exit_code(
    tmp_path, trained, pictures, pixels, capsys
):
    missing = error_of(["sample", tmp_path / "nothing"], capsys, 1)
    assert "There is no model at" in missing
    assert "ring_mixture_density" in missing
    error_of(["train", tmp_path / "nothing"], capsys, 1)
    assert "Did you mean 'vanilla'" in error_of(
        ["train", "ring", "--model", "vanila"], capsys, 2
    )
    assert "`-n` must be" in error_of(["sample", "ring", "-n", 0], capsys, 2)
    assert "`--corner` is for" in error_of(
        ["sample", "mnist_mixture_density", "--corner", 1], capsys, 2
    )
    assert "does not fit" in error_of(
        ["train", "ring", "--recipe", "images"], capsys, 2
    )
    assert "divisible by 4" in error_of(["train", pictures, "--size", 10], capsys, 2)
    assert "fewer than 20" in error_of(
        ["measure", pictures, pictures, "-n", 20, "--extractor", pixels], capsys, 2
    )
    assert "one shape" in error_of(
        ["measure", pictures, "mnist_mixture_density", "-n", 12, "--extractor", pixels],
        capsys,
        2,
    )
    (tmp_path / "bad.npz").write_bytes(b"PK nothing")
    assert "bad.npz is damaged" in error_of(["train", tmp_path / "bad.npz"], capsys, 2)
    assert main(["sample"]) == 2
    assert main(["trian", "ring"]) == 2
    assert main(["--help"]) == 0


def test_pictures_of_several_sizes_need_a_size(tmp_path, capsys):
    for index, size in enumerate((16, 24)):
        Image.new("RGB", (size, size), "red").save(tmp_path / f"{index}.png")
    assert "`--size` must be given" in error_of(["train", tmp_path], capsys, 2)


def test_an_interruption_has_its_own_code(monkeypatch, capsys):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_mdgan.commands.sample.model_of", stop)
    assert main(["sample", "ring"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_experiments_are_the_module_of_that_name(capsys):
    with pytest.raises(SystemExit):
        main(["experiments", "run", "gird"])
    assert "Did you mean 'grid'" in capsys.readouterr().err


def test_labels_of_a_file_and_samples_of_one_class(tmp_path, capsys):
    x, y = km.datasets.ring().sample_with_labels(100, seed=0)
    np.savez(tmp_path / "ring.npz", x_train=x, y_train=y)
    out = tmp_path / "out"
    arguments = ["--model", "projection", "--steps", "4", "--out", str(out)]
    assert main(["train", str(tmp_path / "ring.npz"), *arguments]) == 0
    for source in (out, out / "saved_model"):
        file = tmp_path / "samples.npz"
        drawn = ["-n", "5", "--label", "3", "--out", str(file)]
        assert main(["sample", str(source), *drawn]) == 0
    gan = km.load_model(out / "model.keras")
    sampler = km.load_sampler(out / "saved_model")
    with np.load(file) as written:  # the last one
        np.testing.assert_array_equal(
            written["x_train"], sampler.sample(5, seed=0, labels=3)
        )
    assert gan.n_classes == 8
    np.savez(tmp_path / "bare.npz", x_train=x)
    arguments = ["train", tmp_path / "bare.npz", *arguments]
    assert "must hold the array y_train" in error_of(arguments, capsys, 2)
    assert "`--label` is for models" in error_of(
        ["sample", "ring", "--label", 1], capsys, 2
    )


def test_sub_folders_are_classes(tmp_path):
    for name in ("cats", "dogs"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for index in range(4):
            image = Image.new("RGB", (8, 8), "red")
            image.save(tmp_path / "pictures" / name / f"{index}.png")
    arguments = [str(tmp_path / "pictures"), "--model", "projection"]
    arguments += ["--steps", "2", "--batch-size", "4", "--out", str(tmp_path / "out")]
    assert main(["train", *arguments]) == 0
    gan = km.load_model(tmp_path / "out" / "model.keras")
    assert gan.sample(2, seed=0, labels=[0, 1]).shape == (2, 8, 8, 3)
    with pytest.raises(ValueError, match="from 0 to 1"):
        gan.sample(2, labels=2)
