"""Assignments under which every component receives the same share of a batch."""

from typing import Any

from keras import ops

from keras_mdgan.mixtures.numerics import at_least_float32


def balanced_assignment(
    scores: Any, temperature: float = 0.05, iterations: int = 10
) -> Any:
    """Soft assignments with equal shares for all components (Sinkhorn-Knopp).

    The kernel `exp(scores / temperature)` is scaled alternately, so that every
    component receives the same share of the batch and every sample is assigned once.
    It converges to the assignments `q` with these sums that maximise
    `sum(q * scores) + temperature * entropy(q)`. The samples' sums are scaled last and
    are exact. The components' sums are nearly equal after ten iterations.

    Everything is in log space. The iterations are constants for gradients.

    Examples:
        >>> import numpy as np
        >>> scores = np.array([[1.0, 0.0], [0.9, 0.0], [0.8, 0.0], [0.7, 0.0]])
        >>> q = ops.convert_to_numpy(balanced_assignment(scores))
        >>> q.argmax(axis=1).tolist()    # without the constraint all would be 0
        [0, 0, 1, 1]

    Args:
        scores: `(n, components)`, larger for a better fit. float16 and bfloat16 become
            float32.
        temperature: how soft the assignments are, above 0.
        iterations: how often both sums are scaled, at least 1.

    Returns:
        `(n, components)`, rows sum to one.

    References:
        Cuturi, "Sinkhorn Distances", NeurIPS 2013, algorithm 1.
        Caron et al., "Unsupervised Learning of Visual Features by Contrasting Cluster
        Assignments", NeurIPS 2020, section 3.1 (equal shares of a batch).
    """
    logits = ops.stop_gradient(at_least_float32(scores)) / temperature
    for _ in range(iterations):
        logits = logits - ops.logsumexp(logits, axis=0, keepdims=True)
        logits = logits - ops.logsumexp(logits, axis=1, keepdims=True)
    return ops.exp(logits)
