"""The number of samples in what a user gives to `fit`."""

import keras
import numpy as np

from keras_mdgan.training.data.batches import ShuffledBatches


def count_samples(x) -> int | None:
    """The number of samples in data for `fit`, or `None` if it cannot be told.

    Batched data count as full batches: their number times the size of the first.

    Examples:
        >>> count_samples(np.zeros((7, 2)))
        7
        >>> count_samples(ShuffledBatches(np.zeros((7, 2)), batch_size=3))
        7
        >>> print(count_samples(iter([np.zeros((7, 2))])))
        None

    Args:
        x: an array or tensor, a `tf.data.Dataset`, a `PyDataset`, a PyTorch
            `DataLoader` or a generator.
    """
    if isinstance(x, np.ndarray) or keras.ops.is_tensor(x):
        return int(x.shape[0])
    if isinstance(x, ShuffledBatches):
        return len(x.x)
    if isinstance(x, keras.utils.PyDataset):
        batches = x.num_batches
        return batches and batches * _size(x[0])
    if hasattr(x, "cardinality") and hasattr(x, "element_spec"):  # of tf.data
        batches = int(x.cardinality())
        # Negative for endless data, and for data of unknown length.
        return batches * _size(next(iter(x))) if batches > 0 else None
    try:
        return len(x.dataset)  # of a `DataLoader`
    except (AttributeError, TypeError):
        return None


def _size(batch):
    return int(keras.tree.flatten(batch)[0].shape[0])
