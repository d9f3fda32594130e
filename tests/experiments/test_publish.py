"""Publishing generators: SavedModel, card and figure by one command."""

import pytest

import keras_mdgan as km
from keras_mdgan.experiments.__main__ import main

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
        main(["publish", *arguments])
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_of_toy_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    main(["publish", "ring", *ARGUMENTS])
    folder = tmp_path / "shipped" / "ring_mixture_density"
    assert "publish ring --steps 20" in (folder / "README.md").read_text()
    assert (folder / "samples.png").stat().st_size > 1000
    sampled = km.load_sampler(folder).generate([[0.5] * 12])
    preset = km.MixtureDensityGAN.from_preset(folder)
    assert preset.latents.dim == 12
    assert sampled.shape == (1, 2)
