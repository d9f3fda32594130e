"""Agreement of clusters with classes during training."""

import keras
import numpy as np

from keras_mdgan.metrics.clustering import (
    CLUSTER_FIGURES,
    check_clusters,
    clustering,
    clusters_of,
    require_clustering,
)
from keras_mdgan.metrics.labels import check_labels
from keras_mdgan.validation import check_integer


class EvaluateClusters(keras.callbacks.Callback):
    """Logs `nmi`, `cluster_accuracy` and `ari` of a model's clusters.

    They compare the clusters of labelled samples with the labels, which training does
    not see; `metrics.clustering` says how. They appear where those of
    `EvaluateSamples` do. With `every > 1`, epochs in between repeat the last values.

    Examples:
        >>> import keras_mdgan as km
        >>> x, modes = km.datasets.grid().sample_with_labels(1000, seed=0)
        >>> callback = EvaluateClusters(x, modes, every=10)
        >>> callback.every
        10

    Args:
        x: data `(n, *data_shape)`: points, or images, uint8 or in [-1, 1].
        labels: their classes, `(n,)`, integers from 0.
        every: evaluate after every `every` epochs, and after the last.
        batch_size: how many samples the model takes at once.

    Raises:
        ValueError: if labels are not as described; at the start of `fit`, if the model
            has no clusters.
        ImportError: if SciPy or scikit-learn is not installed.
    """

    def __init__(self, x, labels, every: int = 1, batch_size: int = 500):
        super().__init__()
        require_clustering()
        self.x = np.asarray(x)
        self.labels = check_labels("labels", labels, n=len(self.x))
        self.every = check_integer("every", every)
        self.batch_size = check_integer("batch_size", batch_size)
        self.values = {}

    def on_train_begin(self, logs=None):
        check_clusters("model", self.model)

    def on_epoch_end(self, epoch, logs=None):
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        # Also after the first epoch: a log must exist from then on.
        if (epoch + 1) % self.every == 0 or last or not self.values:
            clusters = clusters_of(self.model, self.x, self.batch_size)
            found = clustering(self.labels, clusters)
            self.values = {
                name: getattr(found, attribute)
                for name, attribute in CLUSTER_FIGURES.items()
            }
        if logs is not None:
            logs.update(self.values)
