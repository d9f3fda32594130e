"""A cache on disk for arrays, which are computed once and then memory-mapped."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from keras_mdgan.files import replaced_when_written

FOLDER = ".keras_mdgan"


def cache_folder(data: Path) -> Path:
    """The cache folder for a folder of data.

    It is a hidden folder inside the data's folder. If that is not writable, it is a
    folder in `~/.keras` (or in `KERAS_HOME`) named after the path of the data.
    """
    beside = data / FOLDER
    if os.access(beside if beside.is_dir() else data, os.W_OK):
        return beside
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "keras_mdgan" / fingerprint(str(data.resolve()))


def fingerprint(*parts: str) -> str:
    """Sixteen hexadecimal digits that change if any part changes."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def signature(root: Path, files: Iterable[Path]) -> str:
    """A fingerprint of the files' names below `root`, sizes and modification times."""
    lines = []
    for file in files:
        status = file.stat()
        name = file.relative_to(root).as_posix()
        lines.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    return fingerprint(*lines)


def cached_array(
    path: Path,
    shape: tuple[int, ...],
    dtype: str,
    blocks: Callable[[], Iterable[np.ndarray]],
) -> np.ndarray:
    """The array of a `.npy` file, memory-mapped for reading; computed if missing.

    It is written to a temporary file and renamed at the end, so an error, Ctrl-C or a
    full disk leaves no file behind. A damaged file, or one with another array, is
    computed again.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "squares.npy"
        >>> cached_array(path, (4,), "int64", lambda: [np.arange(4) ** 2])
        memmap([0, 1, 4, 9])
        >>> cached_array(path, (4,), "int64", lambda: 1 / 0)
        memmap([0, 1, 4, 9])

    Args:
        path: the `.npy` file; missing folders are made.
        shape: the shape of the whole array.
        dtype: the array's type.
        blocks: a function that gives the array's parts along the first axis, in order.

    Raises:
        ValueError: if the parts do not have `shape[0]` rows in total.
    """
    array = _mapped(path, shape, dtype)
    if array is not None:
        return array
    rows = 0
    with replaced_when_written(path) as beside, beside.open("wb") as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(file, header)
        for block in blocks():
            block = np.ascontiguousarray(block, dtype)
            if block.shape[1:] != shape[1:]:
                raise ValueError(f"a part of shape {block.shape} of an array {shape}")
            # Written, not mapped: on a full disk, a mapped page would kill the process.
            file.write(block)
            rows += len(block)
        if rows != shape[0]:
            raise ValueError(f"{rows} rows for an array of {shape[0]}")
        # Without it, a crash after the renaming could leave a file without contents.
        file.flush()
        os.fsync(file.fileno())
    return np.load(path, mmap_mode="r")


def _mapped(path, shape, dtype):
    try:
        array = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):  # missing, truncated, or not a .npy file
        return None
    return array if (array.shape, array.dtype) == (shape, np.dtype(dtype)) else None
