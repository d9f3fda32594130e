"""Writing files and folders so that errors, kills and power cuts damage none."""

import contextlib
import ctypes
import errno
import hashlib
import os
import shutil
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

_STALE = 24 * 3600.0  # seconds, for what another machine has left
_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


@contextlib.contextmanager
def replaced_when_written(path: str | os.PathLike) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and renames it to `path` at the end.

    If the block raises, the new file is removed and an old file at `path` is unchanged.
    The new file is on the disk before it is renamed, so a power cut leaves one of the
    two whole. Several processes and threads may write at once: the last one wins.
    Missing folders are made. What a killed process left beside `path` is removed.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "figures" / "note.txt"
        >>> with replaced_when_written(path) as beside:
        ...     _ = beside.write_text("whole")
        >>> path.read_text()
        'whole'

    Args:
        path: the file to write or replace.

    Yields:
        The path to write to, in the same folder.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_left_by_killed(path)
    beside = _beside(path)
    try:
        yield beside
        to_disk(beside)
        os.replace(beside, path)
        to_disk(path.parent)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def folder_replaced_when_written(path: str | os.PathLike) -> Iterator[Path]:
    """`replaced_when_written` for a whole folder.

    The block makes the folder at the path that it gets. On Linux the new folder and an
    old one change places in one step. Elsewhere the old one is renamed first: a kill
    just then leaves it at `set_aside(path)`, and `put_back(path)` renames it back.

    Args:
        path: the folder to write or replace.

    Yields:
        The path of the folder to make, beside `path`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    put_back(path)
    remove_left_by_killed(path)
    beside = _beside(path)
    try:
        yield beside
        for each in sorted(beside.rglob("*")):
            to_disk(each)
        to_disk(beside)
        if not path.exists():
            os.replace(beside, path)
        elif not _exchanged(beside, path):
            os.replace(path, set_aside(path))
            os.replace(beside, path)
            shutil.rmtree(set_aside(path))
        to_disk(path.parent)
    finally:
        if beside.exists():
            shutil.rmtree(beside)


def remove_folder(path: str | os.PathLike) -> None:
    """Remove a folder so that a kill leaves it whole, or gone from its path."""
    path = Path(path)
    removed = _beside(path)
    os.replace(path, removed)
    shutil.rmtree(removed)
    remove_left_by_killed(path)


def set_aside(path: Path) -> Path:
    """Where an old folder is while a new one is renamed to `path`."""
    return path.with_name(f".old.{path.name}")


def put_back(path: Path) -> None:
    """Undo a replacement of a folder that was killed between its two renames."""
    aside = set_aside(path)
    if not aside.exists():
        return
    if path.exists():
        shutil.rmtree(aside)
    else:
        os.replace(aside, path)


def to_disk(path: str | os.PathLike) -> None:
    """Wait until a file's contents, or a folder's list of names, are on the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (IsADirectoryError, PermissionError):  # folders, on Windows
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems do not synchronise folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)


def remove_left_by_killed(path: Path) -> None:
    """Remove what killed processes wrote beside `path` and could not rename."""
    # Not `glob`, to which brackets in a name would mean something.
    ending = f".part.{path.name}"
    for name in os.listdir(path.parent):
        if name.startswith(".") and name.endswith(ending):
            left = path.with_name(name)
            with contextlib.suppress(OSError):  # another process was faster
                if _is_dead(name.removesuffix(ending), left):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()


def _beside(path):
    # The name keeps its suffix, from which writers choose the format. The unique part
    # keeps threads apart; host and process say who wrote it.
    unique = uuid.uuid4().hex[:8]
    return path.with_name(f".{_HOST}-{os.getpid()}-{unique}.part.{path.name}")


def _is_dead(owner, left):
    """Whether the process that wrote `left` is known to have ended."""
    host, _, rest = owner.removeprefix(".").partition("-")
    process = rest.partition("-")[0]
    if host == _HOST and process.isdigit():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except OSError:  # a process of another user
            return False
        return False
    return time.time() - left.stat().st_mtime > _STALE


def _exchanged(a, b):
    """Let two paths change places in one step; `False` where this is not possible."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename(here, os.fsencode(a), here, os.fsencode(b), exchange) == 0
