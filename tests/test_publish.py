"""Publishing generators: SavedModel, card and figure by one command."""

import pytest

import keras_mdgan as km
from keras_mdgan.experiments import publish

ARGUMENTS = ["--steps", "20", "--out", "shipped"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rign"], "Did you mean 'ring'"),
        (["synthetic_1200d"], "must be one of"),
        (["ring", "--model", "vanilla"], "'mixture_density'"),
        (["mnist", "--setting", "ours"], "'papers'"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, capsys):
    with pytest.raises(SystemExit):
        publish.main(arguments)
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_of_toy_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    publish.main(["ring", *ARGUMENTS])
    folder = tmp_path / "shipped" / "ring_mixture_density"
    assert "publish ring --steps 20" in (folder / "README.md").read_text()
    assert (folder / "samples.png").stat().st_size > 1000
    sampled = km.load_sampler(folder).generate([[0.5] * 12])
    preset = km.MixtureDensityGAN.from_preset(folder)
    assert preset.latents.dim == 12
    assert sampled.shape == (1, 2)


@pytest.mark.slow
def test_of_images_goes_on_where_it_was(tmp_path, monkeypatch, data_dir, capsys):
    monkeypatch.chdir(tmp_path)
    publish.main(["mnist", "--model", "vanilla", *ARGUMENTS])
    folder = tmp_path / "shipped" / "mnist_vanilla"
    card = (folder / "README.md").read_text()
    assert "keras_mdgan.VanillaGAN" in card
    assert "| before rounding to int8 |" in card
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < 10e6
    assert km.load_sampler(folder).sample(2, seed=0).shape == (2, 28, 28, 1)
    capsys.readouterr()
    publish.main(["mnist", "--model", "vanilla", *ARGUMENTS])
    assert "Epoch" not in capsys.readouterr().out  # nothing was left to train
