"""Vertices of a regular simplex: the cluster centres of Mixture Density GAN."""

import numpy as np

from keras_mdgan.validation import check_choice, check_integer

SCALES = ("unit_norm", "unit_edge", "authors_demo")


def simplex_vertices(dim: int, scale: str = "unit_norm") -> np.ndarray:
    """Returns the vertices of a regular simplex centred at the origin.

    The first vertex is `1 / sqrt(dim)` in every coordinate. The others are the unit
    vectors, scaled and moved along the diagonal. All `dim + 1` points then have norm
    one and the distance `sqrt(2 (dim + 1) / dim)` from each other.

    Examples:
        >>> vertices = simplex_vertices(2)
        >>> vertices.shape
        (3, 2)
        >>> float(np.linalg.norm(vertices[0] - vertices[1]))
        1.7320508
        >>> vertices = simplex_vertices(9, scale="unit_edge")
        >>> float(np.linalg.norm(vertices[3] - vertices[7]))
        1.0

    The authors' published code (`utils.py` of github.com/eghbalz/mdgan) means to put
    the vertices on the unit sphere, too. But the loop that sums the squares of a vertex
    also takes the root after each of them, and so divides by another number than the
    norm. `"authors_demo"` is what comes of it: norm 0.9436 for `dim=9`, 0.8859 for 3.

    Args:
        dim: dimension of the space, at least 1.
        scale: `"unit_norm"` puts the vertices on the unit sphere (the slides of
            Mixture Density GAN); `"unit_edge"` puts them at distance one from each
            other (its section 5.2.3); `"authors_demo"` scales them as the authors'
            published code does.

    Returns:
        A float64 array of shape `(dim + 1, dim)`, exact to rounding.

    Raises:
        ValueError: if `dim` is not an integer >= 1, or `scale` is unknown.

    References:
        Eghbal-zadeh et al., "Mixture Density Generative Adversarial Networks",
        CVPR 2019, sections 3.4 and 5.2.3.
    """
    dim = check_integer("dim", dim)
    check_choice("scale", scale, SCALES)
    shift = (np.sqrt(dim + 1.0) + 1.0) / dim**1.5
    others = np.sqrt(1.0 + 1.0 / dim) * np.eye(dim) - shift
    vertices = np.vstack([np.full((1, dim), dim**-0.5), others])
    if scale == "unit_edge":
        vertices *= np.sqrt(dim / (2.0 * (dim + 1.0)))
    elif scale == "authors_demo":
        vertices *= _norm_in_the_demo(dim)
    return vertices


def _norm_in_the_demo(dim):
    """The norm of the vertices of the authors' published code; see above."""
    # Their first vertex before it is divided: a unit vector, less the mean of the
    # unit vectors and of a multiple of the diagonal.
    mean = (1.0 + (1.0 - np.sqrt(dim + 1.0)) / dim) / (dim + 1.0)
    first = np.eye(1, dim)[0] - mean
    divisor = 0.0
    for coordinate in first:
        divisor = np.sqrt(divisor + coordinate**2)
    return np.linalg.norm(first) / divisor
