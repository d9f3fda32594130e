"""The simplex Gaussian mixture: Mixture Density GAN's likelihood of embeddings."""

import functools
import math
import warnings
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mdgan.mixtures import fitting, peaks
from keras_mdgan.mixtures.numerics import at_least_float32
from keras_mdgan.mixtures.simplex import simplex_vertices
from keras_mdgan.validation import check_choice, check_integer, check_number, check_seed

ASSIGNMENTS = ("max", "mixture")


@keras.saving.register_keras_serializable(package="keras_mdgan")
class SimplexGaussianMixture:
    """Spherical Gaussians of one variance at the vertices of a simplex (the SGMM).

    Let `Phi_k` be the density of the Gaussian at vertex `k`. The likelihood of an
    embedding `e` is

    * `assignment="max"`: `max_k Phi_k(e)`, weight 1 for the best component and 0 for
      the others (section 3.6 of the paper);
    * `assignment="mixture"`: `sum_k Phi_k(e) / components` (the slides).

    Everything is in log space. `lambda`, the maximum of the likelihood over all
    embeddings, is `exp(log_peak)`. A sum of Gaussians that are close together has its
    maximum at the centre instead of at the vertices. It may have no other maximum: see
    `n_peaks`. The constructor then warns.

    All vertices have the same norm, so distances to them differ only by inner products.
    The squared distance to the nearest vertex is summed directly, and so is exact next
    to a vertex. If `dim` is large, no `(batch_size, components, dim)` tensor is made.

    Examples:
        >>> import numpy as np
        >>> mixture = SimplexGaussianMixture(dim=9)
        >>> mixture.vertices.shape
        (10, 9)
        >>> e = mixture.vertices + np.float32(0.1)     # 0.3 from a vertex
        >>> np.round(keras.ops.convert_to_numpy(mixture.log_ratio(e)), 3)[:2]
        array([-0.18, -0.18], dtype=float32)
        >>> keras.ops.convert_to_numpy(mixture.assign(e)).tolist()
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        >>> mixture.log_peak                           # -4.5 log(2 pi 0.25)
        -2.032122

    Args:
        dim: dimension of the embeddings, at least 1. The mixture has `dim + 1`
            components, or `dim` with an offset.
        variance: variance of every component in every direction, more than 0.
        assignment: `"max"` or `"mixture"`.
        scale: `"unit_norm"`, `"unit_edge"` or `"authors_demo"`, see `simplex_vertices`.
        offset: the distance of the simplex' centre from the origin. Unless it is 0, the
            simplex lies in the other coordinates and the offset along the last.

    Raises:
        ValueError: if an argument is not as described, and in every method if the last
            axis of the embeddings is not `dim`.

    References:
        Eghbal-zadeh et al., "Mixture Density Generative Adversarial Networks",
        CVPR 2019, equation (3), sections 3.4, 3.6 and 5.2.1.
    """

    def __init__(
        self,
        dim: int,
        variance: float = 0.25,
        assignment: str = "max",
        scale: str = "unit_norm",
        offset: float = 0.0,
    ):
        self.dim = check_integer("dim", dim)
        self.variance = check_number("variance", variance, above=0)
        check_choice("assignment", assignment, ASSIGNMENTS)
        self.assignment = assignment
        self.offset = check_number("offset", offset, at_least=0)
        if offset and self.dim < 2:
            raise ValueError("With an `offset`, `dim` must be at least 2. Received: 1")
        self.n_components = self.dim if offset else self.dim + 1
        # Around its centre, which decides about nearness and peaks.
        self._simplex = np.zeros((self.n_components, self.dim))
        flat = simplex_vertices(self.n_components - 1, scale)
        self._simplex[:, : self.n_components - 1] = flat
        self._vertices = self._simplex.copy()
        self._vertices[:, -1] -= self.offset
        self.scale = scale
        self.vertices = self._vertices.astype("float32")
        self.vertices.flags.writeable = False
        if assignment == "mixture":
            self._warn_if_crowded()

    def log_likelihood(self, e: Any) -> Any:
        """Log likelihood `log lk` of embeddings `(batch_size, dim)`; `(batch_size,)`.

        It is in nats, and positive where the density over `dim` dimensions exceeds one.
        Equation (3) of the paper.
        """
        return self._log_kernel(e) + self._log_norm

    def log_ratio(self, e: Any) -> Any:
        """`log lk - log lambda` of embeddings `(batch_size, dim)`; `(batch_size,)`.

        It is at most 0. For `assignment="max"` it is `-r^2 / (2 variance)`, where `r`
        is the distance to the nearest vertex. It contains no normalising constant, so
        rounding does no harm when `dim` is large.
        """
        kernel = self._log_kernel(e)
        if self.assignment == "max":
            return kernel
        return ops.minimum(kernel - (self.log_peak - self._log_norm), 0.0)

    def log_ratio_at(self, e: Any, components: Any) -> Any:
        """`-r^2 / (2 variance)`, `r` being the distance to a given vertex.

        It is `log_ratio` of `assignment="max"` wherever that vertex is the nearest.

        Args:
            e: embeddings `(batch_size, dim)`.
            components: an index for each of them, `(batch_size,)`.
        """
        e = self._convert(e)
        vertices = ops.convert_to_tensor(self._vertices, dtype=e.dtype)
        offsets = e - ops.take(vertices, components, axis=0)
        return -0.5 / self.variance * ops.sum(ops.square(offsets), axis=-1)

    def scores(self, e: Any) -> Any:
        """Inner products with the vertices, `(batch_size, components)`.

        Vertices are taken from the simplex' centre, and the products are divided by
        their squared norm: 1 for an embedding at a vertex.
        """
        norm = float(np.sum(self._simplex[0] ** 2))
        return self._scores(self._convert(e)) / norm

    def responsibilities(self, e: Any) -> Any:
        """Posterior of the components, `(batch_size, components)`; rows sum to one.

        They are `Phi_k(e) / sum_j Phi_j(e)` for both assignments. The weights of
        `"max"` are their one-hot limit, see `assign`.
        """
        return ops.softmax(self._scores(self._convert(e)) / self.variance, axis=-1)

    def log_responsibilities(self, e: Any) -> Any:
        """Their logarithms, without rounding where a posterior is near 0."""
        return ops.log_softmax(self._scores(self._convert(e)) / self.variance, axis=-1)

    def assign(self, e: Any) -> Any:
        """Index of the most likely component of each embedding, `(batch_size,)`."""
        return ops.argmax(self._scores(self._convert(e)), axis=-1)

    @functools.cached_property
    def log_peak(self) -> float:
        """Log of `lambda`, the maximum of the likelihood over all embeddings.

        For `assignment="max"` it is `-(dim / 2) log(2 pi variance)`. For `"mixture"`,
        mean-shift in float64 starts at a vertex and at the centre, and the higher end
        point counts.
        """
        if self.assignment == "max":
            return self._log_norm
        return self._log_norm + peaks.highest_peak(self._simplex, self.variance)[1]

    def fit_log_peak(self, steps: int = 1000, seed: int = 0) -> float:
        """Finds `log_peak` by the paper's routine (section 5.2.1).

        A network of one dense layer is trained with Adam on one fixed input to
        maximise the log likelihood of its output. From the paper's small weights it
        often ends in the local maximum at the centre. There, a mixture's density can be
        far below the global maximum. Here one network starts near a vertex (all are
        equal by symmetry) and one near the centre, and the larger result is returned.
        It takes seconds and agrees with `log_peak` to 1e-5. Training uses `log_peak`.

        Examples:
            >>> mixture = SimplexGaussianMixture(dim=3)
            >>> abs(mixture.fit_log_peak(steps=300) - mixture.log_peak) < 1e-5
            True

        Args:
            steps: steps of Adam, at least 1.
            seed: seed of the normal noise on the two starts, of standard deviation
                0.02.

        Returns:
            The log of the largest likelihood found.
        """
        steps, seed = check_integer("steps", steps), check_seed(seed)
        starts = np.vstack([self._vertices[:1], self._vertices.mean(0, keepdims=True)])
        starts += np.random.default_rng(seed).normal(0.0, 0.02, starts.shape)
        ends = fitting.fit_dense_layer(self.log_likelihood, starts, steps)
        points = ends.astype("float64")
        if self.assignment == "mixture":
            values, _ = peaks.log_kernel(points, self._vertices, self.variance)
        else:
            distances = np.linalg.norm(points[:, None] - self._vertices, axis=-1)
            values = -0.5 * distances.min(axis=1) ** 2 / self.variance
        return float(values.max()) + self._log_norm

    def n_peaks(self) -> int:
        """Number of local maxima of the likelihood, found by mean-shift in float64.

        `"max"` has one at each vertex. A `"mixture"` has up to one more, at the centre.
        It has only that one if the components are close together.

        Examples:
            >>> SimplexGaussianMixture(9, 0.1, "mixture").n_peaks()
            10
        """
        if self.assignment == "max":
            return self.n_components
        return peaks.count_peaks(self._simplex, self.variance)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            "dim": self.dim,
            "variance": self.variance,
            "assignment": self.assignment,
            "scale": self.scale,
            "offset": self.offset,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SimplexGaussianMixture":
        """Makes the mixture that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.get_config().items())
        return f"SimplexGaussianMixture({arguments})"

    @property
    def _log_norm(self) -> float:
        log_norm = -0.5 * self.dim * math.log(2.0 * math.pi * self.variance)
        if self.assignment == "mixture":
            log_norm -= math.log(self.n_components)
        return log_norm

    def _convert(self, e: Any) -> Any:
        e = at_least_float32(e)
        shape = tuple(e.shape)
        if not shape or shape[-1] != self.dim:
            raise ValueError(
                "`e` must be embeddings of shape (batch_size, dim) with "
                f"dim={self.dim}. Received: e.shape={shape}"
            )
        return e

    def _scores(self, e: Any) -> Any:
        """Inner products with the vertices; the nearest vertex has the largest."""
        vertices = ops.convert_to_tensor(self._simplex, dtype=e.dtype)
        if self.dim > 32:
            return ops.matmul(e, ops.transpose(vertices))
        # Not a matrix product: a GPU's matrix units round float32 to 10 bits.
        return ops.sum(ops.expand_dims(e, -2) * vertices, axis=-1)

    def _log_kernel(self, e: Any) -> Any:
        e = self._convert(e)
        scores = self._scores(e)
        vertices = ops.convert_to_tensor(self._vertices, dtype=e.dtype)
        nearest = ops.take(vertices, ops.argmax(scores, axis=-1), axis=0)
        kernel = -0.5 / self.variance * ops.sum(ops.square(e - nearest), axis=-1)
        if self.assignment == "max":
            return kernel
        # Relative to the nearest vertex, whose own term is then 0.
        behind = scores - ops.max(scores, axis=-1, keepdims=True)
        return kernel + ops.logsumexp(behind / self.variance, axis=-1)

    def _warn_if_crowded(self) -> None:
        edge = float(np.linalg.norm(self._vertices[0] - self._vertices[1]))
        needed = peaks.crowding_limit(self.n_components)
        ratio = edge / math.sqrt(self.variance)
        if ratio < needed:
            warnings.warn(
                f"The vertices of {self!r} are edge/sigma = {ratio:.2f} apart, less "
                f"than {needed:.2f}: the sum of the Gaussians may have its maximum at "
                "the origin, even be one single bell there, and then forms no "
                "clusters at the vertices. See n_peaks(). Use assignment='max', or a "
                f"variance of at most {math.floor(1e4 * (edge / needed) ** 2) / 1e4}.",
                stacklevel=3,
            )
