"""One optimizer a player, and what of it Keras' own tools set and save."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from support.battery import networks
from support.quadratic import quadratic, sgd, weights


def rates(model):
    return [float(m.learning_rate.numpy()) for m in model.optimizer.members.values()]


def vanilla(optimizer, **kwargs):
    gan = km.VanillaGAN(**networks(), seed=0, **kwargs)
    gan.compile(optimizer)
    return gan


def test_a_rate_of_zero_keeps_the_ratio_of_the_rates():
    model = quadratic({"first": sgd(0.2), "second": sgd(0.1)})
    for value in (0.0, 0.0, 0.4):  # a warm-up
        model.optimizer.learning_rate = value
    np.testing.assert_allclose(rates(model), [0.4, 0.2], rtol=1e-6)


def test_a_rate_of_zero_keeps_the_ratio_of_a_saved_model(tmp_path):
    gan = vanilla({"generator": sgd(0.1), "discriminator": sgd(0.4)})
    gan.optimizer.learning_rate = 0.0
    gan.save(tmp_path / "gan.keras")
    loaded = km.load_model(tmp_path / "gan.keras")
    assert rates(loaded) == [0.0, 0.0]
    loaded.optimizer.learning_rate = 0.2
    np.testing.assert_allclose(rates(loaded), [0.2, 0.05], rtol=1e-6)


def test_a_player_without_a_rate_leaves_the_others_theirs():
    model = quadratic({"first": sgd(0.0), "second": sgd(0.1)})
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model.fit(np.ones((4, 1), "float32"), verbose=0, callbacks=[halve])
    np.testing.assert_allclose(rates(model), [0.0, 0.05], rtol=1e-6)


def test_ratios_that_a_user_changes_are_kept():
    model = quadratic({"first": sgd(0.2), "second": sgd(0.1)})
    model.optimizer["second"].learning_rate = 0.4
    for value in (0.0, 0.1):
        model.optimizer.learning_rate = value
    np.testing.assert_allclose(rates(model), [0.1, 0.2], rtol=1e-6)


def test_a_schedule_is_not_set_by_halves():
    schedule = km.schedules.PiecewiseLinear([(0, 0.5), (2, 0.0)])
    model = quadratic({"first": sgd(0.2), "second": keras.optimizers.SGD(schedule)})
    with pytest.raises(TypeError, match="player 'second' has a learning rate schedule"):
        model.optimizer.learning_rate = 0.1
    assert float(model.optimizer["first"].learning_rate.numpy()) == np.float32(0.2)


def adamw(**kwargs):
    optimizer = keras.optimizers.AdamW(1e-9, weight_decay=1e8)
    optimizer.exclude_from_weight_decay(**kwargs)
    return optimizer


def test_one_optimizer_for_all_keeps_what_it_excludes_from_weight_decay():
    gan = vanilla(adamw(var_names=["bias"]))
    for player in gan.players():
        for variable in player.variables:
            variable.assign(variable + 1.0)
    before = [v.numpy().copy() for v in gan.trainable_variables]
    gan.fit(km.datasets.ring().sample(20), batch_size=20, verbose=0)
    for variable, value in zip(gan.trainable_variables, before):
        moved = np.abs(variable.numpy() - value).max()
        assert (moved > 1e-3) == (variable.name == "kernel"), variable.path


def test_one_optimizer_for_all_keeps_excluded_variables():
    parts = networks()
    kept = parts["generator"].layers[0]
    gan = km.VanillaGAN(**parts, seed=0)
    gan.compile(adamw(var_list=[kept.kernel]))
    before = [v.numpy().copy() for v in gan.trainable_variables]
    gan.fit(km.datasets.ring().sample(20), batch_size=20, verbose=0)
    for variable, value in zip(gan.trainable_variables, before):
        if variable.name == "kernel":
            moved = np.abs(variable.numpy() - value).max()
            assert (moved > 1e-3) == (variable is not kept.kernel), variable.path


def test_a_loaded_model_excludes_the_same_variables(tmp_path):
    gan, x = vanilla(adamw(var_names=["bias"])), km.datasets.ring().sample(20, seed=0)
    for variable in gan.trainable_variables:
        variable.assign(variable + 1.0)
    gan.save(tmp_path / "gan.keras")
    loaded = km.load_model(tmp_path / "gan.keras")
    for model in (gan, loaded):
        model.fit(x, batch_size=20, verbose=0)
    for a, b in zip(gan.trainable_variables, loaded.trainable_variables):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)


@pytest.mark.parametrize("optimizer", [keras.optimizers.Adam, keras.optimizers.SGD])
def test_averages_of_optimizers_are_refused(optimizer):
    averaging = optimizer(1e-3, use_ema=True)
    for given in (averaging, {"first": sgd(), "second": averaging}):
        with pytest.raises(ValueError, match=r"`ema_momentum=.*use_ema=True"):
            quadratic(given)


def test_swapping_averages_is_refused():
    with pytest.raises(ValueError, match=r"`ema_momentum=.*SwapEMAWeights"):
        quadratic().fit(
            np.ones((4, 1), "float32"),
            callbacks=[keras.callbacks.SwapEMAWeights()],
            verbose=0,
        )
    assert weights(quadratic()) == [0.0, 0.0]
