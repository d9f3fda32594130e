"""Mixtures of Gaussians whose modes can be counted: ring, grid and 1200-D."""

import functools

import numpy as np

from keras_mdgan.datasets.base import PointSet
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.validation import check_integer, check_number


class GaussianMixtureData:
    """Equally likely spherical Gaussians with one standard deviation.

    With `maps`, mode `k` lies in a subspace: a sample is `centers[k] + maps[k] @ z`
    with `z ~ N(0, std^2 I)` of dimension `intrinsic_dim`, the number of columns.

    Examples:
        >>> data = GaussianMixtureData(centers=[[0.0, 0.0], [3.0, 0.0]], std=0.1)
        >>> x, labels = data.sample_with_labels(4, seed=0)
        >>> x.shape, x.dtype, labels.shape
        ((4, 2), dtype('float32'), (4,))
        >>> data.as_dataset(100, batch_size=20, seed=0)[0].shape
        (20, 2)

    Args:
        centers: means of the modes, `(n_modes, dim)`.
        std: standard deviation of every mode in every direction, more than 0.
        maps: optional matrices with orthonormal columns, of shape
            `(n_modes, dim, intrinsic_dim)`.
        name: the data's name in tables and figures.

    Raises:
        ValueError: if a shape or `std` is not as described.
    """

    def __init__(
        self,
        centers: np.ndarray,
        std: float,
        maps: np.ndarray | None = None,
        name: str = "gaussians",
    ):
        self.centers = np.asarray(centers, dtype="float32")
        if self.centers.ndim != 2 or self.centers.size == 0:
            raise ValueError(
                "`centers` must have shape (n_modes, dim). "
                f"Received: centers.shape={self.centers.shape}"
            )
        if not np.isfinite(self.centers).all():
            raise ValueError("`centers` must be finite. Received: NaN or infinity")
        self.std = check_number("std", std, above=0)
        self.maps = None if maps is None else np.asarray(maps, dtype="float32")
        if self.maps is not None:
            is_stack = self.maps.ndim == 3 and self.maps.shape[:2] == self.centers.shape
            if not is_stack or self.maps.shape[2] > self.maps.shape[1]:
                raise ValueError(
                    "`maps` must have shape (n_modes, dim, intrinsic_dim) with "
                    f"(n_modes, dim)={self.centers.shape} and intrinsic_dim at most "
                    f"dim. Received: maps.shape={self.maps.shape}"
                )
        self.name = name

    @property
    def n_modes(self) -> int:
        """Number of Gaussians."""
        return len(self.centers)

    @property
    def intrinsic_dim(self) -> int:
        """Number of directions in which a mode varies."""
        return (self.centers if self.maps is None else self.maps).shape[-1]

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """Draws `n` independent samples: `(n, dim)`, float32."""
        return self.sample_with_labels(n, seed)[0]

    def sample_with_labels(
        self, n: int, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draws samples, `(n, dim)` float32, and their modes, `(n,)` int64."""
        n = check_integer("n", n)
        seed = check_integer("seed", seed, at_least=0)
        generator = np.random.default_rng(seed)
        labels = generator.integers(self.n_modes, size=n)
        noise = generator.standard_normal((n, self.intrinsic_dim), dtype="float32")
        noise *= np.float32(self.std)
        if self.maps is None:
            return self.centers[labels] + noise, labels
        x = self.centers[labels]
        for mode, mapping in enumerate(self.maps):
            of_mode = labels == mode
            x[of_mode] += noise[of_mode] @ mapping.T
        return x, labels

    def as_dataset(
        self,
        n: int,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        labels: bool = False,
    ) -> ShuffledBatches:
        """Draws `n` samples once and returns them as batches for `fit`.

        `seed` decides both the samples and their order; see `ShuffledBatches`. With
        `labels`, batches are `(x, y)`, and `y` is the index of the mode.
        """
        x, y = self.sample_with_labels(n, seed)
        return ShuffledBatches(
            x,
            y if labels else None,
            batch_size=batch_size,
            seed=seed,
            shuffle=shuffle,
        )

    def __repr__(self) -> str:
        n_modes, dim = self.centers.shape
        return f"<{self.name}: {n_modes} modes in {dim} dimensions, std {self.std}>"


def ring(
    n_modes: int = 8, radius: float = 1.0, std: float = 0.01
) -> GaussianMixtureData:
    """Gaussians at equal angles on a circle.

    The default is the ring of VEEGAN's published code; Unrolled GAN uses radius 2 and
    std 0.02.

    Examples:
        >>> ring().centers.shape
        (8, 2)

    References:
        Metz et al., "Unrolled Generative Adversarial Networks", ICLR 2017, section 3.1.
        Srivastava et al., "VEEGAN", NeurIPS 2017, section 4.1.
    """
    n_modes = check_integer("n_modes", n_modes)
    radius = check_number("radius", radius, above=0)
    angles = 2.0 * np.pi * np.arange(n_modes) / n_modes
    centers = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return GaussianMixtureData(centers, std, name="ring")


def grid(
    n_per_side: int = 5, spacing: float = 2.0, std: float = 0.05
) -> GaussianMixtureData:
    """Gaussians on a square grid centred at the origin.

    Examples:
        >>> data = grid()
        >>> data.centers.shape, data.centers.min(), data.centers.max()
        ((25, 2), np.float32(-4.0), np.float32(4.0))

    References:
        Srivastava et al., "VEEGAN", NeurIPS 2017, section 4.1.
    """
    n_per_side = check_integer("n_per_side", n_per_side)
    spacing = check_number("spacing", spacing, above=0)
    line = spacing * (np.arange(n_per_side) - (n_per_side - 1) / 2)
    centers = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    return GaussianMixtureData(centers, std, name="grid")


def synthetic_1200d(seed: int = 0) -> GaussianMixtureData:
    """Ten Gaussians of dimension 700, embedded in 1200 dimensions.

    The source states only this. **Our reading**: mode `k` has a mean `m_k ~ N(0, I)`
    and the covariance `0.1^2 I` in 700 dimensions. A map `A_k` with random orthonormal
    columns, `(1200, 700)`, takes it to `x = A_k (m_k + 0.1 z)`. The centres `A_k m_k`
    are about 37 apart. That is 13 times the radius that contains 98.9 % of a mode
    (2.9), the same ratio as spacing to 3 std in the grid. A coordinate of `x` has a
    standard deviation of about 0.77, and of 0.076 within a mode.

    It takes some seconds. `seed` decides means and maps, not the samples.

    References:
        Srivastava et al., "VEEGAN", NeurIPS 2017, section 4.1.
    """
    seed = check_integer("seed", seed, at_least=0)
    generator = np.random.default_rng(seed)
    n_modes, dim, intrinsic_dim = 10, 1200, 700
    means = generator.standard_normal((n_modes, intrinsic_dim))
    maps = np.empty((n_modes, dim, intrinsic_dim), dtype="float32")
    for mapping in maps:
        directions, triangle = np.linalg.qr(
            generator.standard_normal((dim, intrinsic_dim))
        )
        # Without the signs, the subspace is uniform but its basis is not.
        mapping[:] = directions * np.sign(np.diagonal(triangle))
    centers = np.einsum("kdi,ki->kd", maps, means)
    return GaussianMixtureData(centers, std=0.1, maps=maps, name="synthetic_1200d")


GRID = PointSet(
    name="grid",
    make=grid,
    source="Srivastava et al., VEEGAN, 2017. The data are synthetic.",
    output_range=6.0,
)
RING = PointSet(
    name="ring",
    make=ring,
    source="Metz et al., Unrolled GAN, 2017. The data are synthetic.",
    output_range=2.0,
    scale=3.0,
)
SYNTHETIC_1200D = PointSet(
    name="synthetic_1200d",
    make=functools.cache(synthetic_1200d),  # it takes seconds
    source="Srivastava et al., VEEGAN, 2017. The data are synthetic.",
    dim=1200,
    n_points=20_000,
)
