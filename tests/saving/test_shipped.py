import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from keras_mdgan.saving.shipped import shipped_model

ROOT = pathlib.Path(__file__).parents[2]


def test_of_a_checkout():
    assert shipped_model("ring_mixture_density") == (
        ROOT / "saved_models" / "ring_mixture_density"
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder into which the package's wheel, just built, was installed."""
    pytest.importorskip("setuptools", minversion="77")
    source, wheels, folder = map(tmp_path_factory.mktemp, ("source", "wheel", "site"))
    # Of a copy: setuptools leaves its work beside the sources, and takes it up again.
    for name in ("keras_mdgan", "saved_models"):
        shutil.copytree(ROOT / name, source / name)
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip("wheel", "--no-build-isolation", "--wheel-dir", wheels, source)
    pip("install", "--target", folder, *wheels.glob("*.whl"))
    return folder


def pip(command, *arguments):
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", command, *options, *arguments],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.host
def test_an_installed_wheel_says_that_it_is_typed(installed):
    assert (installed / "keras_mdgan" / "py.typed").exists()


@pytest.mark.host
def test_of_an_installed_wheel(installed, tmp_path):
    """In a fresh process, from another folder, presets and models are there."""
    script = (
        "import json, keras_mdgan as km\n"
        "from keras_mdgan.saving import shipped\n"
        "samples = km.MixtureDensityGAN.from_preset('ring').sample(16, seed=0)\n"
        "print(json.dumps([km.__file__, samples.shape,\n"
        "    {k: str(v) for k, v in shipped.shipped_folders().items()},\n"
        "    sorted(km.saving.shipped_presets())]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    file, shape, folders, presets = json.loads(done.stdout.splitlines()[-1])
    package = installed / "keras_mdgan"
    assert file == str(package / "__init__.py")
    assert shape == [16, 2]
    assert presets == ["grid_mixture_density", "ring_mixture_density"]
    assert set(folders) == {p.name for p in (ROOT / "saved_models").iterdir()}
    assert {*presets, "mnist_classifier", "mnist_mixture_density"} <= set(folders)
    for name, folder in folders.items():
        assert folder == str(package / "saved_models" / name)
    assert (package / "saved_models/mnist_classifier/model.keras").is_file()


def test_unknown_names():
    with pytest.raises(ValueError, match=r"Did you mean 'mnist_classifier'\?"):
        shipped_model("mnist_clasifier")
