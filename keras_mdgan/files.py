"""Writing files so that an error never leaves a damaged one."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replaced_when_written(path: str | os.PathLike) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and renames it to `path` at the end.

    If the block raises, the new file is removed and an old file at `path` is unchanged.
    Missing folders are made.

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
    # The name keeps its suffix, from which writers choose the format. The process id
    # keeps several processes apart.
    beside = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
