"""A process that is killed at a chosen file operation, played in this process.

From the kill on, every operation that would change the disk raises `Killed`, as a dead
process changes nothing: no `finally` tidies up. The kill comes before the operation;
"after it" is before the next one.
"""

import builtins
import contextlib
import io
import os
import pathlib
import shutil

import h5py

from keras_mdgan import files

OPERATIONS = ("replace", "rename", "unlink", "remove", "rmdir", "mkdir", "fsync")


class Killed(BaseException):
    """Not an `Exception`: nothing may catch it."""


class Kill:
    """Counts file operations, and is dead from number `at` on."""

    def __init__(self, at):
        self.at, self.count, self.operation = at, 0, None

    def before(self, name):
        self.count += 1
        if self.at is not None and self.count >= self.at:
            self.operation = self.operation or name
            raise Killed(f"before {self.operation}, operation {self.at}")

    def counting(self, name, function, counts=lambda *args, **kwargs: True):
        def counted(*args, **kwargs):
            if counts(*args, **kwargs):
                self.before(name)
            return function(*args, **kwargs)

        return counted


def _writes(path, mode="r", *args, **kwargs):
    return any(letter in mode for letter in "wax+")


@contextlib.contextmanager
def killed_at(monkeypatch, at):
    """Kill at operation number `at`, counted from 1; `None` only counts."""
    kill = Kill(at)
    with monkeypatch.context() as patch:
        for name in OPERATIONS:
            patch.setattr(os, name, kill.counting(name, getattr(os, name)))
        opened = kill.counting("open", io.open, _writes)
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        patch.setattr(h5py, "File", _counted_file(kill))
        patch.setattr(files, "_exchanged", kill.counting("exchange", files._exchanged))
        # This process plays one that has ended.
        patch.setattr(files, "_is_dead", lambda owner, left: False)
        try:
            yield kill
        except Killed:
            pass


def _counted_file(kill):
    class File(h5py.File):
        def __init__(self, name, mode="r", **kwargs):
            if mode != "r":
                kill.before("h5py.File")
            super().__init__(name, mode, **kwargs)

    return File


def placements(monkeypatch, folder, prepare, work):
    """Every kill in `work(folder)`, each in a fresh folder made by `prepare(folder)`.

    Yields the folder after the kill, and the kill.
    """
    at = 1
    while True:
        place = pathlib.Path(folder) / f"kill_{at}"
        place.mkdir()
        prepare(place)
        with killed_at(monkeypatch, at) as kill:
            work(place)
        if kill.operation is None:
            return
        # The next process finds that the killed one has ended.
        with monkeypatch.context() as patch:
            patch.setattr(files, "_is_dead", lambda owner, left: True)
            yield place, kill
        shutil.rmtree(place)
        at += 1
