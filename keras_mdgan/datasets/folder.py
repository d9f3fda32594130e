"""Images from any folder."""

from pathlib import Path
from typing import Any

import numpy as np

from keras_mdgan.datasets.cache import cache_folder, cached_array, signature
from keras_mdgan.datasets.decoding import FORMATS, decoded_blocks
from keras_mdgan.datasets.serving import check_form, serve
from keras_mdgan.validation import check_integer


def image_folder(
    path: str | Path,
    size: int,
    crop: int | None = None,
    channels: int = 3,
    as_: str = "numpy",
    *,
    batch_size: int | None = None,
    seed: int = 0,
) -> Any:
    """Loads the JPEG, PNG and WebP images of a folder, resized to one size.

    Sub-folders are classes, numbered in the order of their names. A class includes the
    images in its own sub-folders. Without sub-folders all images have class 0. Images
    are in the order of their paths. Names that begin with a dot are ignored.

    Images are decoded once and cached in one file. Its folder is `.keras_mdgan` inside
    `path` (or `~/.keras/keras_mdgan`, if `path` is not writable). The file is
    memory-mapped, so the images may be larger than memory. It is computed again when an
    image is added, removed or changed, and may be deleted at any time.

    Examples:
        >>> import tempfile
        >>> from PIL import Image
        >>> path = Path(tempfile.mkdtemp())
        >>> for name in ("cats", "dogs"):
        ...     (path / name).mkdir()
        ...     Image.new("RGB", (40, 30), "red").save(path / name / "1.png")
        >>> images, labels = image_folder(path, size=16)
        >>> images.shape, images[0, 0, 0].tolist(), labels
        ((2, 16, 16, 3), [255, 0, 0], array([0, 1]))

    Args:
        path: the folder.
        size: height and width of the result.
        crop: side of the square at the centre to which an image is cropped before it
            is resized; `None` for the largest square. The filter is that of
            `keras_mdgan.datasets.decoding.decode`: bilinear, without aliasing.
        channels: 3 for colour, 1 for grey.
        as_: the form of the result, as in `load`.
        batch_size: samples in a batch, for `as_="batches"`.
        seed: the seed of the order, for `as_="batches"`.

    Returns:
        As for `load`: images `(n, size, size, channels)`, uint8, memory-mapped for
        reading, and labels `(n,)`, int64; or one of the other forms.

    Raises:
        FileNotFoundError: if there is no such folder, or no image in it.
        ValueError: if an argument is wrong, a sub-folder holds no image, `path` holds
            both images and sub-folders, or an image is damaged or smaller than `crop`.
    """
    check_form(as_, batch_size, seed)
    check_sizes(size, crop)
    if channels not in (1, 3):
        raise ValueError(f"`channels` must be 1 or 3. Received: channels={channels!r}")
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(f"There is no folder {path}")
    files, labels = _listed(path)
    images = decoded_files(path, files, size, crop, channels)
    return serve(images, np.array(labels, "int64"), as_, batch_size, seed)


def check_sizes(size: int, crop: int | None) -> None:
    """Raises a `ValueError` unless size and crop are integers >= 1."""
    check_integer("size", size)
    if crop is not None:
        check_integer("crop", crop)


def decoded_files(
    root: Path,
    files: list[Path],
    size: int,
    crop: int | None,
    channels: int = 3,
    what: str = "images",
) -> np.ndarray:
    """Image files below `root` as a memory-mapped array; see `image_folder`."""
    name = f"{what}_{size}_crop_{crop}_channels_{channels}_{signature(root, files)}.npy"
    return cached_array(
        cache_folder(root) / name,
        (len(files), size, size, channels),
        "uint8",
        lambda: decoded_blocks(
            ((str(file), file) for file in files), len(files), size, crop, channels
        ),
    )


def _listed(path):
    folders = sorted(
        entry
        for entry in path.iterdir()
        if entry.is_dir() and not entry.name.startswith(".")
    )
    direct = sorted(entry for entry in path.iterdir() if _is_image(entry, path))
    if folders and direct:
        raise ValueError(
            f"{path} must hold images or sub-folders of them, one a class. "
            f"Received: both, such as {direct[0].name} and {folders[0].name}/"
        )
    if not folders:
        if not direct:
            raise FileNotFoundError(f"There is no {'/'.join(FORMATS)} file in {path}")
        return direct, [0] * len(direct)
    files, labels = [], []
    for label, folder in enumerate(folders):
        found = sorted(file for file in folder.rglob("*") if _is_image(file, path))
        if not found:
            raise ValueError(f"There is no {'/'.join(FORMATS)} file in {folder}")
        files += found
        labels += [label] * len(found)
    return files, labels


def _is_image(file, root):
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.suffix.lower() in FORMATS and not hidden and file.is_file()
