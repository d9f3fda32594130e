"""Counting the modes of a mixture of Gaussians that contain samples."""

import dataclasses
import math
from typing import Any

import numpy as np

from keras_mdgan.metrics.results import Result
from keras_mdgan.validation import check_integer, check_number

# The figures for logs of callbacks, records, and objectives of searches.
MODE_FIGURES = ("modes", "modes_strict", "high_quality", "kl", "spread")

# The number of high-quality samples that a mode needs for `modes_strict`.
MODE_SAMPLES = 20


@dataclasses.dataclass(frozen=True)
class ModeCoverage(Result):
    """The distribution of samples over the modes of a mixture of Gaussians.

    A sample is *high quality* if it is near enough to the nearest centre. It then
    belongs to that mode; see `mode_coverage`.

    Attributes:
        modes: number of modes with at least one high-quality sample.
        modes_strict: number of modes with at least `min_samples` of them.
        n_modes: number of modes of the data.
        high_quality: high-quality samples, in percent of all.
        kl: divergence of the high-quality samples' distribution over the modes from
            the uniform one, in nats, from 0 to `log(n_modes)`. Without any such sample
            it is `log(n_modes)`, as for a single mode.
        spread: root mean square distance of the high-quality samples from their
            centres, divided by that of the whole Gaussian, `sqrt(intrinsic_dim) * std`.
            It is 0 if all samples are at centres. Without high-quality samples it is
            also 0, because a NaN in the logs would look like a failed training.
        counts: number of high-quality samples of each mode, in the order of the
            centres.
        n_samples: number of samples.
    """

    modes: int
    modes_strict: int
    n_modes: int
    high_quality: float
    kl: float
    spread: float
    counts: tuple[int, ...]
    n_samples: int


def mode_coverage(
    samples: np.ndarray,
    data: Any = None,
    *,
    centers: np.ndarray | None = None,
    std: float | None = None,
    threshold: float = 3.0,
    min_samples: int = MODE_SAMPLES,
) -> ModeCoverage:
    """Counts the modes that contain samples, and measures the samples' quality.

    In two dimensions a sample is high quality if it is within `threshold` standard
    deviations (Euclidean) of the nearest centre. This disc contains a share of
    `1 - exp(-threshold^2 / 2)` of a Gaussian: 98.89 % for 3. The true data therefore
    score 98.89 %. In another dimension the radius is chosen such that the share is the
    same: see `high_quality_radius`. The dimension is the data's `intrinsic_dim`, if it
    has one, else that of the samples.

    Examples:
        >>> from keras_mdgan.datasets import grid
        >>> coverage = mode_coverage(grid().sample(2500, seed=0), grid())
        >>> coverage.modes, coverage.modes_strict, round(coverage.high_quality, 1)
        (25, 25, 99.0)
        >>> mode_coverage(np.zeros((50, 2)), centers=np.eye(2) - 1, std=1.0).counts
        (50, 0)

    Args:
        samples: array of shape `(n_samples, dim)`.
        data: an object with `centers` of shape `(n_modes, dim)` and `std`, such as
            `keras_mdgan.datasets.grid()`. Or pass `centers` and `std` instead.
        centers: means of the modes, `(n_modes, dim)`.
        std: standard deviation of the modes in every direction.
        threshold: the radius of high quality in two dimensions, in standard deviations.
        min_samples: high-quality samples that a mode needs for `modes_strict`.

    Returns:
        A `ModeCoverage`. Distances are computed in float64, in blocks of samples.

    Raises:
        ValueError: if `samples` is empty, has a different dimension from the centres,
            or holds NaN or infinity; if `threshold`, `std` or `min_samples` is not
            positive and finite; or if neither or both of `data` and `centers`,
            `std` are given.

    References:
        Srivastava et al., "VEEGAN", NeurIPS 2017, section 4.1.
    """
    min_samples = check_integer("min_samples", min_samples)
    threshold = check_number("threshold", threshold, above=0)
    if (data is None) == (centers is None) or (centers is None) != (std is None):
        raise ValueError("Pass either `data` or both of `centers` and `std`.")
    if data is not None:
        centers, std = data.centers, data.std
    std = check_number("std", std, above=0)
    centers = np.asarray(centers, dtype="float64")
    samples = _check_samples(samples, centers)
    dim = getattr(data, "intrinsic_dim", centers.shape[1])
    nearest, distances = nearest_centers(samples, centers)
    good = distances <= std * high_quality_radius(threshold, dim)
    counts = np.bincount(nearest[good], minlength=len(centers))
    mean_square = np.mean(distances[good] ** 2) if good.any() else 0.0
    return ModeCoverage(
        modes=int(np.sum(counts >= 1)),
        modes_strict=int(np.sum(counts >= min_samples)),
        n_modes=len(centers),
        high_quality=100.0 * float(good.mean()),
        kl=kl_from_uniform(counts),
        spread=float(np.sqrt(mean_square / dim)) / float(std),
        counts=tuple(counts.tolist()),
        n_samples=len(samples),
    )


def nearest_centers(
    samples: np.ndarray, centers: np.ndarray, block: int = 1 << 22
) -> tuple[np.ndarray, np.ndarray]:
    """Returns index and Euclidean distance of the centre nearest to each sample.

    Args:
        samples: `(n_samples, dim)`.
        centers: `(n_modes, dim)`.
        block: largest number of elements of a temporary array.

    Returns:
        Two arrays of shape `(n_samples,)`.
    """
    nearest = np.empty(len(samples), dtype=np.int64)
    distances = np.empty(len(samples))
    half_norms = 0.5 * np.sum(centers**2, axis=1)
    rows = max(1, block // max(centers.shape))
    for start in range(0, len(samples), rows):
        part = slice(start, start + rows)
        x = samples[part].astype("float64")
        nearest[part] = np.argmax(x @ centers.T - half_norms, axis=1)
        # From the difference: the expanded square loses all precision near a centre.
        distances[part] = np.linalg.norm(x - centers[nearest[part]], axis=1)
    return nearest, distances


def high_quality_radius(threshold: float, dim: int) -> float:
    """Radius, in standard deviations, of a ball with the share of a disc in 2-D.

    The ball contains the share `1 - exp(-threshold^2 / 2)` of a Gaussian of dimension
    `dim`. Its radius is the quantile of a chi distribution. For `dim=2` it is
    `threshold`.

    Examples:
        >>> high_quality_radius(3.0, 2), high_quality_radius(3.0, 700)
        (3.0, 28.0778)
    """
    threshold = check_number("threshold", threshold, above=0)
    if dim == 2:
        return threshold
    # The mode is near sqrt(dim). Beyond 12 standard deviations from it the density is
    # below 1e-31.
    edges = np.linspace(0.0, math.sqrt(dim) + 12.0 + threshold, 400_001)
    middles = 0.5 * (edges[1:] + edges[:-1])
    log_density = (dim - 1) * np.log(middles) - 0.5 * middles**2
    share = np.cumsum(np.exp(log_density - log_density.max()))
    wanted = -math.expm1(-0.5 * threshold**2)
    return float(np.interp(wanted, share / share[-1], edges[1:]))


def kl_from_uniform(counts: np.ndarray) -> float:
    """`KL(counts / sum || uniform)` in nats; `log(len(counts))` if all are 0.

    Examples:
        >>> kl_from_uniform([5, 5, 0, 0])              # log 2
        0.693147
    """
    counts = np.asarray(counts, dtype="float64")
    if counts.sum() == 0:
        return math.log(len(counts))
    share = counts[counts > 0] / counts.sum()
    return max(0.0, float(np.sum(share * np.log(share * len(counts)))))


def _check_samples(samples: np.ndarray, centers: np.ndarray) -> np.ndarray:
    samples = np.asarray(samples)
    if samples.ndim != 2 or len(samples) == 0 or samples.shape[1:] != centers.shape[1:]:
        raise ValueError(
            f"`samples` must have shape (n_samples, {centers.shape[1]}) with at least "
            f"one sample. Received: samples.shape={samples.shape}"
        )
    bad = np.flatnonzero(~np.isfinite(samples).all(axis=1))
    if bad.size:
        raise ValueError(
            f"`samples` must be finite. Received: NaN or infinity in {bad.size} of "
            f"{len(samples)} samples, the first at index {bad[0]}"
        )
    return samples
