"""`evaluate` and `predict` of adversarial models."""

import warnings

import keras
import numpy as np
from keras import ops
from keras.src.trainers.data_adapters.data_adapter import DataAdapter

from keras_mdgan.training import checks
from keras_mdgan.training.backends import engine
from keras_mdgan.training.data import checked
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.training.data.parts import padded
from keras_mdgan.training.data.positions import PositionedBatches
from keras_mdgan.validation import check_integer


class Evaluation:
    """`evaluate` and `predict` like those of Keras, on one device or several."""

    def evaluate(self, x=None, y=None, *, return_dict: bool = True, **kwargs):
        """The players' losses on data, without training.

        Losses are computed as in training (batch statistics, fresh latents). All state
        that they change is restored: an evaluation does not influence the run.

        Args:
            x: data as for `fit`.
            y: labels as for `fit`.
            return_dict: `False` for a list, in the order of the sorted names.
            **kwargs: the other arguments of `keras.Model.evaluate`.

        Returns:
            A dictionary with the mean of every log.

        Raises:
            ValueError: see `fit`.
        """
        kwargs = dict(kwargs)
        checked.refuse_weights(sample_weight=kwargs.pop("sample_weight", None))
        size = kwargs.get("batch_size")
        if size is not None:
            kwargs["batch_size"] = check_integer("batch_size", size)
        x, y = checked.as_arrays(x, y)
        if isinstance(x, np.ndarray) and engine.divides_evaluation:
            size = min(kwargs.get("batch_size") or 32, len(x))
            for batch in {size, len(x) % size or size}:
                checks.require_equal_shares(self, batch, self.samples_together)
            if self.own_part is not None:  # Keras refuses to divide arrays
                batches = ShuffledBatches(
                    x, y, batch_size=size, shuffle=False, drop_remainder=False
                )
                x, y = PositionedBatches(batches, own=self.own_part), None
                kwargs.pop("batch_size", None)
        # `fit` gives an adapter that it has checked.
        if not isinstance(x, DataAdapter):
            size = kwargs.pop("batch_size", None)
            x = checked.checked(self, x, y, batch_size=size, training=False)
        from keras_mdgan.callbacks.interrupt import Interruptible
        from keras_mdgan.callbacks.progress import with_progress_line

        callbacks = kwargs.pop("callbacks", None)
        if not isinstance(callbacks, keras.callbacks.CallbackList):  # that of `fit`
            callbacks = keras.tree.flatten(callbacks or [])
            callbacks = with_progress_line(callbacks, kwargs.get("verbose", "auto"))
        # Copies: on TensorFlow and PyTorch an assignment changes the value itself.
        state = [(v, ops.copy(v.value)) for v in self.non_trainable_variables]
        try:
            with Interruptible(), warnings.catch_warnings():
                # Expected: a last batch may be left out.
                warnings.filterwarnings("ignore", "Your input ran out of data")
                return super().evaluate(
                    x, return_dict=return_dict, callbacks=callbacks, **kwargs
                )
        finally:
            for variable, value in state:
                variable.assign(value)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The losses on one batch, as `keras.Model.test_on_batch`."""
        checked.refuse_weights(sample_weight=sample_weight)
        x, y = checked.as_arrays(x, y)
        x, y = checked.check_arrays(self, x, y)
        return super().test_on_batch(x, y, return_dict=return_dict)

    def predict(self, x, batch_size=None, **kwargs):
        """As `keras.Model.predict`, with arrays of any length divided among devices."""
        if self.shares == 1 or not _are_arrays(x):
            return super().predict(x, batch_size=batch_size, **kwargs)
        n = len(keras.tree.flatten(x)[0])
        size = min(batch_size or 32, n)
        size = -(-size // self.shares) * self.shares
        found = super().predict(padded(x, self.shares), batch_size=size, **kwargs)
        return keras.tree.map_structure(lambda part: part[:n], found)

    def predict_on_batch(self, x):
        """As `keras.Model.predict_on_batch`; see `predict`."""
        if self.shares == 1 or not _are_arrays(x):
            return super().predict_on_batch(x)
        n = len(keras.tree.flatten(x)[0])
        found = super().predict_on_batch(padded(x, self.shares))
        return keras.tree.map_structure(lambda part: part[:n], found)


def _are_arrays(x):
    return all(isinstance(part, np.ndarray) for part in keras.tree.flatten(x))
