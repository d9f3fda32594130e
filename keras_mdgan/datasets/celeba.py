"""CelebA, from its authors' files or from a copy of TensorFlow Datasets."""

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from keras_mdgan.datasets import tfds_copy
from keras_mdgan.datasets.base import ImageSet
from keras_mdgan.datasets.celeba_names import ATTRIBUTES
from keras_mdgan.datasets.folder import check_sizes, decoded_files

# Lucic et al. crop to 160 x 160 pixels, and so do studies that compare with them.
SIZE, CROP = 64, 160
SPLITS = {"train": 0, "valid": 1, "test": 2}
IMAGES = "img_align_celeba"
PARTITION = "list_eval_partition.txt"
LABELS = "list_attr_celeba.txt"


def find_celeba(folder: Path) -> Path | None:
    """The folder of `img_align_celeba` (`folder` or one inside it), or `None`."""
    for root in (folder, folder / "celeba", folder / "CelebA"):
        if _first_of(root, IMAGES, "Img").is_dir():
            return root
    return None


def read_celeba(
    root: Path, split: str, size: int = SIZE, crop: int | None = CROP
) -> tuple[np.ndarray, np.ndarray]:
    """Images and attributes of a split.

    The folder holds `img_align_celeba/000001.jpg` and so on, `list_eval_partition.txt`
    and `list_attr_celeba.txt`. They may also be in `Img`, `Eval` and `Anno`, as in the
    authors' archive. Images are decoded once and cached; see `image_folder`.

    Args:
        root: the result of `find_celeba`.
        split: `"train"`, `"valid"` or `"test"`.
        size: side of the images.
        crop: side of the square at the centre that is resized to `size`.

    Returns:
        Images `(n, size, size, 3)`, uint8, memory-mapped, in the order of the
        partition, and the 40 `ATTRIBUTES`, `(n, 40)`, int64, 1 or 0.

    Raises:
        FileNotFoundError: if a file is missing.
        ValueError: if a file is damaged, or the two lists do not name the same images.
    """
    images = _first_of(root, IMAGES, "Img")
    partition = _first_of(root, PARTITION, "Eval")
    rows = _words(_lines(partition), 2, partition)
    names = [name for name, _ in rows]
    attributes = _attributes(_first_of(root, LABELS, "Anno"), names)
    chosen = [i for i, row in enumerate(rows) if row[1] == str(SPLITS[split])]
    if not chosen:
        raise ValueError(f"{partition} has no image of the split {split!r}")
    files, there = [images / names[i] for i in chosen], set(os.listdir(images))
    missing = [file for file in files if file.name not in there]
    if missing:
        raise FileNotFoundError(
            f"{len(missing)} of {len(files)} images of the split {split!r} are not "
            f"there, such as {missing[0]}"
        )
    decoded = decoded_files(root, files, size, crop, what=f"celeba_{split}")
    return decoded, attributes[chosen]


def _first_of(root: Path, name: str, folder: str) -> Path:
    inner = root / folder / name
    return inner if inner.exists() else root / name


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise FileNotFoundError(f"CelebA needs {path}, which is not there")
    try:
        return path.read_text(encoding="ascii").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _words(lines: Iterable[str], count: int, path: Path) -> list[list[str]]:
    rows = [line.split() for line in lines if line.strip()]
    for row in rows:
        if len(row) != count:
            raise ValueError(
                f"{path} must have {count} words a line. Received: {' '.join(row)!r}"
            )
    return rows


def _attributes(path: Path, names: list[str]) -> np.ndarray:
    lines = _lines(path)
    if len(lines) < 2 or tuple(lines[1].split()) != ATTRIBUTES:
        raise ValueError(f"{path} must have the {len(ATTRIBUTES)} attributes in line 2")
    rows = _words(lines[2:], 1 + len(ATTRIBUTES), path)
    if [row[0] for row in rows] != names:
        raise ValueError(f"{path} and {PARTITION} must name the same images in order")
    values = np.array([row[1:] for row in rows])
    if not np.isin(values, ("1", "-1")).all():
        raise ValueError(f"{path} must hold 1 and -1 only")
    return (values == "1").astype("int64")


@dataclasses.dataclass(frozen=True)
class CelebA(ImageSet):
    """CelebA, from one of two sources, with images cropped and resized."""

    option_names = ("size", "crop")

    def options(self, size=SIZE, crop=CROP):
        check_sizes(size, crop)
        return {"size": size, "crop": crop}

    def in_folder(self, folder, split, size, crop):
        root = find_celeba(folder)
        if root is not None:
            return read_celeba(root, split, size, crop)
        copy = tfds_copy.find_copy(folder, self.tfds_name)
        return copy and tfds_copy.read_celeba_copy(copy, split, size, crop)

    def download(self):
        return tfds_copy.prepared_copy(self.tfds_name)

    def downloaded(self, fetched, split, size, crop):
        return tfds_copy.read_celeba_copy(fetched, split, size, crop)

    @property
    def _wanted(self):
        download = f"tensorflow_datasets.load({self.tfds_name!r})"
        return IMAGES, download, f"{IMAGES} with {PARTITION} and {LABELS}"


CELEBA = CelebA(
    name="celeba",
    shape=(64, 64, 3),
    n_points=162_770,
    source="CelebA, Liu et al. 2015 (for research that is not commercial)",
    n_classes=None,
    splits=tuple(SPLITS),
    tfds_name="celeb_a",
)
