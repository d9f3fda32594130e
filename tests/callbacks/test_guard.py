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


class Poisoned(Quadratic):
    """The third step makes a weight NaN, and no log ever shows it."""

    def first_loss(self, x):
        kernel = ops.stop_gradient(self.a.kernel)
        # As behind a ReLU on TensorFlow: relu(NaN) is 0 there.
        seen = ops.where(ops.isnan(kernel), 0.0, kernel)
        poison = ops.where(self.optimizer.iterations == 2, np.nan, 1.0)
        return ops.mean(seen**2), {"poison": ops.mean(ops.zeros_like(poison))}

    def after_step(self):
        poison = ops.where(self.optimizer.iterations == 3, np.nan, 0.0)
        self.a.kernel.assign(self.a.kernel + poison)


def poisoned(**kwargs):
    model = Poisoned(seed=0)
    model.compile({"first": sgd(), "second": sgd()}, **kwargs)
    return model


X = np.ones((8, 1), "float32")


@pytest.mark.parametrize("epochs", [2, 5], ids=["in the last step", "before others"])
def test_weights_that_no_log_shows_are_not_kept(epochs):
    model, seen = poisoned(), []

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append((weights(self.model), logs["loss"]))

    guard = km.callbacks.NaNGuard()
    with pytest.warns(RuntimeWarning, match=r"stopped: `.*kernel` is nan"):
        model.fit(X, batch_size=4, epochs=epochs, verbose=0, callbacks=[Keep(), guard])
    assert np.isfinite([loss for _, loss in seen]).all()
    # The callbacks before it in the list saw the restored weights too.
    assert len(seen) == 2
    assert seen[0][0] == seen[1][0] == weights(model)
    assert int(model.optimizer.iterations.numpy()) == 2


@pytest.mark.parametrize("frequency", ["epoch", 1])
@pytest.mark.parametrize("make", [collapsing, poisoned])
def test_no_nan_reaches_the_disk(tmp_path, frequency, make):
    model = make()
    kept = keras.callbacks.ModelCheckpoint(
        tmp_path / "last.weights.h5", save_freq=frequency, save_weights_only=True
    )
    backup = km.callbacks.BackupAndRestore(
        tmp_path / "backup", save_freq=frequency, delete_checkpoint=False
    )
    sampled = []

    class Evaluate(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            sampled.append(weights(self.model))

    with pytest.warns(RuntimeWarning, match="Training stopped"):
        model.fit(
            X, batch_size=4, epochs=4, verbose=0, callbacks=[Evaluate(), kept, backup]
        )
    assert np.isfinite(sampled).all()
    good = weights(model)
    for load in (
        lambda again: again.load_weights(tmp_path / "last.weights.h5"),
        lambda again: again.fit(X, batch_size=4, epochs=1, verbose=0, callbacks=backup),
    ):
        again = make()
        load(again)
        assert np.isfinite(weights(again)).all()
    assert np.isfinite(good).all()


def test_weights_that_are_not_finite_before_training_are_refused():
    model = collapsing()
    model.a.kernel.assign([[np.inf]])
    with pytest.raises(ValueError, match=r"finite before training.*kernel with inf"):
        model.fit(X, batch_size=4, verbose=0)


def test_no_nan_reaches_a_preset(tmp_path):
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,), seed=0),
        km.networks.mlp_discriminator((2,), hidden=(4,), seed=1),
        km.latents.Uniform(2),
        seed=0,
    )
    gan.compile(keras.optimizers.SGD(1e30))

    class Share(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.save_to_preset(tmp_path / "preset")

    x = km.datasets.ring().sample(64, seed=0)
    with pytest.warns(RuntimeWarning, match="Training stopped"):
        gan.fit(x, batch_size=4, verbose=0, callbacks=[Share()])
    for shared in tmp_path.iterdir():
        loaded = km.VanillaGAN.from_preset(shared)
        assert all(np.isfinite(w).all() for w in loaded.get_weights())
