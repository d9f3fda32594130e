"""The records of a data set's runs: one file of lines, one file of samples.

`records.jsonl` has a JSON object a line, one for each run; `samples.npz` has what is
kept of seed 0's samples for the figures, an array a setting and model.
"""

import json
import os
import pathlib
import platform
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable

import keras
import numpy as np

import keras_mdgan as km
from keras_mdgan.files import replaced_when_written

# What tells runs of one data set apart. A run of another length replaces the former.
IDENTITY = ("setting", "model", "options", "seed")


class DamagedRecords(ValueError):
    """A line of a records' file that is no record. Names the file and the line."""


class Records:
    """The records of one data set, which several processes may write at once.

    A record is added by writing the whole file beside the old one and then renaming it,
    under a lock: a process that is killed leaves the old file, and no line is lost.

    Examples:
        >>> import tempfile
        >>> records = Records(tempfile.mkdtemp())
        >>> run = {"setting": "ours", "model": "vanilla", "options": {}, "seed": 0}
        >>> records.add({**run, "steps": 10})
        >>> records.add({**run, "steps": 20})
        >>> [record["steps"] for record in records.read()]
        [20]

    Args:
        folder: the folder of the data set's results.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.path = self.folder / "records.jsonl"
        self.samples_path = self.folder / "samples.npz"

    def read(self) -> list[dict]:
        """Every record, in the order of the file.

        Raises:
            DamagedRecords: if a line is no record. `lines` reads the others.
        """
        good, damaged = self.lines()
        if damaged:
            raise DamagedRecords("\n".join(damaged.values()))
        return good

    def lines(self) -> tuple[list[dict], dict[int, str]]:
        """The readable records, and by its number what is wrong with any other line."""
        good, damaged = [], {}
        if not self.path.exists():
            return good, damaged
        # Split by hand: `str.splitlines` also splits at characters inside of strings.
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                key_of(record)
                good.append(record)
            except (ValueError, KeyError, TypeError) as error:
                damaged[number] = (
                    f"{self.path}, line {number}, is damaged and no record: {error}. "
                    f"{_how_to_redo(line)}"
                )
        return good, damaged

    def add(self, record: dict, samples: np.ndarray | None = None) -> None:
        """Write a record in the place of an earlier one of the same run.

        Damaged lines go: what they held is lost already, and their runs, which have no
        record, are made anew by their command.

        Args:
            record: with the entries of `IDENTITY`, of what JSON can hold.
            samples: what is kept of the run's samples.
        """
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock"):
            # The samples first: with its record, a run is finished.
            if samples is not None:
                name = samples_name(record["setting"], record["model"])
                self._write_samples({**self._kept_samples(), name: samples})
            self._write(replaced(self.lines()[0], record))

    def _write(self, records: Iterable[dict]):
        with replaced_when_written(self.path) as beside:
            text = "".join(json.dumps(r) + "\n" for r in records)
            beside.write_text(text)

    def _write_samples(self, samples):
        with replaced_when_written(self.samples_path) as beside:
            with open(beside, "wb") as file:
                np.savez_compressed(file, **dict(sorted(samples.items())))

    def _kept_samples(self):
        try:
            return self.samples()
        except ValueError as error:
            aside = self.samples_path.with_suffix(".damaged.npz")
            os.replace(self.samples_path, aside)
            warnings.warn(f"{error}. It is {aside} now", RuntimeWarning, stacklevel=3)
            return {}

    def samples(self) -> dict[str, np.ndarray]:
        """What was kept of samples, by `samples_name(setting, model)`.

        Raises:
            ValueError: if the file is damaged. It names the file.
        """
        if not self.samples_path.exists():
            return {}
        try:
            with open(self.samples_path, "rb") as file:
                with np.load(file, allow_pickle=False) as arrays:
                    return dict(arrays)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(
                f"{self.samples_path} is damaged: {error}. Without it, figures lack "
                "the samples of all runs that are not made anew"
            ) from error

    def find(self, run) -> dict | None:
        """The record of a run at the run's length, or `None`."""
        key = (run.setting, run.model, _text(run.options), run.seed)
        for record in self.lines()[0]:
            if key_of(record) == key and record["steps"] == run.resolved.steps:
                return record
        return None


def key_of(record: dict) -> tuple:
    """What tells a record's run from the others of its data set."""
    return tuple(
        _text(record[name]) if name == "options" else record[name] for name in IDENTITY
    )


def replaced(records: list[dict], record: dict) -> list[dict]:
    """Records with one more, which takes the place of one of the same run."""
    by_run = {key_of(each): each for each in [*records, record]}
    # Sorted: tables list seeds in order, whichever worker was first.
    return [by_run[key] for key in sorted(by_run)]


def samples_name(setting: str, model: str) -> str:
    """The name of an array in `samples.npz`."""
    return f"{setting}/{model}"


def versions() -> dict:
    """Backend and versions, for a record."""
    backend = keras.backend.backend()
    module = __import__(backend)
    return {
        "keras_mdgan": km.__version__,
        "keras": keras.__version__,
        backend: module.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _how_to_redo(line: bytes) -> str:
    """What can still be read of a damaged line, as advice."""
    text = line.decode(errors="replace")
    names = ("setting", "model", "seed")
    found = [re.search(rf'"{name}": "?([\w.-]+)', text) for name in names]
    advice = "Its run is made anew by the command that made it"
    if all(found):
        advice = f"It was {'/'.join(match[1] for match in found)}. {advice}"
    command = re.search(r'"command": "([^"\\]+)"', text)
    return f"{advice}: {command[1]}" if command else advice


def _text(options):
    return json.dumps(options, sort_keys=True)
