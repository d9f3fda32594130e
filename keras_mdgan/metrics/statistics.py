"""Mean and covariance of features, computed in one pass and kept on disk."""

import dataclasses
import json
import os
import zipfile
import zlib
from typing import Any

import numpy as np

from keras_mdgan.files import replaced_when_written
from keras_mdgan.metrics.features import UNKNOWN, Source, blocks_of

_ROWS = 4096  # fixed, so that sums do not depend on the batch size of a stream
_DAMAGED = (OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError)
_DAMAGED += (zipfile.BadZipFile, zlib.error)


@dataclasses.dataclass(frozen=True, eq=False)
class FrechetStatistics:
    """Mean and covariance of features; made by `frechet_statistics`.

    Attributes:
        mean: `(dim,)`, float64.
        covariance: `(dim, dim)`, float64, with the divisor `n - 1`.
        n: number of feature vectors, at least 2.
        source: the source of the features.
    """

    mean: np.ndarray
    covariance: np.ndarray
    n: int
    source: Source = UNKNOWN

    def __repr__(self):
        return f"FrechetStatistics(n={self.n}, dim={len(self.mean)}, {self.source})"

    def save(self, path: str | os.PathLike) -> None:
        """Writes an npz file. If writing fails, an old file is unchanged."""
        source = json.dumps(dataclasses.asdict(self.source))
        with replaced_when_written(path) as beside, beside.open("wb") as file:
            np.savez(
                file,
                mean=self.mean,
                covariance=self.covariance,
                n=self.n,
                source=source,
            )

    @classmethod
    def load(cls, path: str | os.PathLike) -> "FrechetStatistics":
        """Reads a file of `save`.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if the file is damaged, or has another format.
        """
        try:
            # Opened here: `np.load` would leave a truncated file open.
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                mean, covariance = arrays["mean"], arrays["covariance"]
                n, source = int(arrays["n"]), json.loads(str(arrays["source"]))
                made = cls(mean, covariance, n, Source(**source))
            square = mean.shape * 2 == covariance.shape and mean.ndim == 1
            if not (square and n >= 2 and np.isfinite(covariance).all()):
                raise ValueError(f"shapes {mean.shape}, {covariance.shape}, n={n}")
        except FileNotFoundError:
            raise
        except _DAMAGED as error:
            raise ValueError(
                f"{os.fspath(path)} is damaged, or holds no Frechet statistics: {error}"
            ) from error
        return made


def frechet_statistics(features: Any) -> FrechetStatistics:
    """Mean and covariance of features, in one pass over them.

    Examples:
        >>> statistics = frechet_statistics(np.array([[0.0, 1.0], [2.0, 1.0]]))
        >>> statistics.mean.tolist(), statistics.covariance.tolist()
        ([1.0, 1.0], [[2.0, 0.0], [0.0, 0.0]])

    Args:
        features: an array `(n, dim)`, a `Features`, or an iterable of either, such as
            a stream of batches. The result is the same, bit for bit, for any batch
            size.

    Raises:
        ValueError: if there are fewer than 2 vectors, or they are not finite.

    References:
        Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
        computing sample variances", 1979, eq. (2.1).
    """
    return statistics_of(features, "features")


def statistics_of(features: Any, what: str) -> FrechetStatistics:
    """`frechet_statistics`, with the argument's name for errors."""
    n, origin, mean, scatter, source = 0, 0.0, 0.0, 0.0, UNKNOWN
    for block, of_all in blocks_of(features, what, _ROWS):
        if not n:
            # Means far from 0 would lose precision to rounding.
            origin = block[0].astype("float64")
        block = np.subtract(block, origin, dtype="float64")
        m, of_block = len(block), block.mean(axis=0)
        block -= of_block
        difference = of_block - mean
        scatter = scatter + block.T @ block
        if n:
            weight = n * m / (n + m)
            scatter += weight * np.outer(difference, difference)
        n, source = n + m, of_all
        mean = mean + difference * (m / n)
    if n < 2:
        raise ValueError(
            f"`{what}` must have at least 2 vectors for a covariance. Received: {n}"
        )
    return FrechetStatistics(origin + mean, scatter / (n - 1), n, source)
