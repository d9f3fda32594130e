"""The command that makes the search over components and variances anew."""

import re

import numpy as np
import pytest

from keras_mdgan.experiments import Records, Run
from keras_mdgan.experiments.__main__ import main
from keras_mdgan.experiments.literature import (
    COMPONENTS,
    VARIANCES,
    published_search,
)

# In the authors' sum, of these two only the second has peaks at its vertices.
CELLS = ["--components", "4", "--variances", "0.5,0.16"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("hyperparameters")
    arguments = [
        "hyperparameters",
        "ring",
        "--setting",
        "plain",
        *CELLS,
        "--seeds",
        "1",
    ]
    arguments += ["--steps", "20", "--out", str(out)]
    assert main(arguments) == 0
    return out, arguments


def records(out):
    return Records(out).read()


def test_records(folder):
    found = records(folder[0])
    options = [r["options"] for r in found]
    assert options == [{"components": 4, "variance": v} for v in (0.16, 0.5)]
    assert [r["steps"] for r in found] == [20, 20]
    assert found[0]["command"].startswith(
        "python -m keras_mdgan.experiments hyperparameters ring --setting plain"
    )


def test_tables_and_figure(folder):
    out, _ = folder
    text = (out / "README.md").read_text()
    assert "20 steps of batch 500, 1 seed a cell" in text
    (row,) = re.findall(r"\| 4 \| 8.00 .*\|", text)
    cells = [cell.strip() for cell in row.split("|")[1:-1]]
    assert cells[0:2] == ["4", "8.00 +- 0.00 / 90.85 +- 0.75"]
    assert re.fullmatch(r"\d\.00 / \d+\.\d\d \\\*", cells[2])
    assert cells[4] == "-"
    assert cells[5] == "8.00 +- 0.00 / 89.82 +- 1.32"
    assert re.fullmatch(r"\d\.00 / \d+\.\d\d", cells[6])
    assert "one bell at the origin" in text
    assert "98.9 %" in text
    assert (out / "hyperparameters_plain.png").read_bytes()[:4] == b"\x89PNG"


def test_finished_cells_are_not_run_again(folder, capsys):
    out, arguments = folder
    before = records(out)
    assert main(arguments) == 0
    assert "2 runs, 2 recorded before" in capsys.readouterr().out
    assert records(out) == before


@pytest.mark.parametrize("setting", ["ours", "plain"])
def test_a_cell_has_its_mixture_for_real_and_generated_data(setting):
    mixture = {"components": 6, "variance": 0.5}
    gan = Run("grid", setting, "mixture_density", 0, mixture).build()
    assert gan.components == 6
    assert gan.mixture_real.variance == gan.mixture_fake.variance == 0.5
    assert gan.mixture_real.assignment == {"ours": "max", "plain": "mixture"}[setting]


@pytest.mark.parametrize("data", ["grid", "ring"])
def test_published_figures(data):
    figures = published_search(data)
    shape = (len(COMPONENTS), len(VARIANCES))
    assert all(values.shape == shape for values in figures.values())
    assert np.all(figures["modes"] <= {"grid": 25, "ring": 8}[data])
    assert np.all((figures["high_quality"] > 50) & (figures["high_quality"] < 100))


@pytest.mark.parametrize(
    ("data", "components", "variance", "wanted"),
    [
        ("grid", 4, 0.16, [16.67, 11.79, 56.75, 40.13]),
        ("grid", 10, 0.25, [25.00, 0.00, 99.36, 2.28]),
        ("ring", 6, 0.5, [8.00, 0.00, 92.67, 1.9]),
        ("ring", 12, 0.16, [6.4, 0.80, 90.256, 2.19]),
    ],
)
def test_published_cells(data, components, variance, wanted):
    place = COMPONENTS.index(components), VARIANCES.index(variance)
    assert [values[place] for values in published_search(data).values()] == wanted


def test_published_data_is_checked():
    with pytest.raises(ValueError, match=r"`data`.*'grdi'"):
        published_search("grdi")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grdi"], "`data`"),
        (["grid", "--setting", "no_noise"], "`--setting`"),
        (["grid", "--components", "4,7"], "`--components`.*'7'"),
        (["grid", "--variances", "0.3"], "`--variances`.*'0.3'"),
        (["grid", "--seeds", "0"], "`--seeds`.*0"),
        (["grid", "--steps", "-1"], "`--steps`.*-1"),
        (["grid", "--jobs", "0"], "`--jobs`.*0"),
    ],
)
def test_wrong_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(["hyperparameters", *arguments])
    assert re.search(message, capsys.readouterr().err)
