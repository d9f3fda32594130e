"""A run whose losses are no numbers any more stops at its last good state."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from support.quadratic import Quadratic, sgd, weights


class Collapsing(Quadratic):
    """`second_loss` is NaN from the third step on; `loss` alone would not say whose."""

    def second_loss(self, x):
        loss, logs = super().second_loss(x)
        return ops.where(self.optimizer.iterations >= 2, np.nan, 1.0) * loss, logs


def collapsing(**kwargs):
    model = Collapsing(seed=0)
    model.compile({"first": sgd(), "second": sgd()}, **kwargs)
    return model


@pytest.mark.parametrize("every", [1, 100])
def test_nan_stops_training_and_restores_the_last_good_epoch(every):
    model = collapsing()
    good = []

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            good.append(weights(self.model))

    guard = km.callbacks.NaNGuard(every)
    with pytest.warns(
        RuntimeWarning, match="Training stopped: `(loss|second_loss)` is"
    ):
        history = model.fit(
            np.ones((8, 1), "float32"),
            batch_size=4,
            epochs=5,
            verbose=0,
            callbacks=[guard, Keep()],
        )
    assert len(history.history["loss"]) == 2
    assert guard.stopped_by in ("loss", "second_loss")
    assert weights(model) == good[0]
    assert int(model.optimizer.iterations.numpy()) == 2


def test_the_guard_is_there_without_asking():
    with pytest.warns(RuntimeWarning, match="Training stopped"):
        history = collapsing().fit(
            np.ones((4, 1), "float32"), batch_size=2, epochs=4, verbose=0
        )
    assert len(history.history["loss"]) == 2
