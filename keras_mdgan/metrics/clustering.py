"""How well clusters agree with classes."""

import dataclasses
from typing import Any

import numpy as np
from keras import ops

from keras_mdgan.datasets.scaling import to_unit_range
from keras_mdgan.metrics.labels import check_labels
from keras_mdgan.metrics.results import Result
from keras_mdgan.validation import check_integer

# The figures for logs of callbacks and for records, and their attributes.
CLUSTER_FIGURES = {"nmi": "nmi", "cluster_accuracy": "accuracy", "ari": "ari"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Clustering(Result):
    """How well clusters agree with classes; see `clustering`.

    Attributes:
        accuracy: share of samples whose cluster is matched with their class.
        purity: share of samples whose class is the most frequent one of their cluster.
        nmi: mutual information of clusters and classes, divided by the mean of their
            entropies; from 0 to 1.
        ari: adjusted Rand index: 1 for equal partitions, 0 in the mean for random ones.
        n_classes: number of classes with samples.
        n_clusters: number of clusters with samples.
        matching: pairs `(cluster, class)`, in the order of the clusters. Clusters
            without a partner are left out.
        n_samples: number of samples.
    """

    accuracy: float
    purity: float
    nmi: float
    ari: float
    n_classes: int
    n_clusters: int
    matching: tuple[tuple[int, int], ...]
    n_samples: int


def clustering(labels: Any, clusters: Any) -> Clustering:
    """Compares clusters with classes that the clustering did not see.

    `accuracy` needs a class for each cluster. It takes the one-to-one matching with
    most agreement (Hungarian method). With more clusters than classes, the clusters
    without a partner count as wrong, even if they are pure; with fewer, the classes
    without one do. `purity` lets any number of clusters share a class. It never falls
    if a cluster is divided, so compare it only between equal numbers of clusters.
    `nmi` and `ari` are those of scikit-learn; its `nmi` was divided by the geometric
    mean of the entropies before version 0.22, in the years of most published figures.

    It needs SciPy and scikit-learn: `pip install "keras-mdgan[clustering]"`.

    Examples:
        >>> result = clustering([0, 0, 0, 1, 1, 1], [2, 2, 5, 5, 5, 5])
        >>> result.accuracy, result.purity, result.matching
        (0.833333, 0.833333, ((2, 0), (5, 1)))
        >>> result.nmi, result.ari
        (0.478704, 0.324324)
        >>> clustering([0, 0, 1, 1], [0, 1, 2, 3]).accuracy    # two clusters are over
        0.5

    Args:
        labels: the true classes, `(n,)`, integers from 0.
        clusters: the cluster of each sample, `(n,)`, integers from 0, such as those of
            `clusters_of`.

    Returns:
        A `Clustering`.

    Raises:
        ValueError: if labels or clusters are not as described.
        ImportError: if SciPy or scikit-learn is not installed.

    References:
        Mukherjee et al., "ClusterGAN", AAAI 2019 (accuracy, NMI and ARI of GANs).
        Hubert and Arabie, "Comparing partitions", 1985 (ARI).
    """
    labels = check_labels("labels", labels)
    clusters = check_labels("clusters", clusters, n=len(labels))
    match, nmi, ari = require_clustering()
    classes, of_class = np.unique(labels, return_inverse=True)
    names, of_cluster = np.unique(clusters, return_inverse=True)
    table = np.zeros((len(names), len(classes)), int)
    np.add.at(table, (of_cluster, of_class), 1)
    pairs = match(table, maximize=True)
    return Clustering(
        accuracy=float(table[pairs].sum()) / len(labels),
        purity=float(table.max(axis=1).sum()) / len(labels),
        nmi=float(nmi(labels, clusters)),
        ari=float(ari(labels, clusters)),
        n_classes=len(classes),
        n_clusters=len(names),
        matching=tuple((int(names[k]), int(classes[c])) for k, c in zip(*pairs)),
        n_samples=len(labels),
    )


def require_clustering() -> tuple:
    """The functions of other packages that `clustering` needs.

    Raises:
        ImportError: if SciPy or scikit-learn is not installed.
    """
    try:
        from scipy.optimize import linear_sum_assignment
        from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    except ImportError as error:
        raise ImportError(
            "Measures of clusters need SciPy and scikit-learn: "
            'pip install "keras-mdgan[clustering]"'
        ) from error
    return linear_sum_assignment, normalized_mutual_info_score, adjusted_rand_score


def clusters_of(gan: Any, x: Any, batch_size: int = 500) -> np.ndarray:
    """The cluster of each sample, by a model with `cluster`, batch by batch.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.MixtureDensityGAN.from_preset("ring")
        >>> x, modes = km.datasets.ring().sample_with_labels(2500, seed=0)
        >>> result = clustering(modes, clusters_of(gan, x))
        >>> result.n_clusters, result.n_classes
        (2, 8)

    Args:
        gan: a `MixtureDensityGAN`, a `MultiModalGAN`, or another model with
            `cluster(x)`.
        x: data `(n, *data_shape)` in the generator's units, or uint8 images, which are
            mapped to [-1, 1].
        batch_size: how many samples the model takes at once.

    Returns:
        Integers `(n,)`.

    Raises:
        ValueError: if `gan` has no `cluster`, or `x` no samples of its shape.
    """
    check_clusters("gan", gan)
    batch_size, x = check_integer("batch_size", batch_size), np.asarray(x)
    if not len(x.shape[:1]) or not len(x) or x.shape[1:] != gan.data_shape:
        raise ValueError(
            f"`x` must have shape (n, {', '.join(map(str, gan.data_shape))}) with at "
            f"least one sample. Received: x.shape={x.shape}"
        )
    found = []
    for start in range(0, len(x), batch_size):
        part = x[start : start + batch_size]
        part = to_unit_range(part) if part.dtype == np.uint8 else part.astype("float32")
        found.append(ops.convert_to_numpy(gan.cluster(part)))
    return np.concatenate(found).astype("int64")


def check_clusters(argument: str, gan: Any) -> None:
    """Refuse a model that has no clusters.

    Raises:
        ValueError: if it has no method `cluster`.
    """
    if not callable(getattr(gan, "cluster", None)):
        raise ValueError(
            f"`{argument}` must have clusters, as MixtureDensityGAN and MultiModalGAN "
            f"have. Received: {type(gan).__name__}"
        )
