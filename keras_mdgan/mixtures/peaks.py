"""Peaks of a sum of equal spherical Gaussians, found in float64 on the host.

All functions work with the kernel sum `K(e) = sum_k exp(-|e - v_k|^2 / (2 variance))`,
which is the density of the mixture up to a factor.
"""

import math

import numpy as np


def log_kernel(
    points: np.ndarray, vertices: np.ndarray, variance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Returns `log K`, `(n,)`, and the responsibilities, `(n, k)`, at `points`."""
    # Expanded squares need no (n, k, dim) array, and are exact enough in float64.
    squared = (
        np.sum(points**2, axis=1)[:, None]
        - 2.0 * points @ vertices.T
        + np.sum(vertices**2, axis=1)
    )
    exponents = -0.5 * squared / variance
    largest = exponents.max(axis=1, keepdims=True)
    weights = np.exp(exponents - largest)
    total = weights.sum(axis=1, keepdims=True)
    return (largest + np.log(total))[:, 0], weights / total


def mean_shift(
    starts: np.ndarray,
    vertices: np.ndarray,
    variance: float,
    tolerance: float = 1e-12,
    max_steps: int = 20_000,
) -> np.ndarray:
    """Moves each of `starts` uphill to a stationary point of the mixture.

    A step replaces a point by the mean of the vertices under its responsibilities
    (the fixed-point iteration of Carreira-Perpinan 2000). The density never falls.

    Args:
        starts: initial points, `(n, dim)`.
        vertices: means of the components, `(k, dim)`.
        variance: variance of every component.
        tolerance: a point that moves less than this has converged.
        max_steps: the largest number of steps. If a point still moves then, the density
            is flat there.

    Returns:
        The stationary points, `(n, dim)`.
    """
    points = np.array(starts, dtype=np.float64)
    moving = np.arange(len(points))
    for _ in range(max_steps):
        moved = log_kernel(points[moving], vertices, variance)[1] @ vertices
        distance = np.linalg.norm(moved - points[moving], axis=1)
        points[moving] = moved
        moving = moving[distance > tolerance]
        if moving.size == 0:
            break
    return points


def highest_peak(vertices: np.ndarray, variance: float) -> tuple[np.ndarray, float]:
    """Returns the position, `(dim,)`, and `log K` of a simplex's global maximum.

    The candidates are the local maxima at the origin and near the vertices. By
    symmetry, one vertex is enough.
    """
    starts = np.vstack([vertices[:1], np.zeros((1, vertices.shape[1]))])
    points = mean_shift(starts, vertices, variance)
    values = log_kernel(points, vertices, variance)[0]
    best = int(np.argmax(values))
    return points[best], float(values[best])


def count_peaks(
    vertices: np.ndarray, variance: float, n_random: int = 64, seed: int = 0
) -> int:
    """Counts the local maxima of the mixture.

    Mean-shift runs from every vertex, the origin, edge midpoints (at most 64) and
    random convex combinations. A stationary point counts if the Hessian of the log
    density is negative definite there. This excludes saddle points.

    Args:
        vertices: means of the components, `(k, dim)`.
        variance: variance of every component.
        n_random: number of random convex combinations.
        seed: seed of the random combinations and of the choice of edges.

    Returns:
        The number of distinct maxima found.
    """
    generator = np.random.default_rng(seed)
    n_vertices, dim = vertices.shape
    edges = np.column_stack(np.triu_indices(n_vertices, k=1))
    chosen = generator.permutation(len(edges))[:64]
    mixing = generator.dirichlet(np.full(n_vertices, 0.3), size=n_random)
    starts = np.vstack(
        [
            vertices,
            np.zeros((1, dim)),
            vertices[edges[chosen]].mean(axis=1),
            mixing @ vertices,
        ]
    )
    points = mean_shift(starts, vertices, variance)
    _, responsibilities = log_kernel(points, vertices, variance)
    near = 1e-3 * np.linalg.norm(vertices[0] - vertices[1])
    peaks: list[np.ndarray] = []
    for point, weights in zip(points, responsibilities):
        if any(np.linalg.norm(point - peak) < near for peak in peaks):
            continue
        offsets = vertices - point
        covariance = (weights[:, None] * offsets).T @ offsets
        # The Hessian is (covariance / variance - I) / variance: negative definite if
        # the largest eigenvalue of the covariance is below the variance.
        if np.linalg.eigvalsh(covariance)[-1] < variance:
            peaks.append(point)
    return len(peaks)


def crowding_limit(n_components: int) -> float:
    """The smallest edge over sigma at which a mixture has its maxima at the vertices.

    It is 3.7, measured for up to 12 components. With many components, the sum of the
    tails at the origin exceeds the density at a vertex unless
    `edge^2 / (4 variance) >= log(C) C / (C - 1)`.

    Examples:
        >>> crowding_limit(10), round(crowding_limit(257), 2)
        (3.7, 4.72)
    """
    centre = math.log(n_components) * n_components / (n_components - 1)
    return max(3.7, 2.0 * math.sqrt(centre))
