"""`docs/zoo.md` has every model, and the figures that the records have."""

import json
import pathlib
import re
import statistics

import pytest

import keras_mdgan as km
from keras_mdgan.experiments import MODELS

ROOT = pathlib.Path(__file__).parents[1]
GUIDES = sorted({p.name for p in (ROOT / "docs").glob("*.md")} - {"contributing.md"})


def lines():
    text = (ROOT / "docs/zoo.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)`\]\((\S+)\) (.*) \|$", text, re.MULTILINE)
    return {name: (link, row.split(" | ")[-2:]) for name, link, row in rows}


def test_every_model_has_a_line_that_links_to_its_file():
    found = lines()
    assert set(found) == set(km.models.__all__)
    for name, (link, _) in found.items():
        source = (ROOT / "docs" / link).resolve().read_text()
        assert f"class {name}(" in source


def test_figures_are_those_of_the_records():
    keys = {recipe.cls.__name__: key for key, recipe in MODELS.items()}
    for name, (_, cells) in lines().items():
        for data, cell in zip(("grid", "ring"), cells):
            folder = ROOT / "results" / data / "ours" / keys[name]
            records = [json.loads(p.read_text()) for p in folder.glob("seed_*.json")]
            assert len(records) == 5
            modes = statistics.mean(r["modes_strict"] for r in records)
            quality = statistics.mean(r["high_quality"] for r in records)
            assert cell == f"{modes:.0f} / {quality:.1f}", (name, data)


@pytest.mark.filterwarnings("ignore:The vertices of:UserWarning")
@pytest.mark.parametrize("guide", GUIDES)
def test_the_code_of_a_guide_runs(guide, tmp_path, monkeypatch):
    """Its blocks, one after the other; `contributing.md` has a test of its own."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / guide).read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    names = {}
    for block in blocks:
        exec(compile(block, guide, "exec"), names)


def test_links_lead_somewhere():
    for page in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), (page.name, link)
