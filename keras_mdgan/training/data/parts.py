"""Cutting a batch into parts, one for each step of the busiest player."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from keras_mdgan.training.players import Player


def busiest(turns: Sequence[Player]) -> Player:
    """The player with the most steps; the first one if several have as many."""
    return max(turns, key=lambda player: player.steps)


def cut(batch, turns: Sequence[Player], together: int = 1) -> list:
    """Cut a batch into as many equal parts as the busiest player has steps.

    Args:
        batch: a tensor or a structure of tensors with one batch size.
        turns: the players.
        together: how many samples a loss takes at once. The size of a part is a
            multiple of it.

    Returns:
        A list of structures like `batch`.

    Raises:
        ValueError: if the batch size is known and is not divisible.
    """
    leaves = keras.tree.flatten(batch)
    count, size = busiest(turns).steps, leaves[0].shape[0]
    if size is not None and size % (count * together):
        raise ValueError(indivisible(size, turns, together))
    if count == 1:
        return [batch]
    part = ops.shape(leaves[0])[0] // count
    return [
        keras.tree.map_structure(lambda x: x[i * part : (i + 1) * part], batch)  # noqa: B023
        for i in range(count)
    ]


def present(batch):
    """A batch without `None`, which `train_on_batch` uses for absent labels."""
    if not isinstance(batch, (tuple, list)):
        return batch
    return tuple(part for part in batch if part is not None)


def as_tensors(batch):
    """Arrays as tensors, floats in Keras' precision. Tensors are unchanged.

    An eager `train_on_batch` gives arrays, and these do not mix with tensors.
    """

    def convert(x):
        if not isinstance(x, np.ndarray):
            return x
        floating = np.issubdtype(x.dtype, np.floating)
        return ops.convert_to_tensor(x, keras.config.floatx() if floating else None)

    return keras.tree.map_structure(convert, batch)


def padded(batch, multiple: int):
    """A batch with samples repeated until its size is a multiple.

    Examples:
        >>> padded(np.arange(3), 4)
        array([0, 1, 2, 0])

    Args:
        batch: an array, or a structure of arrays of one length.
        multiple: what shall divide the length.
    """
    n = len(keras.tree.flatten(batch)[0])
    size = -(-n // multiple) * multiple
    if size == n:
        return batch
    chosen = np.arange(size) % n
    return keras.tree.map_structure(lambda x: x[chosen], batch)


def indivisible(size, turns: Sequence[Player], together: int) -> str:
    """The error of a batch whose size the players' steps or their packs do not divide.

    Args:
        size: the batch's size.
        turns: the players; none in an evaluation.
        together: how many samples a loss takes at once.
    """
    reasons = []
    player = busiest(turns) if turns else None
    if player is not None and player.steps > 1:
        reasons.append(
            f"{player.steps}, the steps of player {player.name!r}: each of its steps "
            "sees a fresh part of the batch"
        )
    if together > 1:
        reasons.append(f"{together}, the samples that are judged together")
    return (
        f"The batch size must be divisible by {' times by '.join(reasons)}. "
        f"Received: a batch of {size}"
    )
