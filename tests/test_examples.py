"""The examples run on the backend of this process and write what they promise."""

import ast
import json
import os
import pathlib
import re
import runpy
import subprocess
import sys

import numpy as np
import pytest

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"

# One process for all: importing Keras and a backend takes longer than the examples.
RUN_ALL = """
import json, os, runpy, sys
for name, script, *arguments in json.loads(sys.argv[1]):
    print(f"== {name}")
    sys.argv = [script, *arguments]
    sys.path[0] = os.path.dirname(script)  # as for a script of its own
    runpy.run_path(script, run_name="__main__")
"""
HAS_MNIST = "KERAS_MDGAN_DATA" in os.environ


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The output folder of the examples, and what each has printed."""
    out = tmp_path_factory.mktemp("runs")
    runs = [
        ["ring", "ring.py", "--steps", 40],
        ["samples", "sample_saved_model.py", out / "ring" / "saved_model", "-n", 5],
        ["grid", "grid.py", "--steps", 40],
        ["embeddings", "embeddings.py", "ring", "--steps", 80],
        ["synthetic_1200d", "synthetic_1200d.py", "--steps", 2],
        ["custom", "custom_gan.py", "--epochs", 1],
        ["distributed", "distributed.py", "--smoke"],
        ["tune", "tune_clusters.py", "--smoke", "--trials", 2],
    ]
    if HAS_MNIST:
        few = ["--smoke", "--images", 8, "--batch-size", 8]
        runs.append(["mnist", "mnist.py", *few])
        small = ["--setting", "stacked_quarter", "--model", "vanilla"]
        runs.append(["stacked", "stacked_mnist.py", *few, *small])
        runs.append(["classifier", "classifier.py", "mnist", "--smoke"])
    commands = [
        [name, str(EXAMPLES / script), *map(str, arguments), "--out", str(out / name)]
        for name, script, *arguments in runs
    ]
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps(commands)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
    sections = (text.split("\n", 1) for text in done.stdout.split("== ")[1:])
    return out, dict(sections)


def assert_written(folder, *names):
    for name in names:
        assert (folder / name).stat().st_size > 0, name


@pytest.mark.host
@pytest.mark.parametrize(
    ("script", "wrong", "message"),
    [
        ("ring.py", ["--steps", "0"], "--steps: must be an integer >= 1. Received: 0"),
        ("grid.py", ["--seed", "-1"], "--seed: must be an integer >= 0. Received: -1"),
        ("mnist.py", ["--minutes", "-1"], "--minutes: must be a finite number > 0"),
        ("mnist.py", ["--minutes", "nan"], "> 0. Received: nan"),
        ("embeddings.py", ["--columns", "2.5"], "an integer >= 1. Received: 2.5"),
    ],
)
def test_numbers_out_of_range_are_refused(script, wrong, message, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [script, *wrong])
    monkeypatch.syspath_prepend(EXAMPLES)  # as for a script of its own
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(EXAMPLES / script), run_name="__main__")
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_ring(results):
    out, printed = results
    assert "true data" in printed["ring"]
    assert_written(out / "ring", "samples.png", "saved_model/saved_model.pb")


def test_distributed(results):
    out, printed = results
    assert "devices; the model is in" in printed["distributed"]
    assert_written(out / "distributed", "grid.keras")


def test_sample_saved_model(results):
    out, _ = results
    assert np.load(out / "samples" / "samples.npy").shape == (5, 2)
    assert_written(out / "samples", "samples.png")


def test_grid(results):
    out, printed = results
    assert "of 25 modes" in printed["grid"]
    figures = ("samples.png", "losses.png", "embedding.png", "epochs/epoch_00001.png")
    models = ("model.keras", "saved_model/saved_model.pb")
    assert_written(out / "grid", *figures, *models)


def test_embeddings(results):
    out, printed = results
    assert "of the epochs (0, 1, 2)" in printed["embeddings"]
    assert_written(out / "embeddings", "embeddings.png", "samples.png")


def test_synthetic_1200d(results):
    out, printed = results
    assert "of 10 modes" in printed["synthetic_1200d"]
    assert_written(out / "synthetic_1200d", "losses.png", "model.keras")


def test_tune_clusters(results):
    out, printed = results
    found = json.loads((out / "tune" / "search.json").read_text())
    assert (found["components"], found["variances"]) == ([4], [0.25, 0.5])
    assert "8.0 / 90.8 %" in printed["tune"]
    assert_written(out / "tune", "heat_map.png", "saved_model/saved_model.pb")


def test_custom_gan(results):
    out, _ = results
    assert_written(out / "custom", "model.keras", "samples.png")


@pytest.mark.skipif(
    not HAS_MNIST, reason="KERAS_MDGAN_DATA does not name a folder with mnist.npz"
)
def test_mnist(results):
    out, printed = results
    figures = ("samples.png", "losses.png", "grids/epoch_00002.png")
    models = ("model.keras", "saved_model/saved_model.pb", "backup/latest.weights.h5")
    assert_written(out / "mnist", *figures, *models)
    measured = json.loads((out / "mnist" / "measures.json").read_text())
    assert measured["n_fake"] == 2000
    assert f"{measured['frechet_distance']:.2f}" in printed["mnist"]
    report = json.loads((out / "mnist" / "clusters.json").read_text())
    assert np.sum(report["table"]) == np.sum(report["generated"]) == 1000
    assert 0.1 < report["purity"] <= 1
    assert f"purity {report['purity']:.3f}" in printed["mnist"]
    assert f"information {report['nmi']:.3f}" in printed["mnist"]
    assert report["n_clusters"] > 1  # balanced: not all at one corner
    assert_written(out / "mnist", "corners.png")


@pytest.mark.skipif(
    not HAS_MNIST, reason="KERAS_MDGAN_DATA does not name a folder with mnist.npz"
)
def test_stacked_mnist(results):
    out, printed = results
    measured = json.loads((out / "stacked" / "measures.json").read_text())
    assert f"{measured['kl']:.3f}" in printed["stacked"]
    assert_written(out / "stacked", "samples.png", "model.keras")


@pytest.mark.parametrize("data", ["fashion_mnist", "cifar10", "celeba"])
def test_the_other_image_examples_are_the_same_but_for_the_data(data):
    script = EXAMPLES / f"{data}.py"
    assert code_lines(script.read_text()) == 3
    assert f'image_training.run("{data}", __doc__)' in script.read_text()
    help_ = subprocess.run(
        [sys.executable, str(script), "--help"], capture_output=True, text=True
    )
    assert help_.returncode == 0, help_.stderr[-2000:]
    assert "papers_8_wide" in help_.stdout


@pytest.mark.skipif(
    not HAS_MNIST, reason="KERAS_MDGAN_DATA does not name a folder with mnist.npz"
)
def test_mnist_classifier(results):
    out, printed = results
    assert_written(out / "classifier", "model.keras")
    (accuracy,) = re.findall(r"([\d.]+) % of 1,000 test", printed["classifier"])
    assert (
        f"| test | 1,000 | {accuracy} |" in (out / "classifier/README.md").read_text()
    )


def test_a_gan_of_ones_own_takes_less_than_40_lines():
    assert code_lines((EXAMPLES / "custom_gan.py").read_text()) < 40


def code_lines(source):
    """Lines that are neither blank, nor comments, nor docstrings."""
    left_out = set()
    for node in ast.walk(ast.parse(source)):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text and isinstance(node.value.value, str):
            left_out.update(range(node.lineno, node.end_lineno + 1))
    return sum(
        bool(line.strip()) and not line.strip().startswith("#")
        for number, line in enumerate(source.splitlines(), 1)
        if number not in left_out
    )
