"""`docs/zoo.md` has every model, and the figures that the records have."""

import json
import pathlib
import re
import statistics

import keras_mdgan as km
from keras_mdgan.experiments import MODELS

ROOT = pathlib.Path(__file__).parents[1]


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
