"""Distances of all pairs of many vectors, fast, with exact comparisons.

A matrix product gives `norm(x)^2 + norm(y)^2 - 2 x.y` for all pairs, in single
precision if that is faster. Its rounding error has a known bound. If the bound leaves a
comparison open, the difference of the two vectors decides. Equal vectors therefore have
distance 0, and a neighbour lies in the ball that reaches it.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

_ELEMENTS = 1 << 22  # of a temporary array, to bound memory
_SINGLE_FROM = 64  # dimensions; below, single precision is not faster


class Points:
    """The distinct vectors of a set, and how often each occurs.

    A collapsed generator makes many equal vectors. From the product alone, no two of
    their distances could be told apart.

    Examples:
        >>> points = Points(np.array([[1.0], [2.0], [1.0]]))
        >>> points.vectors[:, 0].tolist(), points.counts.tolist(), points.index.tolist()
        ([1.0, 2.0], [2, 1], [0, 1, 0])

    Args:
        x: `(n, dim)`.

    Attributes:
        vectors: the distinct vectors, `(m, dim)` float64.
        counts: how often each occurs, `(m,)`.
        index: the index in `vectors` of each row of `x`, `(n,)`.
    """

    def __init__(self, x: np.ndarray):
        seen: dict[bytes, int] = {}
        rows = (row.tobytes() for row in x)
        self.index = np.array([seen.setdefault(row, len(seen)) for row in rows])
        _, first, self.counts = np.unique(
            self.index, return_index=True, return_counts=True
        )
        self.vectors = x[first].astype("float64")


@dataclasses.dataclass
class Block:
    """Squared distances of some rows of one set to all of another.

    Attributes:
        rows: the rows of the first set.
        approximate: `(n_rows, n)`, in the unit `scale`, with an error of at most
            `error`.
    """

    x: np.ndarray
    y: np.ndarray
    rows: slice
    approximate: np.ndarray
    scale: float
    error: float

    def at_most(self, limits: np.ndarray) -> np.ndarray:
        """Which squared distances are at most `limits`, an array that broadcasts."""
        # Only pairs within the error bound of their limit need the exact value.
        scaled, dtype = limits / self.scale, self.approximate.dtype
        result = self.approximate <= (scaled - self.error).astype(dtype)
        maybe = self.approximate <= (scaled + self.error).astype(dtype)
        i, j = np.nonzero(maybe ^ result)
        limits = np.broadcast_to(limits, result.shape)[i, j]
        result[i, j] = self.exact(i, j) <= limits
        return result

    def exact(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """The squared distances of pairs, from the differences of the vectors."""
        result = np.empty(len(i))
        step = max(1, _ELEMENTS // self.y.shape[1])
        for start in range(0, len(i), step):
            part = slice(start, start + step)
            difference = self.x[self.rows][i[part]] - self.y[j[part]]
            result[part] = np.sum(difference**2, axis=1)
        return result


def blocks(x: np.ndarray, y: np.ndarray) -> Iterator[Block]:
    """All pairs of rows, in blocks of rows of `x`.

    Args:
        x: `(n, dim)`, float64.
        y: `(m, dim)`, float64.
    """
    # Far from the origin the terms of the product would cancel. For distances within a
    # set, the set's mean is the best centre: the bound is then relative to its size.
    centre, dim = y.mean(axis=0), x.shape[1]
    largest, typical = zip(*[_norms(z, centre) for z in (x, y)])
    scale = sum(largest) or 1.0
    # Single precision is twice as fast, unless outliers make the bound so wide that it
    # decides few comparisons.
    single = dim >= _SINGLE_FROM and scale < 100 * sum(typical)
    dtype = np.dtype("float32" if single else "float64")
    error = 2.0 * (dim + 8) * np.finfo(dtype).eps
    right = _extended(y, centre, scale, dtype, 1.0)
    n_rows = max(1, _ELEMENTS // max(y.shape))
    for start in range(0, len(x), n_rows):
        rows = slice(start, start + n_rows)
        left = _extended(x[rows], centre, scale, dtype, -2.0)
        yield Block(x, y, rows, left @ right.T, scale, error)


def _norms(z, centre):
    """The largest and the median squared distance from the centre."""
    squared = np.einsum("ij,ij->i", moved := z - centre, moved)
    return squared.max(), np.median(squared)


def _extended(z, centre, scale, dtype, factor):
    """Vectors with two more columns: the product of both sides is the distance squared.

    One column holds the vector's own square, the other a 1 for the other side's square.
    """
    result = np.ones((len(z), z.shape[1] + 2), dtype)
    moved = (z - centre) / np.sqrt(scale)
    own = -1 if factor == 1.0 else -2
    result[:, own] = np.einsum("ij,ij->i", moved, moved)
    result[:, :-2] = factor * moved
    return result


def squared_radii(points: Points, k: int) -> np.ndarray:
    """Squared distance of each distinct vector to its `k`-th nearest neighbour.

    Neighbours are the other rows of the set, including rows with the same values.

    Examples:
        >>> squared_radii(Points(np.array([[0.0], [3.0], [4.0], [4.0]])), k=1).tolist()
        [9.0, 1.0, 0.0]

    Args:
        points: of more than `k` rows.
        k: at least 1.
    """
    x, counts = points.vectors, points.counts
    radii = np.empty(len(x))
    nth = min(k, len(x) - 1)
    for block in blocks(x, x):
        # At least the vector and k others lie within this limit. A vector that occurs
        # several times counts several times, so `k` neighbours are never missed.
        limit = np.partition(block.approximate, nth, axis=1)[:, nth].astype("float64")
        limit = (limit + 2.0 * block.error).astype(block.approximate.dtype)
        i, j = np.nonzero(block.approximate <= limit[:, None])
        exact = block.exact(i, j)
        order = np.lexsort((exact, i))
        i, j, exact = i[order], j[order], exact[order]
        others = np.cumsum(counts[j] - (i + block.rows.start == j))
        before = np.concatenate([[0], others])[np.searchsorted(i, i)]
        enough = others - before >= k
        row, first = np.unique(i[enough], return_index=True)
        radii[block.rows.start + row] = exact[enough][first]
    return radii
