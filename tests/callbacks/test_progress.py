"""The progress line fits a terminal, and what it leaves out is not lost."""

import contextlib
import io
import re
import types

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.callbacks.progress import short_names
from support.battery import ROWS, samples

CODES = re.compile(r"\x1b\[\d*m|\x08")


class Recorder(keras.callbacks.Callback):
    """What a user's own callback is given."""

    def on_train_begin(self, logs=None):
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(dict(logs))


class Measures(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs.update(modes=25.0, quality=98.8642, kl=0.5, width=1.0)


def lines(capsys):
    """The lines of the progress bar, as a terminal shows them."""
    text = CODES.sub("", capsys.readouterr().out)
    # A line may be followed by spaces, over what it replaces.
    return [line.rstrip() for line in re.split(r"[\r\n]", text) if "step" in line]


def shown(line):
    """The logs of a line, by their names."""
    return dict(re.findall(r"  (\w+) (\S+)", line.partition("/step")[2]))


def made(name):
    model = ROWS[name].make(seed=3)
    model.compile()
    return model


def line_of(model, logs, verbose=1, steps=100):
    """The last line of an epoch with these logs."""
    line = km.callbacks.ProgressLine()
    line.set_model(model)
    line.set_params({"verbose": verbose, "epochs": 1, "steps": steps})
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        line.on_epoch_begin(0)
        line.on_epoch_end(0, logs)
    return CODES.sub("", out.getvalue()).strip()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_model_has_a_line_of_80_columns(name):
    model = made(name)
    values = np.random.default_rng(0).normal(size=99)
    logs = {"loss": 0.0, **dict(zip(ROWS[name].logs, values.tolist()))}
    line = line_of(model, logs)
    assert len(line) <= 80, line
    short = short_names([player.name for player in model.turns])
    found = shown(line)
    assert list(found)[: len(short)] == short
    for label, player in zip(short, model.turns):
        assert float(found[label]) == pytest.approx(
            logs[f"{player.name}_loss"], rel=5e-3
        )
    figures = list(found)[len(short) :]
    assert 1 <= len(figures) <= 3
    assert set(figures) <= set(ROWS[name].logs)


def test_history_and_callbacks_have_all_logs(capsys):
    model, recorder = made("MixtureDensityGAN"), Recorder()
    history = model.fit(
        *samples(model, 40), batch_size=20, callbacks=[recorder]
    ).history
    found = lines(capsys)
    assert found
    assert max(map(len, found)) <= 80, found
    assert list(shown(found[-1]))[:2] == ["D", "G"]
    every = {"loss", *ROWS["MixtureDensityGAN"].logs}
    assert set(history) == every == set(recorder.epochs[0])


@pytest.mark.parametrize("verbose", [1, 2])
def test_what_callbacks_add_comes_first_and_integers_are_integers(verbose, capsys):
    model = made("VanillaGAN")
    history = model.fit(
        *samples(model), batch_size=20, verbose=verbose, callbacks=[Measures()]
    ).history
    line = lines(capsys)[-1]
    assert len(line) <= 80
    names = ["D", "G", "modes", "quality", "kl"]
    assert list(shown(line)) == names
    assert shown(line)["modes"] == "25"
    assert shown(line)["quality"] == "98.9"
    assert "real_accuracy" in history
    assert history["width"] == [1.0]


def test_users_choose_figures_and_may_keep_the_bar_of_keras(capsys):
    model = made("VanillaGAN")
    chosen = km.callbacks.ProgressLine("width", "fake_accuracy")
    model.fit(*samples(model), batch_size=20, callbacks=[Measures(), chosen])
    assert list(shown(lines(capsys)[-1])) == ["D", "G", "width", "fake_accuracy"]
    bar = keras.callbacks.ProgbarLogger()
    model.fit(*samples(model), batch_size=20, callbacks=[bar])
    assert "discriminator_loss: " in lines(capsys)[-1]
    model.fit(*samples(model), batch_size=20, verbose=0)
    assert capsys.readouterr().out == ""


def test_evaluation_and_batches_of_unknown_number_have_the_line_too(capsys):
    model = made("MixtureDensityGAN")
    x = samples(model)[0]
    losses = model.evaluate(x, batch_size=20, verbose=1)
    (line,) = lines(capsys)[-1:]
    assert len(line) <= 80
    assert float(shown(line)["G"]) == pytest.approx(losses["generator_loss"], rel=5e-3)
    assert "fake_likelihood" in shown(line)
    model.fit(((x[i : i + 20],) for i in range(0, 80, 20)), verbose=1)
    found = lines(capsys)
    assert max(map(len, found)) <= 80
    assert {"D", "G"} < set(shown(found[-1]))
    model.fit(x, batch_size=20, validation_data=x, verbose=1)
    found = lines(capsys)
    assert len(found) == len([line for line in found if len(line) <= 80])
    assert list(shown(found[-1]))[2] == "fake_likelihood"  # not that of validation


@pytest.mark.host
def test_long_runs_and_many_players_still_fit():
    names = [f"critic_{i}" for i in range(30)]
    model = types.SimpleNamespace(
        turns=[types.SimpleNamespace(name=name) for name in names],
        log_means=types.SimpleNamespace(names=()),
    )
    logs = {f"{name}_loss": -1e-9 * i for i, name in enumerate(names)}
    for verbose in (1, 2):
        line = line_of(model, {**logs, "nothing": np.nan}, verbose, steps=100_000)
        assert len(line) <= 80
        assert "C0 0" in line


@pytest.mark.host
@pytest.mark.parametrize("figures", [("a", "b", "c", "d"), (3,)])
def test_wrong_figures(figures):
    with pytest.raises(ValueError, match="`figures` must be at most 3 names of logs"):
        km.callbacks.ProgressLine(*figures)
    with pytest.raises(ValueError, match="`columns` must be an integer >= 1"):
        km.callbacks.ProgressLine(columns=0)
