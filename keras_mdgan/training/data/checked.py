"""What a user gives to `fit` and `evaluate`, checked before a step sees it.

All data pass through here: arrays once as a whole, other data batch by batch. So a
compiled step relies on its batches, on every backend.
"""

import itertools
import warnings

import keras
import numpy as np
from keras import ops
from keras.src.trainers.data_adapters import get_data_adapter
from keras.src.trainers.data_adapters.data_adapter import DataAdapter

from keras_mdgan.training import checks
from keras_mdgan.training.data import labels, values
from keras_mdgan.training.data.gathered import Gathered
from keras_mdgan.training.data.parts import indivisible, present
from keras_mdgan.training.data.tuples import in_tuples, refuse_structures


def split_batch(model, data):
    """`x`, or `(x, y)` for a model that uses labels, with its static checks.

    Args:
        model: a compiled `AdversarialModel`.
        data: one batch as Keras' data adapters give it, of arrays or tensors.

    Raises:
        ValueError: if labels are missing, or a shape or dtype is not the model's.
    """
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    refuse_structures(x)
    refuse_weights(sample_weight=sample_weight)
    values.require_floats(x)
    if not model.uses_labels:
        batch = x
    elif y is None:
        raise ValueError(
            f"{type(model).__name__} needs labels: give `fit` x and y, or a data "
            "set of (x, y). Received: data without labels"
        )
    else:
        batch = (x, labels.of_shape(model, y, size_of(x)))
    model.check_batch(batch)
    return batch


def refuse_weights(**weights):
    """Raise for `sample_weight` and `class_weight`, which no loss of a game has."""
    for name, value in weights.items():
        if value is not None:
            raise ValueError(
                f"Adversarial models take no `{name}`: a player's loss compares "
                "distributions, and not samples with targets. "
                f"Received: {name} of type {type(value).__name__}"
            )


def as_arrays(x, y):
    """Tensors, and what else converts to arrays, as NumPy arrays. Others unchanged."""

    def convert(data):
        if ops.is_tensor(data):
            return ops.convert_to_numpy(data)
        if np.ma.is_masked(data):
            raise ValueError(
                "Masked values cannot be left out: `data.filled(value)` gives an array "
                f"without a mask. Received: {np.ma.count_masked(data)} masked values"
            )
        convertible = hasattr(data, "__array__") and not isinstance(data, Gathered)
        return np.asarray(data) if convertible else data

    if isinstance(y, (str, bool, int, float)):
        raise ValueError(f"`y` must have a label for each sample. Received: y={y!r}")
    if isinstance(x, (list, tuple, dict)):
        keys = sorted(map(str, x)) if isinstance(x, dict) else ()
        one = (
            f"Give one entry, as `x[{keys[0]!r}]`"
            if keys
            else "`np.stack(x)` joins samples, `np.concatenate(x)` batches"
        )
        raise ValueError(
            "`x` must be one array, or batches of a `tf.data.Dataset`, `PyDataset`, "
            f"`DataLoader` or generator. Received: a {type(x).__name__} of "
            f"{len(x)} elements. {one}"
        )
    return convert(x), y if y is None else convert(np.asarray(y) if _is_list(y) else y)


def check_arrays(model, x, y):
    """The arrays, labels in the model's shape, if a model can train on them.

    Raises:
        ValueError: for NaN, infinity, integers, another shape than the model's, and
            labels that are none of its classes.
    """
    values.check_finite(x)
    split_batch(model, (x[:1],) if y is None else (x[:1], y[:1]))
    return x, labels.of_arrays(model, x, y)


def checked(model, x, y=None, *, batch_size=None, training=True, **kwargs):
    """Keras' adapter of some data, whose batches are checked one by one."""
    x, y = as_arrays(x, y)
    if isinstance(x, np.ndarray):
        x, y = check_arrays(model, x, y)
    adapter = get_data_adapter(in_tuples(x), y, batch_size=batch_size, **kwargs)
    return CheckedBatches(model, adapter, training)


class CheckedBatches(DataAdapter):
    """Checks the batches of another adapter, and leaves out odd last ones.

    Args:
        model: a compiled `AdversarialModel`.
        adapter: Keras' adapter of the user's data.
        training: whether the players' steps divide the batches.
    """

    def __init__(self, model, adapter, training: bool):
        self.model, self.adapter, self.training = model, adapter, training
        self.on_each = model.batch_multiple if training else model.samples_together
        # Otherwise a batch is the part of this process.
        whole = training and model.own_part is None
        self.multiple = self.on_each * (model.shares if whole else 1)
        self.full = 0  # the size of the largest batch so far
        self.warned = False

    def _usable(self, batches):
        left_out = served = 0
        for data in batches:
            batch = split_batch(self.model, present(data))
            x = batch[0] if self.model.uses_labels else batch
            size = size_of(x)
            if size % self.multiple:
                if size >= self.full:
                    self._refuse(size)
                left_out = size
                continue
            if size == 0:
                continue
            if self.full == 0:
                values.check_first_batch(self.model, x)
            if self.model.uses_labels:
                labels.check_values(self.model, batch[1])
            if left_out and not self.warned:
                self.warned = True
                warnings.warn(
                    f"A batch of {left_out} samples in the middle of the data was "
                    f"left out, since {self.multiple} does not divide it. Give "
                    "batches of one size (`drop_remainder=True` in tf.data).",
                    UserWarning,
                    stacklevel=2,
                )
            self.full = max(self.full, size)
            served += 1
            yield batch if self.model.uses_labels else (batch,)
        if not served and not self.full:
            raise ValueError("`x` must hold at least one batch. Received: no samples")

    def _refuse(self, size):
        if size % self.on_each:
            turns = self.model.turns if self.training else ()
            raise ValueError(indivisible(size, turns, self.model.samples_together))
        checks.require_equal_shares(self.model, size, self.on_each)

    def _each_epoch(self, source):
        return _EachEpoch(self, source)

    def get_numpy_iterator(self):
        return self._each_epoch(self.adapter.get_numpy_iterator())

    def get_jax_iterator(self):
        return self._each_epoch(self.adapter.get_jax_iterator())

    def get_torch_dataloader(self):
        return self._each_epoch(self.adapter.get_torch_dataloader())

    def get_tf_dataset(self):
        dataset = self.adapter.get_tf_dataset()
        if self.model.strategy_shares is None or not hasattr(dataset, "filter"):
            return self._each_epoch(dataset)
        # A strategy divides data sets of TensorFlow only. One batch is looked at.
        next(iter(self._each_epoch(dataset)))
        return dataset.filter(lambda *data: size_of(data) % self.multiple == 0)

    @property
    def num_batches(self):
        return self.adapter.num_batches

    @property
    def batch_size(self):
        return self.adapter.batch_size

    @property
    def has_partial_batch(self):
        return self.adapter.has_partial_batch

    @property
    def partial_batch_size(self):
        return self.adapter.partial_batch_size

    def on_epoch_begin(self):
        self.adapter.on_epoch_begin()

    def on_epoch_end(self):
        self.adapter.on_epoch_end()


class _EachEpoch:
    """Iterates over checked batches; reads the very first one at once.

    So wrong data raise their error before Keras hands the model's state to a compiled
    step, which on JAX has no way back.
    """

    def __init__(self, checked_batches, source):
        self.checked_batches, self.source = checked_batches, source

    def __iter__(self):
        batches = self.checked_batches._usable(self.source)
        if self.checked_batches.full:
            return batches
        return itertools.chain([next(batches)], batches)


def size_of(batch):
    """The number of samples in a batch: an integer if it is known, else a tensor."""
    first = keras.tree.flatten(batch)[0]
    return ops.shape(first)[0]


def _is_list(y):
    return isinstance(y, (list, tuple))
