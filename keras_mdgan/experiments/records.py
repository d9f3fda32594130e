"""The records of a data set's runs: one file of lines, one file of samples.

`records.jsonl` has one JSON object per line, one for each run, with a checksum.
`samples.npz` has
samples of seed 0 for the figures, one array per setting and model.
"""

import collections
import hashlib
import json
import os
import pathlib
import re
import warnings
from collections.abc import Iterable

import numpy as np

from keras_mdgan.display import html_table
from keras_mdgan.files import replaced_when_written

# The entries that distinguish the runs of one folder. The length is not one of them:
# a run of another length replaces the former record. Only the records of repeated
# experiments have the entry `experiment`.
IDENTITY = ("experiment", "data", "setting", "model", "options", "seed")
CHECKSUM = "checksum"  # the first entry of a line, and of no record

# The entries that tables and commands read, and their types.
_ENTRIES = {
    "data": str,
    "setting": str,
    "model": str,
    "seed": int,
    "options": dict,
    "command": str,
    "steps": int,
    "seconds": (int, float),
    "versions": dict,
}


class DamagedRecords(ValueError):
    """A line of a records' file is not a record. The message names file and line."""


class Records:
    """The records of one data set, which several processes may write at once.

    To add a record, a process takes a lock, writes the whole file to a temporary file
    and renames it. A killed process leaves the old file, and no line is lost.

    Examples:
        >>> import tempfile
        >>> records = Records(tempfile.mkdtemp())
        >>> run = {"data": "ring", "setting": "ours", "model": "vanilla", "seed": 0}
        >>> run |= {"options": {}, "command": "", "seconds": 1.0, "versions": {}}
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

    def __repr__(self):
        return f"<Records {self.folder}: {len(self.lines()[0]):,} runs>"

    def _repr_html_(self):
        keys = ("experiment", "setting", "model")
        runs = collections.Counter(
            tuple(str(record.get(key, "")) for key in keys)
            for record in self.lines()[0]
        )
        head = (*keys, "runs")
        return html_table(repr(self), [head, *((*run, n) for run, n in runs.items())])

    def read(self) -> list[dict]:
        """Every record, in the order of the file.

        Raises:
            DamagedRecords: if a line is not a record. `lines` reads the others.
        """
        good, damaged = self.lines()
        if damaged:
            raise DamagedRecords("\n".join(damaged.values()))
        return good

    def lines(self) -> tuple[list[dict], dict[int, str]]:
        """The readable records, and an error message for each other line's number."""
        good, damaged = [], {}
        if not self.path.exists():
            return good, damaged
        # Not `str.splitlines`, which also splits at characters inside JSON strings.
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                good.append(checked(_unsealed(json.loads(line))))
            except (ValueError, KeyError, TypeError) as error:
                damaged[number] = (
                    f"{self.path}, line {number}, is damaged and no record: {error}. "
                    f"{_how_to_redo(line)}"
                )
        return good, damaged

    def set_damaged_aside(self) -> list[str]:
        """Move damaged lines to `records.damaged.jsonl`; their error messages.

        Their runs then have no record, so that their command makes them again.
        """
        if not self.lines()[1]:
            return []
        with self._locked():
            good, damaged = self.lines()
            self._write_aside(damaged)
            self._write(good)
        return list(damaged.values())

    def _write_aside(self, damaged):
        if damaged:
            lines = self.path.read_bytes().split(b"\n")
            with open(self.path.with_suffix(".damaged.jsonl"), "ab") as file:
                file.writelines(lines[number - 1] + b"\n" for number in damaged)

    def _locked(self):
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / ".lock")

    def add(self, record: dict, samples: np.ndarray | None = None) -> None:
        """Write a record. It replaces an earlier record of the same run.

        Damaged lines are set aside; see `set_damaged_aside`.

        Args:
            record: a dictionary for JSON with the entries of `IDENTITY`.
            samples: the samples to keep for figures.
        """
        checked(record)
        with self._locked():
            # The samples come first: a run with a record counts as finished.
            if samples is not None:
                repeated = "experiment" in record
                of = "{experiment}/{data}".format(**record) if repeated else ""
                name = samples_name(record["setting"], record["model"], of)
                self._write_samples({**self._kept_samples(), name: samples})
            good, damaged = self.lines()
            self._write_aside(damaged)
            self._write(replaced(good, record))

    def _write(self, records: Iterable[dict]):
        with replaced_when_written(self.path) as beside:
            text = "".join(
                json.dumps({CHECKSUM: _checksum(r), **r}) + "\n" for r in records
            )
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
        """The kept samples by `samples_name(setting, model)`.

        Raises:
            DamagedRecords: if the file is damaged. The message names the file.
        """
        if not self.samples_path.exists():
            return {}
        try:
            with open(self.samples_path, "rb") as file:
                with np.load(file, allow_pickle=False) as arrays:
                    return dict(arrays)
        except Exception as error:  # NumPy has no one kind of error for damage
            raise DamagedRecords(
                f"{self.samples_path} is damaged: {error}. Remove it: figures "
                "then show only runs that are made again"
            ) from error

    def find(self, run) -> dict | None:
        """The record of a run at the run's length, or `None`."""
        key = key_of({name: getattr(run, name) for name in IDENTITY})
        for record in self.lines()[0]:
            if key_of(record) == key and record["steps"] == run.resolved.steps:
                return record
        return None


def _unsealed(entry):
    """A line's record, if it has the checksum of its line, or is of version 0.1.0."""
    first = next(iter(entry), None) if isinstance(entry, dict) else None
    if first in _ENTRIES or first is None:
        return entry
    if first != CHECKSUM or entry.pop(CHECKSUM) != _checksum(entry):
        raise ValueError("its checksum is not that of its contents")
    return entry


def _checksum(record):
    return hashlib.sha256(json.dumps(record).encode()).hexdigest()[:16]


def checked(record: dict) -> dict:
    """A record with all entries that every record has.

    Raises:
        ValueError: if an entry is missing or of another type.
    """
    if not isinstance(record, dict):
        raise ValueError(f"it is a {type(record).__name__}")
    for name, kind in _ENTRIES.items():
        if not isinstance(record.get(name), kind) or isinstance(record[name], bool):
            raise ValueError(f"`{name}` is {record.get(name)!r}")
    return record


def key_of(record: dict) -> tuple:
    """The key that distinguishes a record's run from others of its data set."""
    named = {"experiment": "", **record}
    return tuple(
        text_of(named[name]) if name == "options" else named[name] for name in IDENTITY
    )


def replaced(records: list[dict], record: dict) -> list[dict]:
    """Records with one more record, which replaces an earlier one of the same run."""
    by_run = {key_of(each): each for each in [*records, record]}
    # Sorted, so that tables list seeds in order for any order of the workers.
    return [by_run[key] for key in sorted(by_run)]


def samples_name(setting: str, model: str, of: str = "") -> str:
    """The name of an array in `samples.npz`.

    Args:
        setting: the setting of the run.
        model: its model.
        of: for a repeated experiment, its name and that of its data, with a slash.
    """
    return "/".join(filter(None, (of, setting, model)))


def _how_to_redo(line: bytes) -> str:
    """Advice on a damaged line, from its readable parts."""
    text = line.decode(errors="replace")
    names = ("setting", "model", "seed")
    found = [re.search(rf'"{name}": "?([\w.-]+)', text) for name in names]
    advice = "Its run is made anew by the command that made it"
    if all(found):
        advice = f"It was {'/'.join(match[1] for match in found)}. {advice}"
    command = re.search(r'"command": "([^"\\]+)"', text)
    return f"{advice}: {command[1]}" if command else advice


def text_of(options) -> str:
    """Options as text, the same for any order."""
    return json.dumps(dict(options), sort_keys=True)
