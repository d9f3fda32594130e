"""Checksums of known versions of data files."""

import dataclasses
import hashlib
from pathlib import Path

KNOWN = {
    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1": (
        "mnist.npz of keras.datasets"
    ),
    "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64": (
        "mnist.npz, all 70,000 images in the original order"
    ),
    "5b6d2c4c694a91887af8ab7d039c04f80af3c29378d731c93a538d2e831aa469": (
        "fashion_mnist.npz, all 70,000 images in the original order"
    ),
    "dd251acf738e14e77eab2d41ec18fe1f6886e1caa7100c0039dbcb50239f33b0": (
        "cifar10.npz, packed: 59,903 images with exact pixels, 97 from JPEGs"
    ),
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce": (
        "cifar-10-python.tar.gz of its authors"
    ),
}


@dataclasses.dataclass(frozen=True)
class Checksum:
    """The version of a data file, according to its bytes.

    Attributes:
        sha256: hexadecimal digest of the file.
        known: the known file with this digest, or `None` for an unknown version. An
            unknown version is not an error: the same arrays, saved again, have another
            digest.
    """

    sha256: str
    known: str | None


def checksum(path: str | Path) -> Checksum:
    """Compares a data file with the known versions.

    `load` does not use it. `load` accepts any version that it can read, and refuses a
    damaged file by the checksums inside `.npz` files and records.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "mine.npz"
        >>> _ = path.write_bytes(b"abc")
        >>> checksum(path).sha256[:8], checksum(path).known
        ('ba7816bf', None)

    Args:
        path: the file.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    with Path(path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Checksum(digest, KNOWN.get(digest))
