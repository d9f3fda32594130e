"""Statistics of real images, computed once and kept on disk."""

import hashlib
import os
import re
import warnings
from pathlib import Path
from typing import Any

from keras_mdgan import datasets
from keras_mdgan.datasets.base import DATA_VARIABLE
from keras_mdgan.metrics.registry import extractor as extractor_of
from keras_mdgan.metrics.statistics import FrechetStatistics, frechet_statistics


def reference_statistics(
    name: str,
    split: str = "train",
    extractor: Any = "inception",
    data_dir: str | os.PathLike | None = None,
    cache_dir: str | os.PathLike | None = None,
    batch_size: int = 64,
) -> FrechetStatistics:
    """Mean and covariance of the features of a data set's images.

    They are cached in a file. The key consists of data set, split, folder of the data,
    and the extractor's name and version. A damaged file is computed again. Statistics
    of a function without a version are not cached, because another function may have
    the same name.

    Examples:
        >>> import tempfile, numpy as np
        >>> folder = tempfile.mkdtemp()
        >>> x, y = np.zeros((3, 28, 28), "uint8"), np.arange(3)
        >>> np.savez(f"{folder}/mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
        >>> real = reference_statistics(
        ...     "mnist", "test", "mnist_classifier", data_dir=folder, cache_dir=folder)
        >>> real.n, real.mean.shape, real.source.data
        (3, (128,), 'mnist/test')

    Args:
        name: a data set of `keras_mdgan.datasets.load`.
        split: `"train"` or `"test"`.
        extractor: the `which` argument of `keras_mdgan.metrics.extractor`.
        data_dir: folder of the data; see `keras_mdgan.datasets.load`.
        cache_dir: folder of the files. The default is `keras_mdgan/statistics` in
            Keras' folder (`~/.keras`, or the environment variable `KERAS_HOME`).
        batch_size: images per call of the extractor.

    Returns:
        `FrechetStatistics`, with `Source(data="name/split", ...)`.

    Raises:
        ValueError, FileNotFoundError: those of `load` and `extractor`.
    """
    chosen = extractor_of(extractor)
    path = None
    if chosen.version is not None:
        path = _path(name, split, chosen.label, data_dir, cache_dir)
        kept = _read(path)
        if kept is not None:
            return kept
    images, _ = datasets.load(name, data_dir=data_dir, split=split)
    features = chosen.batches(images, f"{name}/{split}", batch_size)
    statistics = frechet_statistics(features)
    if path is not None:
        statistics.save(path)
    return statistics


def _path(name, split, label, data_dir, cache_dir):
    if cache_dir is None:
        home = os.environ.get("KERAS_HOME") or "~/.keras"
        cache_dir = Path(home).expanduser() / "keras_mdgan" / "statistics"
    # The key has the folder: two folders may hold different data under one name.
    folder = data_dir if data_dir is not None else os.environ.get(DATA_VARIABLE, "")
    folder = folder and str(Path(folder).resolve())
    key = hashlib.sha256("\n".join([name, split, label, folder]).encode()).hexdigest()
    readable = re.sub(r"[^\w.-]+", "_", f"{name}-{split}-{label}")
    return Path(cache_dir) / f"{readable}-{key[:8]}.npz"


def _read(path):
    if not path.exists():
        return None
    try:
        return FrechetStatistics.load(path)
    except (ValueError, OSError) as error:
        warnings.warn(f"{error}. The statistics are computed anew.", stacklevel=3)
        return None
