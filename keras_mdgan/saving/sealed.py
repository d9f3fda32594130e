"""Weight files that end with a checksum, and with facts that belong to the weights.

HDF5 ignores what follows its own end, so `h5py`, Keras and older versions of this
package read a sealed file as before. The end is: the facts as JSON, the SHA-256 of all
that precedes it, the length of the JSON (4 bytes) and a mark.
"""

import hashlib
import json
import os
import struct
from pathlib import Path

_MARK = b"keras_mdgan seal"
_TAIL = struct.Struct(f"<32sI{len(_MARK)}s")


def seal(path: str | os.PathLike, **facts) -> None:
    """Append facts and a checksum to a file.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "file"
        >>> _ = path.write_bytes(b"weights")
        >>> seal(path, epoch=3)
        >>> facts_of(path)
        {'epoch': 3}

    Args:
        path: a file without a seal.
        **facts: values for JSON.
    """
    text = json.dumps(facts).encode()
    with open(path, "r+b") as file:
        digest = hashlib.file_digest(file, "sha256")
        file.seek(0, os.SEEK_END)
        digest.update(text)
        file.write(text + _TAIL.pack(digest.digest(), len(text), _MARK))


def facts_of(path: str | os.PathLike) -> dict | None:
    """The facts of a sealed file, or `None` for a file without a seal.

    Args:
        path: the file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if its contents are not those that were sealed.
    """
    content = Path(path).read_bytes()
    if len(content) < _TAIL.size:
        return None
    digest, length, mark = _TAIL.unpack(content[-_TAIL.size :])
    # A damaged mark is a mark: otherwise damage there would hide other damage.
    if sum(a == b for a, b in zip(mark, _MARK)) < len(_MARK) // 2:
        return None
    end = len(content) - _TAIL.size
    sealed = content[:end]
    if hashlib.sha256(sealed).digest() != digest or length > end:
        raise ValueError(
            f"{os.fspath(path)} is damaged: its contents are not those that were "
            "written (SHA-256)"
        )
    return json.loads(sealed[end - length :])
