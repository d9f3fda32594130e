"""The guides say what is so: their code runs, their names and links lead somewhere."""

import contextlib
import inspect
import io
import pathlib
import pkgutil
import re
import runpy
import statistics

import pytest

import keras_mdgan as km
from keras_mdgan.experiments import Records
from keras_mdgan.experiments.literature import published
from keras_mdgan.recipes import METHODS

ROOT = pathlib.Path(__file__).parents[1]
GUIDES = sorted({p.name for p in (ROOT / "docs").glob("*.md")} - {"contributing.md"})
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)
API = re.compile(r"^::: (\S+)$", re.MULTILINE)
# Not names of `keras_mdgan.__all__`: imported when asked for, or for few.
ALSO_PUBLIC = ("mixtures", "recipes", "saving", "tuning")
SEEDS = {"grid": 5, "ring": 5, "synthetic_1200d": 3}  # of the zoo's figures


def lines():
    text = (ROOT / "docs/zoo.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)`\]\((\S+)\) (.*) \|$", text, re.MULTILINE)
    return {name: (link, row.split(" | ")[-3:]) for name, link, row in rows}


def test_every_model_has_a_line_that_links_to_its_file():
    found = lines()
    missing = set(km.models.__all__) - set(found)
    assert not missing, f"docs/zoo.md has no row for {missing}"
    assert set(found) == set(km.models.__all__)
    for name, (link, _) in found.items():
        source = (ROOT / "docs" / link).resolve().read_text()
        assert f"class {name}(" in source


def test_figures_are_those_of_the_records():
    keys = {method.cls.__name__: key for key, method in METHODS.items()}
    every = {data: Records(ROOT / "results" / data).read() for data in SEEDS}
    for name, (_, cells) in lines().items():
        for (data, seeds), cell in zip(SEEDS.items(), cells, strict=True):
            run = {"setting": "ours", "model": keys[name], "options": {}}
            records = [r for r in every[data] if run.items() <= r.items()]
            if not records:  # a new model, which nobody has run yet
                assert cell == "-", (name, data)
                continue
            assert len(records) == seeds
            modes = statistics.mean(r["modes_strict"] for r in records)
            quality = statistics.mean(r["high_quality"] for r in records)
            assert cell == f"{modes:.0f} / {quality:.1f}", (name, data)


@pytest.mark.host
@pytest.mark.filterwarnings("ignore:The vertices of:UserWarning")
@pytest.mark.parametrize("guide", GUIDES)
def test_the_code_of_a_guide_runs(guide, tmp_path, monkeypatch):
    """Its blocks, one after the other; `contributing.md` has a test of its own."""
    monkeypatch.chdir(tmp_path)
    run_blocks(ROOT / "docs" / guide)


@pytest.mark.slow
@pytest.mark.usefixtures("data_dir")
def test_the_code_of_the_readme_runs(tmp_path, monkeypatch):
    """Slow: its main block trains for half a minute, the others for minutes."""
    monkeypatch.chdir(tmp_path)
    run_blocks(ROOT / "README.md")


def run_blocks(page):
    """Runs the Python blocks of a page; what is printed must be the text after it."""
    names, printed = {}, ""
    for kind, block in BLOCK.findall(page.read_text()):
        if kind == "text":
            assert printed.strip() == block.strip()
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block, page.name, "exec"), names)
        printed = out.getvalue()


@pytest.mark.host
def test_every_public_name_is_in_the_api():
    pages = (ROOT / "docs/api").glob("*.md")
    lines = [line for page in pages for line in API.findall(page.read_text())]
    assert len(lines) == len(set(lines))
    documented = []
    for line in lines:
        value = named(line)
        # A module's line, as that of the models, brings all that it exports.
        inside = exports(value) if inspect.ismodule(value) else []
        documented += [value, *(getattr(value, name) for name in inside)]
    for path in public_names():
        # Some names are exported twice, such as `km.export`.
        there = any(named(path) is each for each in documented)
        assert there, f"docs/api/ has no line `::: {path}`"


def public_names():
    """What the package and its public modules export, modules left out."""
    exported = [f"keras_mdgan.{name}" for name in km.__all__]
    modules = [p for p in exported if inspect.ismodule(named(p))]
    names = [path for path in exported if path not in modules]
    for module in [*modules, *(f"keras_mdgan.{name}" for name in ALSO_PUBLIC)]:
        names += [f"{module}.{name}" for name in exports(named(module))]
    return names


def exports(module):
    """`__all__`, or what a module of one file defines."""
    own = [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and name[0] != "_"
    ]
    return getattr(module, "__all__", own)


def named(path):
    return pkgutil.resolve_name(path)


@pytest.mark.host
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_in_pages_exist(page):
    text = page.read_text()
    for own in ("LeastSquaresGAN", "AuxiliaryClassifierGAN"):  # of contributing.md
        text = text.replace(f"km.{own}", "")
    for path in re.findall(r"\bkm((?:\.\w+)+)", text):
        named(f"keras_mdgan{path}")


@pytest.mark.host
def test_links_lead_somewhere():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), (page.name, link)


@pytest.mark.host
def test_the_figures_of_concepts_can_be_made(tmp_path, monkeypatch):
    """Those in `docs/figures/`, with fewer steps of the model that is trained."""
    script = str(ROOT / "docs/figures.py")
    arguments = ["--steps", "20", "--training-steps", "80", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", [script, *arguments])
    runpy.run_path(script, run_name="__main__")
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {path.name for path in (ROOT / "docs/figures").iterdir()}


@pytest.mark.host
def test_the_readme_is_short_and_its_table_is_that_of_the_records():
    text = (ROOT / "README.md").read_text()
    assert len(text.split()) <= 800
    every = Records(ROOT / "results" / "grid").read()
    keys = {method.cls.__name__: key for key, method in METHODS.items()}
    rows = re.findall(r"^\| \**(\w+)\** (\|.*\|)$", text, re.MULTILINE)
    seen = 0
    for name, cells in rows:
        if name not in keys:
            continue
        run = {"setting": "ours", "model": keys[name], "options": {}}
        records = [r for r in every if run.items() <= r.items()]
        assert len(records) == 5
        figures = {
            key: statistics.mean(r[key] for r in records)
            for key in ("modes", "modes_strict", "high_quality", "kl", "spread")
        }
        modes, quality, kl, spread, beside = (
            cell.strip(" *") for cell in cells.strip("|").split("|")
        )
        assert modes == f"{figures['modes_strict']:.1f}"
        assert quality == f"{figures['high_quality']:.2f}"
        assert kl == f"{figures['kl']:.3f}"
        assert spread == f"{figures['spread']:.3f}"
        if beside:
            ours = f"{figures['modes']:.1f} / {figures['high_quality']:.1f}"
            assert beside == f"{ours}, {published('grid', 'ours', keys[name])}"
        seen += 1
    assert seen >= 4


@pytest.mark.host
def test_every_picture_is_linked_from_a_page():
    pages = [*PAGES, *(ROOT / "results").rglob("*.md")]
    linked = {
        (page.parent / link).resolve()
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text())
    }
    pictures = [
        path
        for folder in ("results", "docs/figures")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".png", ".gif")
    ]
    assert len(pictures) > 10
    assert [str(p) for p in pictures if p.resolve() not in linked] == []


@pytest.mark.host
def test_results_and_experiments_stay_few_files():
    results = [p for p in (ROOT / "results").rglob("*") if p.is_file()]
    assert len([p for p in results if not p.name.startswith(".")]) <= 48
    assert len(list((ROOT / "keras_mdgan/experiments").glob("*.py"))) <= 17
