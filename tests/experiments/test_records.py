"""Records: many writers, damaged lines, kills in a write."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from keras_mdgan.experiments import DamagedRecords, Records, Run, tables
from keras_mdgan.experiments.__main__ import main
from keras_mdgan.experiments.curve import Spent

pytestmark = pytest.mark.host  # nothing here depends on the backend


def record(seed=0, model="vanilla", **more):
    return {
        "data": "ring",
        "setting": "ours",
        "model": model,
        "seed": seed,
        "options": {},
        "steps": 10,
        "seconds": 1.0,
        "versions": {},
        "command": f"python -m keras_mdgan.experiments run ring --models {model}",
        **more,
    }


def test_a_run_is_found_by_what_it_is(tmp_path):
    records = Records(tmp_path)
    records.add(record(0, steps=6000))
    records.add(record(0, options={"rate": 0.2}, steps=6000))
    records.add(record(1, steps=40))
    assert records.find(Run("ring", "ours", "vanilla", 0))["options"] == {}
    rated = Run("ring", "ours", "vanilla", 0, {"rate": 0.2})
    assert records.find(rated)["options"] == {"rate": 0.2}
    assert records.find(Run("ring", "ours", "vanilla", 1)) is None  # another length
    assert records.find(Run("ring", "ours", "vanilla", 1, steps=40))["seed"] == 1
    assert records.find(Run("ring", "plain", "vanilla", 0)) is None


def test_a_run_made_again_takes_its_place_and_the_order_is_that_of_seeds(tmp_path):
    records = Records(tmp_path)
    for seed in (2, 0, 1):
        records.add(record(seed, steps=10), np.full(2, seed))
    records.add(record(0, steps=20), np.array([7, 7]))
    assert [(r["seed"], r["steps"]) for r in records.read()] == [
        (0, 20),
        (1, 10),
        (2, 10),
    ]
    (samples,) = records.samples().values()
    np.testing.assert_array_equal(samples, [7, 7])


WRITES = """
import sys
import time
sys.path[:0] = {path!r}
import numpy as np
from keras_mdgan.experiments.records import Records
print("ready", flush=True)
sys.stdin.readline()
for seed in range(20):
    samples = np.full(3, seed) if seed == 0 else None
    Records({folder!r}).add({{**{record!r}, "seed": seed}}, samples)
"""


def test_several_processes_write_at_once(tmp_path):
    models = ["vanilla", "packed", "dragan"]
    scripts = [
        WRITES.format(path=sys.path, folder=str(tmp_path), record=record(model=model))
        for model in models
    ]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([sys.executable, "-c", s], **pipes) for s in scripts]
    for writer in writers:
        writer.stdout.readline()
    for writer in writers:  # all are ready: they begin together
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    found = [(r["model"], r["seed"]) for r in Records(tmp_path).read()]
    assert found == [(m, seed) for m in sorted(models) for seed in range(20)]
    assert len(Records(tmp_path).samples()) == len(models)


def damage(path, number, text):
    lines = path.read_text().splitlines()
    lines[number - 1] = text(lines[number - 1])
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "text",
    [
        lambda line: line[: len(line) // 2 + 60],
        lambda line: "{}",
        lambda line: line.replace('"seed": 1', '"seed" 1'),
        lambda line: "[1, 2]",
        lambda line: "null",
        lambda line: line.replace('"steps": 10', '"stpes": 10'),
        lambda line: line.replace('"seconds": 1.0', '"seconds": null'),
    ],
    ids=["cut", "empty", "changed", "list", "null", "missing", "type"],
)
def test_a_damaged_line_is_named_and_harms_no_other(tmp_path, text):
    records = Records(tmp_path)
    for seed in range(3):
        records.add(record(seed))
    damage(records.path, 2, text)
    with pytest.raises(DamagedRecords, match=r"records.jsonl, line 2, is damaged"):
        records.read()
    good, damaged = records.lines()
    assert [r["seed"] for r in good] == [0, 2]
    assert list(damaged) == [2]
    records.add(record(1))
    assert [r["seed"] for r in records.read()] == [0, 1, 2]
    assert (tmp_path / "records.damaged.jsonl").read_text().count("\n") == 1


def test_data_sets_in_one_folder_are_told_apart(tmp_path):
    records = Records(tmp_path)
    records.add(record())
    assert records.find(Run("grid", "ours", "vanilla", 0, steps=10)) is None
    records.add({**record(), "data": "grid"})
    assert [r["data"] for r in records.read()] == ["grid", "ring"]
    with pytest.raises(DamagedRecords, match="none of ring: data 'grid'"):
        tables.write("ring", tmp_path)


@pytest.mark.parametrize(
    ("entry", "value"),
    [("model", "vanila"), ("setting", "papers"), ("kl", None), ("modes", "x")],
)
def test_a_record_that_tables_would_misread_is_named(tmp_path, entry, value):
    figures = dict.fromkeys(("modes", "modes_strict", "high_quality", "kl"), 1.0)
    Records(tmp_path).add({**record(), **figures, entry: value})
    with pytest.raises(DamagedRecords, match=f"{entry} {value!r}"):
        tables.write("ring", tmp_path)


def test_a_line_that_no_command_wrote_is_set_aside_by_the_next_run(tmp_path, capsys):
    command = "run ring --models vanilla --seeds 1 --steps 40 --out".split()
    assert main([*command, str(tmp_path)]) == 0
    with open(Records(tmp_path).path, "a") as file:
        file.write("junk\n")
    assert main([*command, str(tmp_path)]) == 0
    assert "line 2, is damaged" in capsys.readouterr().err
    assert main([*command, str(tmp_path)]) == 0
    assert "damaged" not in capsys.readouterr().err


def test_the_command_names_a_damaged_line_and_redoes_its_run(tmp_path, capsys):
    command = "run ring --models vanilla --seeds 2 --steps 40 --out".split()
    assert main([*command, str(tmp_path)]) == 0
    before = Records(tmp_path).read()
    damage(Records(tmp_path).path, 2, lambda line: line[:-200])
    capsys.readouterr()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "ring").symlink_to(tmp_path)
    assert main(["tables", "ring", "--results", str(tmp_path / "results")]) == 1
    said = capsys.readouterr().err
    assert "line 2, is damaged" in said
    assert "It was ours/vanilla/1" in said
    assert "run ring --models vanilla --seeds 2" in said
    assert main([*command, str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "line 2, is damaged" in said.err
    assert "2 runs, 1 recorded before" in said.out
    after = Records(tmp_path).read()
    assert after[0] == before[0]
    assert after[1]["evaluations"] == before[1]["evaluations"]


def test_damaged_samples_are_named_and_kept_aside(tmp_path):
    records = Records(tmp_path)
    records.add(record(), np.zeros(3))
    records.samples_path.write_bytes(records.samples_path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"samples.npz is damaged"):
        records.samples()
    with pytest.warns(RuntimeWarning, match=r"samples.damaged.npz"):
        records.add(record(model="packed"), np.ones(3))
    assert list(records.samples()) == ["ours/packed"]
    assert (tmp_path / "samples.damaged.npz").exists()


KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
import numpy as np
from keras_mdgan.experiments.records import Records
calls = 0
def die(name):
    real = getattr(os, name)
    def wrapped(*args, **kwargs):
        global calls
        calls += 1
        if calls == {at} and {before}:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if calls == {at}:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(os, name, wrapped)
die("replace")
Records({folder!r}).add({record!r}, np.ones(4))
"""


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("before", [True, False])
def test_a_kill_in_a_write_loses_nothing(tmp_path, at, before):
    """Before and after each rename: the samples' and the records'."""
    records = Records(tmp_path)
    records.add(record(0), np.zeros(3))
    whole = records.path.read_text()
    script = KILLED.format(
        path=sys.path, at=at, before=before, folder=str(tmp_path), record=record(1)
    )
    done = subprocess.run([sys.executable, "-c", script], env=dict(os.environ))
    assert done.returncode == -9
    kept = records.read()
    assert [r["seed"] for r in kept][:1] == [0]
    assert records.path.read_text().splitlines(keepends=True)[0] == whole
    assert len(kept) == (2 if (at, before) == (2, False) else 1)
    assert len(records.samples()) == 1  # readable, whichever of the two it is
    records.add(record(1), np.ones(4))
    assert [r["seed"] for r in records.read()] == [0, 1]
    left = {p.name for p in tmp_path.iterdir()} - {".lock"}
    assert {"records.jsonl", "samples.npz"} <= left


def test_tables_without_records_are_refused(tmp_path, capsys):
    results = tmp_path / "results"
    assert main(["tables", "--results", str(results)]) == 1
    assert "has no folder with a records.jsonl" in capsys.readouterr().err
    assert not results.exists()
    assert main(["tables", "cifar10", "--results", str(results)]) == 1
    assert "cifar10 has no records.jsonl" in capsys.readouterr().err


def test_time_is_that_of_training_alone():
    spent = Spent(2.0, 1.0)  # of an interrupted part
    spent.go_on()
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    spent.pause()
    found = spent.as_dict()
    assert 2.05 <= found["seconds"] < 4.0
    assert 1.05 <= found["processor_seconds"] < 1.5
    time.sleep(0.2)  # an evaluation
    spent.go_on()
    spent.pause()
    assert spent.as_dict()["seconds"] < found["seconds"] + 0.15
