"""The notebooks run from their first cell to their last, at a small size."""

import json
import pathlib
import re

import pytest

pytestmark = pytest.mark.host

NOTEBOOKS = pathlib.Path(__file__).parents[1] / "examples" / "notebooks"
# The values of each notebook's cell of parameters, and the figures that it displays.
SMALL = {
    "points": ({"STEPS": 80, "SAMPLES": 200}, 6),
    "images_and_corners": ({"STEPS": 4, "IMAGES": 300, "MEASURED": 100}, 4),
}


def shrunk(source, values):
    """A cell with other numbers; every one of them must be there."""
    for name, value in values.items():
        source, n = re.subn(
            rf"^{name} = [\d_]+", f"{name} = {value}", source, flags=re.M
        )
        assert n == 1, name
    return source


def test_every_notebook_is_executed_and_stored_without_outputs():
    paths = {path.stem: path for path in NOTEBOOKS.glob("*.ipynb")}
    assert set(paths) == set(SMALL)
    for path in paths.values():
        for cell in json.loads(path.read_text())["cells"]:
            assert not cell.get("outputs"), path.name
            assert cell.get("execution_count") is None, path.name


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_notebook_runs_and_shows_its_figures(name, tmp_path, request):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("tensorflow")  # for `load_sampler`
    if name == "images_and_corners":
        request.getfixturevalue("data_dir")
    values, n_figures = SMALL[name]
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    (parameters,) = [
        cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())
    ]
    parameters.source = shrunk(parameters.source, values)
    nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()  # raises what a cell raises
    shown = [
        output.data
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "execute_result"
    ]
    assert sum("image/png" in data for data in shown) == n_figures
    tables = [data["text/html"] for data in shown if "text/html" in data]
    assert any("<table>" in table for table in tables)
    assert any('<img src="data:image/png;base64,' in table for table in tables)
