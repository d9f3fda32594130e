"""A kill before or after any file operation leaves the old state or the new one."""

import os
import shutil

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan import files
from keras_mdgan.callbacks import BackupAndRestore
from keras_mdgan.datasets.cache import cached_array
from keras_mdgan.experiments.records import Records
from keras_mdgan.metrics import frechet_statistics
from keras_mdgan.metrics.statistics import FrechetStatistics
from support.kills import killed_at, placements
from support.process import state_of, variables_of
from support.quadratic import Quadratic, quadratic, weights


def model_of(which):
    model = quadratic()
    for layer, value in ((model.a, 1.0), (model.b, 2.0)):
        layer.kernel.assign([[value if which == "old" else value + 2.0]])
    return model


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """The order of operations is tested, and no power cut."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


TRAINED = quadratic()  # one model for all runs: it compiles once
INITIAL = state_of(TRAINED)


def fresh():
    """The model as it was made."""
    for variable, value in zip(variables_of(TRAINED), INITIAL.values()):
        variable.assign(value)
    return TRAINED


MODELS = {which: model_of(which) for which in ("old", "new")}


def write_preset(folder, which):
    MODELS[which].save_to_preset(folder / "preset")


def read_preset(folder):
    return weights(Quadratic.from_preset(folder / "preset"))


def write_weights(folder, which):
    MODELS[which].save_weights(folder / "model.weights.h5")


def read_weights(folder):
    model = fresh()
    model.load_weights(folder / "model.weights.h5")
    return weights(model)


def write_model(folder, which):
    MODELS[which].save(folder / "model.keras")


def read_model(folder):
    return weights(km.load_model(folder / "model.keras"))


def write_folder(folder, which):
    """As `export` replaces its folder."""
    with files.folder_replaced_when_written(folder / "saved_model") as beside:
        (beside / "variables").mkdir(parents=True)
        for name in ("saved_model.pb", "variables/data"):
            (beside / name).write_text(which)


def read_folder(folder):
    files.put_back(folder / "saved_model")  # as `load_sampler` does
    found = [p for p in (folder / "saved_model").rglob("*") if p.is_file()]
    assert len(found) == 2
    return np.array([[path.read_text()] for path in found])


def write_records(folder, which):
    run = {"data": "ring", "setting": "ours", "model": "vanilla", "options": {}}
    run |= {"command": "", "seconds": 1.0, "versions": {}, "steps": 10}
    records = Records(folder)
    for seed in range(2 if which == "old" else 3):
        records.add({**run, "seed": seed}, np.full(3, seed) if seed > 1 else None)


def read_records(folder):
    records = Records(folder)
    records.samples()
    return np.array([record["seed"] for record in records.read()])


def write_statistics(folder, which):
    features = np.arange(8.0).reshape(4, 2) ** (1 if which == "old" else 2)
    frechet_statistics(features).save(folder / "statistics.npz")


def read_statistics(folder):
    return FrechetStatistics.load(folder / "statistics.npz").covariance


def write_cache(folder, which):
    if which == "new":
        cached_array(folder / "a.npy", (4,), "int64", lambda: [np.arange(4)])


def read_cache(folder):
    cache = folder / "a.npy"
    return np.array(np.load(cache)) if cache.exists() else np.zeros(0)


CASES = {
    "preset": (write_preset, read_preset),
    "weights": (write_weights, read_weights),
    "model": (write_model, read_model),
    "folder": (write_folder, read_folder),
    "records": (write_records, read_records),
    "statistics": (write_statistics, read_statistics),
    "cache": (write_cache, read_cache),
}


@pytest.mark.parametrize("case", CASES)
def test_every_kill_leaves_the_old_or_the_new(case, tmp_path, monkeypatch):
    write, read = CASES[case]
    wanted = {}
    for which in ("old", "new"):
        write(tmp_path, which)
        wanted[which] = read(tmp_path)
    kills, states = 0, set()
    for folder, kill in placements(
        monkeypatch, tmp_path, lambda f: write(f, "old"), lambda f: write(f, "new")
    ):
        found = read(folder)
        state = [n for n, value in wanted.items() if np.array_equal(value, found)]
        assert state, (kill.operation, kill.count)
        states.update(state)
        # The next process writes the new one, and what was left is gone.
        write(folder, "new")
        np.testing.assert_array_equal(read(folder), wanted["new"])
        left = [p.name for p in folder.rglob("*") if ".part." in p.name]
        assert left == [], (kill.operation, kill.count)
        kills += 1
    assert kills >= 4
    assert states == {"old", "new"}


def test_folders_without_an_exchange(tmp_path, monkeypatch):
    """As on other systems than Linux: two renames, of which the first is undone."""
    monkeypatch.setattr(files, "_exchanged", lambda a, b: False)
    test_every_kill_leaves_the_old_or_the_new("folder", tmp_path, monkeypatch)


X = np.random.default_rng(0).uniform(-1, 1, (12, 1)).astype("float32")


def train(folder, frequency, double=False, **kwargs):
    model = fresh()
    callbacks = [
        BackupAndRestore(
            folder / "backup",
            save_freq=frequency,
            double_checkpoint=double,
            delete_checkpoint=False,
        )
    ]
    model.fit(X, batch_size=4, epochs=3, verbose=0, callbacks=callbacks, **kwargs)
    return [*weights(model), int(model.optimizer.iterations.numpy())]


@pytest.mark.parametrize(
    "options",
    [
        {"frequency": "epoch"},
        {"frequency": 2},
        pytest.param({"frequency": 2, "steps_per_epoch": 4}, marks=pytest.mark.slow),
        pytest.param({"frequency": "epoch", "double": True}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_a_run_killed_at_any_file_operation_ends_the_same(
    tmp_path, monkeypatch, options
):
    wanted, kills = train(tmp_path, **options), 0
    for folder, kill in placements(
        monkeypatch,
        tmp_path,
        lambda f: None,
        lambda f: train(f, **options),
    ):
        assert train(folder, **options) == wanted, (kill.operation, kill.count)
        kills += 1
    assert kills >= 10


def test_the_end_of_a_run_may_be_killed_too(tmp_path, monkeypatch):
    """`delete_checkpoint` removes the backup in several operations."""

    def finished(folder):
        model = fresh()
        backup = BackupAndRestore(folder / "backup")
        model.fit(X, batch_size=4, epochs=2, verbose=0, callbacks=[backup])
        return weights(model)

    wanted = finished(tmp_path)
    for folder, kill in placements(monkeypatch, tmp_path, lambda f: None, finished):
        assert finished(folder) == wanted, kill.operation


def test_a_backup_that_lacks_a_part_is_no_backup(tmp_path):
    train(tmp_path, "epoch")
    backup = tmp_path / "backup" / "latest.weights.h5"
    quadratic().save_weights(backup)  # weights alone
    with pytest.raises(ValueError, match=r"latest\.weights\.h5 is no backup"):
        train(tmp_path, "epoch")
    keras.Model.save_weights(quadratic(), backup)
    with pytest.raises(ValueError, match=r"metadata\.json is missing or damaged"):
        train(tmp_path, "epoch")
    backup.unlink()
    (tmp_path / "backup" / "training_metadata.json").write_text('{"epoch": 2}')
    with pytest.raises(ValueError, match=r"latest\.weights\.h5 is missing or damaged"):
        train(tmp_path, "epoch")


def test_backups_of_version_0_1_0_are_read(tmp_path):
    wanted = train(tmp_path / "whole", "epoch")
    model = quadratic()
    model.fit(X, batch_size=4, epochs=1, verbose=0)
    folder = tmp_path / "backup"
    folder.mkdir()
    keras.Model.save_weights(model, folder / "latest.weights.h5")
    (folder / "training_metadata.json").write_text('{"epoch": 1, "batch": 0}')
    assert train(tmp_path, "epoch") == wanted
    assert [p.name for p in folder.iterdir()] == ["latest.weights.h5"]


def test_a_damaged_backup_with_one_before_it(tmp_path):
    wanted = train(tmp_path, "epoch", double=True)
    backup = tmp_path / "backup" / "latest.weights.h5"
    data = bytearray(backup.read_bytes())
    data[len(data) // 2] ^= 1
    backup.write_bytes(data)
    with pytest.raises(ValueError, match=r"latest\.weights\.h5 is damaged"):
        quadratic().load_weights(backup)
    with pytest.warns(UserWarning, match="The backup before it is used"):
        assert train(tmp_path, "epoch", double=True) == wanted


def test_what_lives_is_not_removed(tmp_path):
    """Files of this process, which is alive, stay; those of an ended one go."""
    path = tmp_path / "a.txt"
    with files.replaced_when_written(path) as first:
        first.write_text("first")
        with files.replaced_when_written(path) as second:
            second.write_text("second")
        assert first.exists()
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    ended = tmp_path / f".{files._HOST}-{2**22 + 1}-0.part.a.txt"  # above any process
    ended.write_text("left")
    foreign = tmp_path / ".other-1-0.part.a.txt"
    foreign.write_text("of another machine")
    with files.replaced_when_written(path) as beside:
        beside.write_text("third")
    assert not ended.exists()
    assert foreign.exists()
    os.utime(foreign, (0, 0))
    with files.replaced_when_written(path) as beside:
        beside.write_text("fourth")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_kill_is_a_kill(tmp_path, monkeypatch):
    """The player of kills itself: nothing changes after it."""
    (tmp_path / "a").write_text("a")
    with killed_at(monkeypatch, 2) as kill:
        try:
            os.replace(tmp_path / "a", tmp_path / "b")
            (tmp_path / "c").write_text("c")
        finally:
            shutil.rmtree(tmp_path / "b", ignore_errors=True)
            os.unlink(tmp_path / "b")
    assert kill.operation == "open"
    assert [p.name for p in tmp_path.iterdir()] == ["b"]
