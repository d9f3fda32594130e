"""The base classes of data sets: points and images."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from keras_mdgan.datasets import tfds_copy
from keras_mdgan.datasets.npz import read_npz
from keras_mdgan.datasets.scaling import to_unit_range
from keras_mdgan.datasets.serving import serve
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.validation import check_choice, check_integer

DATA_VARIABLE = "KERAS_MDGAN_DATA"


@dataclasses.dataclass(frozen=True)
class PointSet:
    """A data set of points with known modes.

    Args:
        name: its name in the registry.
        make: a function that returns the data, a `GaussianMixtureData`.
        source: its reference and licence.
        dim: the points' dimension.
        output_range: a bound for generators, in the data's units; `None` for none.
        scale: the discriminator's factor for the data. With it, all data sets are about
            as wide as the grid.
        n_points: the number of points drawn for training.
    """

    name: str
    make: Callable
    source: str
    dim: int = 2
    output_range: float | None = None
    scale: float = 1.0
    n_points: int = 10_000

    kind = "points"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a sample."""
        return (self.dim,)

    @property
    def n_classes(self) -> int:
        """The number of modes, which are the labels."""
        return self.make().n_modes

    def as_dataset(
        self, n: int, batch_size: int, seed: int = 0, labels: bool = False
    ) -> ShuffledBatches:
        """Batches for `fit` of `n` points, which are drawn once.

        With `labels`, batches are `(x, y)`, and `y` is the index of the mode.
        """
        return self.make().as_dataset(n, batch_size, seed=seed, labels=labels)


@dataclasses.dataclass(frozen=True)
class ImageSet:
    """A data set of images, read from disk or downloaded.

    A subclass for data that are found in another way overrides `in_folder`,
    `download` and `downloaded`. If `load` has options for it, it names them in
    `option_names`, and `options` checks and completes them.

    Args:
        name: its name in the registry, and of its `.npz` file.
        shape: the shape of an image, `(height, width, channels)`.
        n_points: the number of training images.
        source: its reference and licence.
        n_classes: the number of classes; `None` if the labels are attributes.
        splits: the names of its splits.
        tfds_name: its name in TensorFlow Datasets.
        extractor: the network whose features the experiments compare.
        classified: whether that network is a classifier of this data set's classes.
    """

    name: str
    shape: tuple[int, int, int]
    n_points: int
    source: str
    n_classes: int | None = 10
    splits: tuple[str, ...] = ("train", "test")
    tfds_name: str = ""
    extractor: str = "inception"
    classified: bool = False

    kind = "images"
    option_names = ()

    def load(
        self, data_dir: str | Path | None = None, split: str = "train", **options
    ) -> tuple[np.ndarray, np.ndarray]:
        """Images `(n, height, width, channels)`, uint8, and labels, int64.

        Args:
            data_dir: a folder with the data. The default is the folder in the
                environment variable `KERAS_MDGAN_DATA`, and then a download.
            split: one of `splits`.
            **options: of `option_names`; `None` stands for the default.

        Raises:
            ValueError: if there is no such split, an option is not of this data set,
                or a file is damaged.
            FileNotFoundError: if the data are nowhere.
        """
        check_choice("split", split, self.splits)
        given = {k: value for k, value in options.items() if value is not None}
        self._check_taken(given)
        options = self.options(**given)
        folder = data_dir if data_dir is not None else os.environ.get(DATA_VARIABLE)
        if folder is not None:
            found = self.in_folder(Path(folder), split, **options)
            if found is not None:
                return found
        if data_dir is not None:
            raise FileNotFoundError(self.how_to_get(folder))
        try:
            fetched = self.download()
        except Exception as error:  # Keras raises a bare Exception when it is offline.
            raise FileNotFoundError(self.how_to_get(folder)) from error
        # Not within the `try`: damage is an error of its own, and not "not found".
        return self.downloaded(fetched, split, **options)

    def options(self) -> dict:
        """The options of `load`, checked and complete."""
        return {}

    def _check_taken(self, given):
        from keras_mdgan.datasets.registry import DATASETS

        for argument, value in given.items():
            if argument in self.option_names:
                continue
            takers = [
                repr(name)
                for name, entry in DATASETS.items()
                if argument in getattr(entry, "option_names", ())
            ]
            wanted = f"for {', '.join(takers)} only" if takers else "not an option"
            raise ValueError(
                f"`{argument}` is {wanted}. "
                f"Received: {argument}={value!r} with name={self.name!r}"
            )

    def in_folder(self, folder: Path, split: str):
        """Images and labels of a split if the folder has the data, else `None`."""
        if (folder / f"{self.name}.npz").is_file():
            return read_npz(folder / f"{self.name}.npz", split, self.shape)
        copy = self.tfds_name and tfds_copy.find_copy(folder, self.tfds_name)
        return tfds_copy.read_copy(copy, split) if copy else None

    def download(self):
        """Fetches the data if need be; any error means that they cannot be had."""
        return getattr(keras.datasets, self.name).load_data()

    def downloaded(self, fetched, split: str):
        """Images and labels of a split of what `download` returned."""
        train, test = fetched
        images, labels = train if split == "train" else test
        if images.ndim == 4 and keras.config.image_data_format() == "channels_first":
            images = np.moveaxis(images, 1, -1)
        images = images.reshape(len(images), *self.shape)
        return images.astype("uint8"), labels.reshape(-1).astype("int64")

    # Parts of an error message: the file, how to download it, and its contents.
    @property
    def _wanted(self) -> tuple[str, str, str]:
        of_keras = hasattr(keras.datasets, self.name)
        return (
            f"{self.name}.npz",
            f"keras.datasets.{self.name}.load_data()" if of_keras else "",
            f"{self.name}.npz (arrays x_train, y_train, x_test, y_test)",
        )

    def how_to_get(self, folder: str | Path | None) -> str:
        """An error message with the searched paths and the ways to get the data."""
        files, download, contents = self._wanted
        looked = f"{DATA_VARIABLE} is not set."
        if folder is not None:
            paths = [Path(folder) / name for name in (files, self.tfds_name) if name]
            looked = f"Looked at {' and '.join(map(str, paths))}."
        copy = ", or a copy of TensorFlow Datasets," if self.tfds_name else ""
        network = f"; or, with a network, call {download} once" if download else ""
        return (
            f"The data set {self.name!r} was not found. {looked} Put {contents}{copy} "
            "into a folder and pass it as `data_dir` or name it in "
            f"{DATA_VARIABLE}{network}."
        )

    def as_dataset(
        self, n: int, batch_size: int, seed: int = 0, labels: bool = False
    ) -> ShuffledBatches:
        """Batches for `fit`: the first `n` training images, float32 in [-1, 1].

        All of them if there are fewer than `n`. The channels come first if Keras'
        `image_data_format` says so. With `labels`, batches are `(x, y)`.
        """
        n = check_integer("n", n)
        images, y = serve(*self.load(), "numpy")
        return ShuffledBatches(
            images[:n],
            y[:n] if labels else None,
            batch_size=batch_size,
            seed=seed,
            transform=to_unit_range,
        )

    def test_images(self) -> np.ndarray:
        """The test images, uint8, their channels as in `as_dataset`."""
        return serve(*self.load(split="test"), "numpy")[0]
