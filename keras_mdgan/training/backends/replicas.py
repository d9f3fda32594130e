"""Replicas: one model on several devices, each with its share of every batch.

On JAX there is one program over the whole batch, and XLA divides it: nothing here is
needed. On TensorFlow (`tf.distribute`) and PyTorch (`torch.distributed`) every replica
runs the training step on its share, and comes to what one device would have computed:

* draws are those of the whole batch, of which a replica keeps its share, so that
  latents differ between replicas and random states do not;
* gradients are means over replicas, and so are the batch's own statistics (`mean`)
  wherever a loss is not a mean over samples;
* a loss that compares samples with each other compares all (`gather`).

With one replica all of this is the identity.
"""

import contextlib
import contextvars
from typing import Any, Protocol

import numpy as np

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


def mean(tensors):
    """Means over replicas, of one tensor or of a list of them.

    The mean of a batch is the mean of its shares' means, since they are of one size.
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

    A share of each of the `parts` that the players' steps cut the batch into, so that
    a replica's first part is its share of the batch's first.

    Examples:
        >>> share_of(np.arange(8), 1, 2, parts=2)
        array([2, 3, 6, 7])
    """
    cut = batch.reshape(parts, count, -1, *batch.shape[1:])
    return cut[:, index].reshape(-1, *batch.shape[1:])
