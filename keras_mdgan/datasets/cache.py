"""Arrays that are made once, kept on disk and memory-mapped from then on."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from keras_mdgan.files import replaced_when_written

FOLDER = ".keras_mdgan"


def cache_folder(data: Path) -> Path:
    """Where what is made of a folder of data is kept.

    A hidden folder within it; where one cannot be made, a folder in `~/.keras` (or
    where `KERAS_HOME` points), named after the path of the data.
    """
    beside = data / FOLDER
    if os.access(beside if beside.is_dir() else data, os.W_OK):
        return beside
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "keras_mdgan" / fingerprint(str(data.resolve()))


def fingerprint(*parts: str) -> str:
    """Sixteen hexadecimal digits that differ if a part does."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def signature(root: Path, files: Iterable[Path]) -> str:
    """A fingerprint of files' names below `root`, sizes and times of change."""
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
    """The array of a `.npy` file, memory-mapped to be read; made if it is not there.

    It is written beside `path` and renamed when whole: an error, Ctrl-C or a full disk
    leaves nothing behind. A file that is not whole, or is another array, is made anew.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "squares.npy"
        >>> cached_array(path, (4,), "int64", lambda: [np.arange(4) ** 2])
        memmap([0, 1, 4, 9])
        >>> cached_array(path, (4,), "int64", lambda: 1 / 0)
        memmap([0, 1, 4, 9])

    Args:
        path: the `.npy` file; missing folders are made.
        shape: of the whole array.
        dtype: of the array.
        blocks: called to make it; gives its parts along the first axis, in order.

    Raises:
        ValueError: if the parts are not `shape[0]` rows together.
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
            # Written, not mapped: on a full disk a mapped page ends the process.
            file.write(block)
            rows += len(block)
        if rows != shape[0]:
            raise ValueError(f"{rows} rows for an array of {shape[0]}")
        file.flush()
        os.fsync(file.fileno())
    return np.load(path, mmap_mode="r")


def _mapped(path, shape, dtype):
    try:
        array = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):  # not there, not whole, or of another kind
        return None
    return array if (array.shape, array.dtype) == (shape, np.dtype(dtype)) else None
