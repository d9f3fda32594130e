"""Distances of all pairs of many vectors, fast and yet exact where it matters.

A matrix product gives `norm(x)^2 + norm(y)^2 - 2 x.y` for all pairs, wrong by rounding
that has a bound. What the bound leaves open is decided by the difference of the two
vectors, so that equal vectors have distance 0, and a neighbour lies in the ball that
reaches it.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

_ELEMENTS = 1 << 22


class Points:
    """Vectors, each distinct one once.

    Where a generator has collapsed many are equal, and no two of their distances could
    be told apart from the product.

    Examples:

    >>> points = Points(np.array([[1.0], [2.0], [1.0]]))
    >>> points.vectors[:, 0].tolist(), points.counts.tolist(), points.index.tolist()
    ([1.0, 2.0], [2, 1], [0, 1, 0])

    Args:
        x: `(n, dim)`.

    Attributes:
        vectors: the distinct ones, `(m, dim)` float64.
        counts: how often each occurs, `(m,)`.
        index: which one each row of `x` is, `(n,)`.
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
        rows: which rows.
        squared: `(n_rows, n)`, each wrong by at most `error`.
        error: `(n_rows, n)`, or what broadcasts to it.
    """

    x: np.ndarray
    y: np.ndarray
    rows: slice
    squared: np.ndarray
    error: np.ndarray

    def at_most(self, limits: np.ndarray) -> np.ndarray:
        """Which of the squared distances are at most `limits`, which broadcast."""
        excess = self.squared - limits
        result = excess <= 0
        i, j = np.nonzero(np.abs(excess) <= self.error)
        limits = np.broadcast_to(limits, result.shape)[i, j]
        result[i, j] = self.exact(i, j) <= limits
        return result

    def exact(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """The squared distances of pairs, from their differences."""
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
    # Far from the origin the product would cancel. Of a set to itself, its own mean is
    # the best centre, and the bound then shrinks with the set.
    centre = y.mean(axis=0)
    moved = y - centre
    norms = np.sum(moved**2, axis=1)
    bound = 4.0 * (x.shape[1] + 8) * np.finfo("float64").eps
    n_rows = max(1, _ELEMENTS // max(y.shape))
    for start in range(0, len(x), n_rows):
        rows = slice(start, start + n_rows)
        part = x[rows] - centre
        sums = np.sum(part**2, axis=1)[:, None] + norms
        yield Block(x, y, rows, sums - 2.0 * (part @ moved.T), bound * sums)


def squared_radii(points: Points, k: int) -> np.ndarray:
    """Squared distance of each distinct vector to its `k`-th nearest neighbour.

    Neighbours are the other rows of the set, those with the same values among them.

    Examples:

    >>> squared_radii(Points(np.array([[0.0], [3.0], [4.0], [4.0]])), k=1).tolist()
    [9.0, 1.0, 0.0]

    Args:
        points: of more than `k` rows.
        k: at least 1.
    """
    x, counts = points.vectors, points.counts
    radii = np.empty(len(x))
    for block in blocks(x, x):
        upper = block.squared + block.error
        # Itself and k others lie within; rows that stand for several can only help.
        nth = min(k, len(x) - 1)
        limit = np.partition(upper, nth, axis=1)[:, nth : nth + 1]
        i, j = np.nonzero(block.squared - block.error <= limit)
        exact = block.exact(i, j)
        own = i + block.rows.start == j
        order = np.lexsort((exact, i))
        i, j, exact, own = i[order], j[order], exact[order], own[order]
        seen = np.cumsum(counts[j] - own)
        before = np.concatenate([[0], seen])[np.searchsorted(i, i)]
        reached, first = np.unique(i[seen - before >= k], return_index=True)
        radii[block.rows.start + reached] = exact[seen - before >= k][first]
    return radii
