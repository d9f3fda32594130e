"""Batches as tuples, which Keras demands of generators and data loaders."""

import copy
import types

from keras.src.trainers.data_adapters import is_torch_dataloader


def in_tuples(data):
    """A generator or PyTorch `DataLoader` whose batches are tuples. Others unchanged.

    Keras refuses a generator of bare arrays. It takes a loader's bare tensor, of shape
    `(n, ...)`, for a tuple of `n` tensors.
    """
    if isinstance(data, types.GeneratorType):
        return (_as_tuple(batch) for batch in data)
    if is_torch_dataloader(data):
        loader = copy.copy(data)
        loader.collate_fn = Collated(data.collate_fn)
        loader._iterator = None  # of persistent workers, which collate as before
        return loader
    return data


class Collated:
    """A loader's `collate_fn` with a tuple as its result; workers can unpickle it."""

    def __init__(self, collate_fn):
        self.collate_fn = collate_fn

    def __call__(self, samples):
        return _as_tuple(self.collate_fn(samples))


def _as_tuple(batch):
    whole = tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
    if whole:  # here already, because TensorFlow fails on nested lists before a step
        refuse_structures(whole[0])
    return whole


def refuse_structures(x):
    """Raise if the samples of a batch are several arrays."""
    if isinstance(x, dict):
        keys = sorted(map(str, x))
        raise ValueError(
            "A batch must be `x` or `(x, y)`. Received: a dictionary with the keys "
            f"{keys}. In tf.data, `data.map(lambda batch: batch[{keys[0]!r}])` takes "
            "one entry; a generator or `collate_fn` can give it instead"
        )
    if isinstance(x, (list, tuple)):
        raise ValueError(
            "A batch must be `x` or `(x, y)`, with one array of samples as `x`. "
            f"Received: x of {len(x)} arrays. `np.concatenate` joins batches"
        )
