"""Replicas: copies of one model on several devices, each with a share of every batch.

JAX does not need this module: there, XLA divides one program over the whole batch. On
TensorFlow (`tf.distribute`) and PyTorch (`torch.distributed`) every replica runs the
training step on its share. The result is the same as on one device:

* Every replica draws the numbers of the whole batch and keeps its share. So latents
  differ between replicas, but random states do not.
* Gradients are means over replicas. If a loss is not a mean over samples, its batch
  statistics are means over replicas too (`mean`).
* A loss that compares samples with each other compares those of all replicas
  (`gather`).

With one replica all of this is the identity.
"""

import contextlib
import contextvars
from typing import Any, Protocol

import numpy as np
from keras import ops

from keras_mdgan.training import draws

_current: contextvars.ContextVar = contextvars.ContextVar("replica", default=None)


class Replica(Protocol):
    """Number `index` of `count`, with collectives that can be differentiated."""

    index: Any
    count: int

    def mean(self, tensors: list) -> list: ...

    def gather(self, tensor): ...


@contextlib.contextmanager
def use(replica: Replica | None):
    """Run a step as `replica`; `None` for a step on a whole batch."""
    token = _current.set(replica)
    try:
        yield
    finally:
        _current.reset(token)


def several() -> bool:
    """Whether the step is that of one of several replicas."""
    return _current.get() is not None


def mean(tensors):
    """Means over replicas, of one tensor or of a list of tensors.

    All shares have one size, so the mean of their means is the mean of the batch.
    """
    replica = _current.get()
    if replica is None:
        return tensors
    if isinstance(tensors, (list, tuple)):
        return replica.mean(list(tensors))
    return replica.mean([tensors])[0]


def gather(tensor):
    """All replicas' samples, `(count * n, ...)`, in the order of the batch."""
    replica = _current.get()
    return tensor if replica is None else replica.gather(tensor)


def own_share(whole):
    """This replica's part of what was computed of all samples; undoes `gather`."""
    replica = _current.get()
    if replica is None:
        return whole
    # Not the static shape, which gathering on TensorFlow loses.
    n = ops.shape(whole)[0] // replica.count
    return whole[replica.index * n : (replica.index + 1) * n]


@contextlib.contextmanager
def shared_draws():
    """Draw for the whole batch and keep the replica's share of every draw."""
    replica = _current.get()
    if replica is None:
        yield
        return
    with draws.use_tape(_Share(replica)):
        yield


class _Share:
    def __init__(self, replica):
        self.replica = replica

    def draw(self, seed_generator, kind, shape, arguments):
        n = shape[0]
        whole = (n * self.replica.count, *shape[1:])
        start = self.replica.index * n
        return draws.draw(seed_generator, kind, whole, arguments)[start : start + n]


def share_of(batch: np.ndarray, index: int, count: int, parts: int) -> np.ndarray:
    """The samples of a batch that replica `index` of `count` trains on.

    The players' steps cut the batch into `parts`. A replica gets a share of each part,
    so its first part is its share of the batch's first part.

    Examples:
        >>> share_of(np.arange(8), 1, 2, parts=2)
        array([2, 3, 6, 7])
    """
    cut = batch.reshape(parts, count, -1, *batch.shape[1:])
    return cut[:, index].reshape(-1, *batch.shape[1:])
