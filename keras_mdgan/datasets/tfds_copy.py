"""Data sets prepared by TensorFlow Datasets (TFDS)."""

import contextlib
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from keras_mdgan.datasets.cache import cache_folder, cached_array, signature
from keras_mdgan.datasets.celeba_names import ATTRIBUTES
from keras_mdgan.datasets.decoding import decoded_blocks
from keras_mdgan.datasets.serving import host_tensorflow

_SPLITS = {"valid": "validation"}
# TFDS asks this server for every data set first.
_REACHABLE, _SECONDS = "https://storage.googleapis.com", 10


def find_copy(folder: Path, name: str) -> Path | None:
    """The newest version of a data set in a `data_dir` of TFDS, or `None`."""
    versions = [
        path
        for path in (folder / name).glob("*.*.*")
        if re.fullmatch(r"\d+\.\d+\.\d+", path.name) and path.is_dir()
    ]
    return max(
        versions, key=lambda path: [int(x) for x in path.name.split(".")], default=None
    )


def prepared_copy(name: str) -> Path:
    """The copy in TFDS' own folder, downloaded if it is missing.

    Raises:
        OSError: if it is missing and there is no network.
    """
    import tensorflow_datasets as tfds

    kept = find_copy(Path(tfds.core.constants.DATA_DIR), name)
    if kept is not None:
        return kept
    # Without a network, TFDS retries for minutes before it gives up.
    with contextlib.suppress(urllib.error.HTTPError):  # an answer all the same
        urllib.request.urlopen(_REACHABLE, timeout=_SECONDS).close()
    host_tensorflow()
    builder = tfds.builder(name)
    builder.download_and_prepare()
    return Path(builder.data_path)


def read_copy(path: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images `(n, height, width, channels)`, uint8, and labels `(n,)`, int64.

    They are in the order of the copy, which is not that of the original files.

    Args:
        path: the result of `find_copy`.
        split: `"train"` or `"test"`.

    Raises:
        ValueError: if the copy is damaged, or holds other data. The message names the
            path.
    """
    parts = list(_batches(path, split))
    try:
        images = np.concatenate([part["image"] for part in parts])
        labels = np.concatenate([part["label"] for part in parts])
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} holds no images with labels: {error}") from error
    return images, labels.astype("int64")


def read_celeba_copy(
    path: Path, split: str, size: int, crop: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Images and attributes as of `celeba.read_celeba`, from TFDS' data set `celeb_a`.

    The records hold the authors' JPEG files and are decoded like these. Both sources
    give the same images in a different order.
    """
    n = _number_of(path, split)
    files = sorted(path.glob(f"*-{_SPLITS.get(split, split)}.*"))
    kept = cache_folder(path.parent.parent)
    name = f"celeb_a_{split}_{signature(path, files)}"

    def attributes():
        for part in _batches(path, split, {"image"}):
            columns = [part["attributes"][name] for name in ATTRIBUTES]
            yield np.stack(columns, axis=1)

    def jpegs():
        index = 0
        for part in _batches(path, split, {"image"}):
            for image in part["image"]:
                yield f"image {index} of {path}", image
                index += 1

    labels = cached_array(
        kept / f"{name}_labels.npy", (n, len(ATTRIBUTES)), "int64", attributes
    )
    images = cached_array(
        kept / f"{name}_{size}_crop_{crop}.npy",
        (n, size, size, 3),
        "uint8",
        lambda: decoded_blocks(jpegs(), n, size, crop),
    )
    return images, np.array(labels)


def _builder(path):
    import tensorflow_datasets as tfds

    try:
        return tfds.builder_from_directory(str(path))
    except Exception as error:  # from JSON, protocol buffers or files
        raise ValueError(f"{path} is no whole copy of TFDS: {error}") from error


def _number_of(path, split):
    splits = _builder(path).info.splits
    wanted = _SPLITS.get(split, split)
    if wanted not in splits:
        raise ValueError(f"{path} has the splits {sorted(splits)}, not {wanted!r}")
    return splits[wanted].num_examples


def _batches(path, split, undecoded=()) -> Iterator[dict]:
    """The examples of a split as NumPy arrays, some hundreds at once.

    TFDS counts the examples: missing records are an error.
    """
    _number_of(path, split)
    tf = host_tensorflow()
    import tensorflow_datasets as tfds

    try:
        data = _builder(path).as_dataset(
            split=_SPLITS.get(split, split),
            shuffle_files=False,
            decoders={key: tfds.decode.SkipDecoding() for key in undecoded} or None,
            # Files one after the other, for a fixed order; no copy of all in memory.
            read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
        )
        data = data.batch(512).prefetch(tf.data.AUTOTUNE)
        yield from tfds.as_numpy(data)
    except (ValueError, KeyError, NotImplementedError, tf.errors.OpError) as error:
        raise ValueError(f"{path} is damaged, or no copy of TFDS: {error}") from error
