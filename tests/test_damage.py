"""Flipped and truncated bytes in every file that the package writes.

A damaged file is refused by a `ValueError` or `OSError` that names it, or it gives what
the whole file gives: never another result. Seeded; `-m slow` tries many more.
"""

import shutil

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.callbacks import BackupAndRestore
from keras_mdgan.experiments.records import Records
from keras_mdgan.metrics import frechet_statistics
from keras_mdgan.metrics.statistics import FrechetStatistics
from keras_mdgan.saving import saved_model
from support import ROOT
from support.quadratic import Quadratic, quadratic, weights

X = np.random.default_rng(0).uniform(-1, 1, (8, 1)).astype("float32")


def trained():
    model = quadratic()
    model.fit(X, batch_size=4, verbose=0)
    return model


def state(model):
    return [*weights(model), int(model.optimizer.iterations.numpy())]


def read_weights(path):
    model = quadratic()
    model.load_weights(path)
    return state(model)


def write_backup(folder):
    backup = BackupAndRestore(folder, delete_checkpoint=False)
    quadratic().fit(X, batch_size=4, verbose=0, callbacks=[backup])


def read_backup(folder):
    model = quadratic()
    backup = BackupAndRestore(folder, delete_checkpoint=False)
    model.fit(X, batch_size=4, epochs=1, verbose=0, callbacks=[backup])
    return state(model)


def write_records(folder):
    run = {"data": "ring", "setting": "ours", "model": "vanilla", "options": {}}
    run |= {"command": "a", "seconds": 1.5, "versions": {}, "steps": 10, "kl": 0.125}
    for seed in range(3):
        Records(folder).add(
            {**run, "seed": seed}, np.arange(9.0) if seed == 0 else None
        )


def read_records(folder):
    return Records(folder).read()


def read_samples(folder):
    return {name: x.tolist() for name, x in Records(folder).samples().items()}


def write_saved_model(folder):
    shutil.copytree(ROOT / "saved_models/ring_mixture_density", folder / "ring")
    saved_model._write_checksums(folder / "ring")


def read_saved_model(folder):
    """The checks before TensorFlow reads the files, which nothing changes after."""
    saved_model._check_checksums(folder / "ring")
    names = ("saved_model.pb", "variables/variables.data-00000-of-00001")
    return [(folder / "ring" / name).read_bytes() for name in names]


# What writes the files, what reads them, the files to damage, and how often.
FORMATS = {
    "model": (
        lambda f: trained().save(f / "a.keras"),
        lambda f: state(km.load_model(f / "a.keras")),
        "a.keras",
        10,
    ),
    "weights": (
        lambda f: trained().save_weights(f / "a.weights.h5"),
        lambda f: read_weights(f / "a.weights.h5"),
        "a.weights.h5",
        40,
    ),
    "backup": (write_backup, read_backup, "latest.weights.h5", 40),
    "preset config": (
        lambda f: trained().save_to_preset(f),
        lambda f: weights(Quadratic.from_preset(f)),
        "config.json",
        30,
    ),
    "preset metadata": (
        lambda f: trained().save_to_preset(f),
        lambda f: weights(Quadratic.from_preset(f)),
        "metadata.json",
        30,
    ),
    "preset weights": (
        lambda f: trained().save_to_preset(f),
        lambda f: weights(Quadratic.from_preset(f)),
        "model.weights.h5",
        30,
    ),
    "records": (write_records, read_records, "records.jsonl", 500),
    "samples": (write_records, read_samples, "samples.npz", 300),
    "statistics": (
        lambda f: frechet_statistics(X * [[1, 2]]).save(f / "a.npz"),
        lambda f: FrechetStatistics.load(f / "a.npz").covariance.tolist(),
        "a.npz",
        300,
    ),
    "graph": (write_saved_model, read_saved_model, "ring/saved_model.pb", 40),
    "variables": (
        write_saved_model,
        read_saved_model,
        "ring/variables/variables.data-00000-of-00001",
        40,
    ),
    "checksums": (write_saved_model, read_saved_model, "ring/sha256sums.txt", 100),
}


def damaged(whole, random):
    """The bytes with one bit, one byte or several bytes changed, or cut."""
    kind = random.integers(4)
    if kind == 3:
        return whole[: random.integers(len(whole))]
    data = bytearray(whole)
    if kind == 0:
        data[random.integers(len(data))] ^= 1 << random.integers(8)
    for _ in range((0, 1, 8)[kind]):
        data[random.integers(len(data))] = random.integers(256)
    return bytes(data)


def result_of(read, folder):
    """What a file gives, and `None`; or `None` and the error's message."""
    try:
        return read(folder), None
    except (ValueError, OSError) as error:
        return None, str(error)


def check(name, folder, factor, seed):
    write, read, file, times = FORMATS[name]
    write(folder)
    path = folder / file
    whole, wanted, refused = path.read_bytes(), read(folder), 0
    random = np.random.default_rng(seed)
    for number in range(times * factor):
        path.write_bytes(damaged(whole, random))
        found, error = result_of(read, folder)
        if error is None and name == "records" and whole.startswith(path.read_bytes()):
            assert found == wanted[: len(found)]  # cut between lines: these are gone
        elif error is None:
            assert found == wanted, number
        else:
            assert str(folder) in error, (number, error)
            refused += 1
        path.write_bytes(whole)
    assert refused > times * factor / 10


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_file_is_refused_or_gives_the_same(name, tmp_path):
    check(name, tmp_path, 1, seed=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMATS)
def test_many_damaged_files(name, tmp_path):
    check(name, tmp_path, 20, seed=1)
