"""Writing files without ever leaving a damaged one."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replaced_when_written(path: str | os.PathLike) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and renames it to `path` at the end.

    If the block raises, what was written is removed and a file that was at `path`
    stays as it was. Missing folders are made.

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
    # The name ends as before: writers look at the suffix.
    beside = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
