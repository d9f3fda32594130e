"""What is said about the package in several places is the same in all of them."""

import pathlib
import re
import tomllib

import pytest

import keras_mdgan as km

ROOT = pathlib.Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_one_version():
    assert km.__version__ == PROJECT["version"]
    released = re.findall(
        r"^## ([\d.]+) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    assert released[0] == km.__version__


@pytest.mark.host
def test_the_citation():
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    # What version 1.2.0 of the Citation File Format requires.
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == km.__version__
    assert citation["license"] == PROJECT["license"]
    (paper,) = citation["references"]
    assert {"type", "title", "authors"} <= set(paper)
