"""Batches for one call of a compiled step."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras

from keras_mdgan.training.data.parts import present


@dataclasses.dataclass(frozen=True)
class Chunk:
    """Some of the batches of an execution.

    Args:
        several: whether `data` holds several batches, `(k, batch, ...)`, or one batch
            without a leading axis.
        data: the batches.
    """

    several: bool
    data: Any


def next_chunks(source, iterator, steps: int, join: Callable) -> list[Chunk]:
    """The chunks that one execution trains on.

    Args:
        source: the `PositionedBatches` that `fit` reads, or `None`. It can give several
            batches at once.
        iterator: Keras' iterator, read when there is no source.
        steps: batches to take; fewer at the end of the data.
        join: stacks a list of batches along a new leading axis.

    Raises:
        StopIteration: at the end of the data.
    """
    if source is not None:
        return _from_source(source, steps)
    batches = [present(batch) for _, batch in zip(range(steps), iterator)]
    if not batches:
        raise StopIteration
    shapes = {
        tuple(tuple(leaf.shape) for leaf in keras.tree.flatten(batch))
        for batch in batches
    }
    # A compiled loop is for one number and size of batches. Others go one by one, which
    # avoids another compilation.
    if steps == 1 or len(batches) < steps or len(shapes) > 1:
        return [Chunk(False, batch) for batch in batches]
    return [Chunk(True, join(batches))]


def _from_source(source, steps):
    chunks, left = [], steps
    while left:
        several, data = source.take(left)
        chunks.append(Chunk(several, data))
        left -= len(data[0]) if several else 1
        if source.left == 0:
            break
    return chunks
