import pathlib
import subprocess
import sys

import pytest

from keras_mdgan.saving import shipped
from keras_mdgan.saving.shipped import shipped_model

ROOT = pathlib.Path(__file__).parents[2]


def test_of_a_checkout():
    assert shipped_model("ring_mixture_density") == (
        ROOT / "saved_models" / "ring_mixture_density"
    )


def test_of_an_installed_package(tmp_path, monkeypatch):
    """What a wheel is made of has the models inside the package."""
    pytest.importorskip("setuptools", minversion="77")
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build_py", "--build-lib", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    package = tmp_path / "keras_mdgan"
    assert (package / "saving" / "shipped.py").is_file()
    monkeypatch.setattr(shipped, "PACKAGE", package)
    inside = package / "saved_models" / "mnist_classifier"
    assert shipped_model("mnist_classifier") == inside
    assert (inside / "model.keras").is_file()


def test_unknown_names():
    with pytest.raises(ValueError, match=r"Did you mean 'mnist_classifier'\?"):
        shipped_model("mnist_clasifier")
