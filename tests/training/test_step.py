"""The training step: players, optimizers, logs, schedules."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km
from keras_mdgan.training.optimizer import CompositeOptimizer
from support.quadratic import Quadratic, quadratic, sgd, weights


def test_each_player_minimises_its_own_loss_with_its_own_optimizer():
    model = quadratic({"first": sgd(0.25), "second": sgd(0.1)})
    model.fit(np.ones((4, 1), "float32"), batch_size=4, verbose=0)
    np.testing.assert_allclose(weights(model), [0.5, 0.4], rtol=1e-6)


def test_players_with_steps_see_fresh_parts_of_the_batch():
    model = quadratic(steps=(2, 1))
    x = np.array([1, 1, 3, 3], "float32")[:, None]
    history = model.fit(x, batch_size=4, shuffle=False, verbose=0).history
    # a: 0 -> .5 on the ones -> 1.75 on the threes; b on the first part only.
    np.testing.assert_allclose(weights(model), [1.75, 1.0], rtol=1e-6)
    np.testing.assert_allclose(history["seen"], [2.0], rtol=1e-6)
    np.testing.assert_allclose(history["first_loss"], [(1 + 2.5**2) / 2], rtol=1e-6)


def test_batches_that_steps_do_not_divide_are_refused():
    model = quadratic(steps=(3, 1))
    with pytest.raises(ValueError, match=r"divisible by 3.*'first'.*batch of 4"):
        model.fit(np.ones((8, 1), "float32"), batch_size=4, verbose=0)
    # ... and a last batch that they do not divide is left out.
    model.fit(np.ones((10, 1), "float32"), batch_size=6, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 1


@pytest.mark.parametrize("steps", [1, 2])
def test_logs_are_means_over_the_epoch_weighted_by_samples(steps):
    model = quadratic(
        {"first": sgd(0.0), "second": sgd(0.0)}, steps_per_execution=steps
    )
    x = np.array([0, 0, 0, 0, 3, 3], "float32")[:, None]
    history = model.fit(x, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history["seen"], [1.0, 1.0], rtol=1e-6)
    np.testing.assert_allclose(history["first_loss"], [3.0, 3.0], rtol=1e-6)
    np.testing.assert_allclose(history["loss"], [15.0, 15.0], rtol=1e-6)


def test_one_optimizer_is_copied_to_every_player():
    model = quadratic(keras.optimizers.Adam(0.01))
    members = model.optimizer.members
    assert set(members) == {"first", "second"}
    assert members["first"] is not members["second"]
    assert quadratic("adam").optimizer["first"].beta_1 == 0.9


def test_the_composite_has_every_variable_and_counts_steps():
    model = quadratic(keras.optimizers.Adam(0.01), steps=(2, 1))
    ids = {id(v) for v in model.optimizer.variables}
    for member in model.optimizer.members.values():
        assert {id(v) for v in member.variables} <= ids
    model.fit(np.ones((12, 1), "float32"), batch_size=4, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 3
    assert int(model.optimizer["first"].iterations.numpy()) == 6
    assert int(model.optimizer["second"].iterations.numpy()) == 3


def test_learning_rate_callbacks_keep_the_ratio_of_the_rates():
    model = quadratic({"first": sgd(0.2), "second": sgd(0.1)})
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model.fit(np.ones((4, 1), "float32"), verbose=0, epochs=2, callbacks=[halve])
    rates = [float(m.learning_rate.numpy()) for m in model.optimizer.members.values()]
    np.testing.assert_allclose(rates, [0.05, 0.025], rtol=1e-6)


def test_the_composite_applies_nothing_itself():
    with pytest.raises(RuntimeError, match="member of a player"):
        CompositeOptimizer({"a": sgd()}).apply([])


def test_a_schedule_runs_in_its_players_updates():
    rate = km.schedules.PiecewiseLinear([(0, 0.5), (2, 0.0)])
    model = quadratic({"first": keras.optimizers.SGD(rate), "second": sgd(0.0)})
    model.fit(np.ones((12, 1), "float32"), batch_size=4, shuffle=False, verbose=0)
    # Rates .5, .25, 0: a = 1, then stays.
    np.testing.assert_allclose(weights(model)[0], 1.0, rtol=1e-6)


def test_a_recompiled_model_trains_with_the_new_optimizer():
    model = quadratic()
    model.fit(np.ones((4, 1), "float32"), verbose=0)
    model.compile({"first": sgd(0.0), "second": sgd(0.0)})
    before = weights(model)
    model.fit(np.ones((4, 1), "float32"), verbose=0)
    assert weights(model) == before


def test_train_on_batch_takes_a_step():
    model = quadratic()
    model.train_on_batch(np.ones((4, 1), "float32"))
    np.testing.assert_allclose(weights(model), [0.5, 1.0], rtol=1e-6)


def test_run_eagerly_is_the_same_run():
    compiled, eager = quadratic(), quadratic(run_eagerly=True)
    x = np.arange(8, dtype="float32")[:, None] / 8
    for model in (compiled, eager):
        model.fit(x, batch_size=4, epochs=2, verbose=0)
    np.testing.assert_allclose(weights(compiled), weights(eager), rtol=1e-6)


@pytest.mark.parametrize(
    ("warmup", "momenta"),
    # With one more step, the last of the first would be 4/13.
    [(True, (2 / 11, 0.25, 0.25, 0.25)), (False, (0.25, 0.25, 0.25, 0.25))],
)
def test_averaged_generator_is_the_mean_of_the_weights(warmup, momenta):
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,), seed=0),
        km.networks.mlp_discriminator((2,), hidden=(4,), seed=1),
        km.latents.Uniform(2),
        ema_momentum=0.25,
        ema_warmup=warmup,
        seed=0,
    )
    gan.compile()
    average = [w.copy() for w in gan.generator.get_weights()]
    for momentum in momenta:
        gan.train_on_batch(km.datasets.ring().sample(16))
        average = [
            momentum * a + (1 - momentum) * w
            for a, w in zip(average, gan.generator.get_weights())
        ]
    for got, wanted in zip(gan.ema_generator.get_weights(), average):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-7)
    latents = gan.latents.sample(5, seed=0)
    sampled = gan.predict(latents, verbose=0)
    own = ops.convert_to_numpy(gan.ema_generator(latents))
    np.testing.assert_allclose(sampled, own, rtol=1e-5, atol=1e-7)
    assert not {id(v) for v in gan.ema_generator.weights} & {
        id(v) for v in gan.trainable_variables
    }


def test_labels_reach_a_model_that_uses_them():
    class Labelled(Quadratic):
        uses_labels = True

        def sample_batch(self):
            return ops.zeros((2, 1)), ops.zeros((2,))

        def first_loss(self, batch):
            x, y = batch
            return super().first_loss(x + ops.cast(y, "float32")[:, None])

        def second_loss(self, batch):
            return super().second_loss(batch[0])

    model = Labelled(seed=0)
    model.compile({"first": sgd(), "second": sgd()})
    x, y = np.zeros((4, 1), "float32"), np.full((4,), 2)
    model.fit(x, y, batch_size=4, verbose=0)
    np.testing.assert_allclose(weights(model), [1.0, 0.0], atol=1e-6)
    with pytest.raises(ValueError, match="needs labels"):
        model.fit(x, batch_size=4, verbose=0)


def test_the_other_loops_take_models_that_train_several_steps_at_once():
    """Keras refuses them on PyTorch."""
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,), seed=0),
        km.networks.mlp_discriminator((2,), hidden=(4,), seed=1),
        km.latents.Uniform(2),
        seed=0,
    )
    gan.compile(steps_per_execution=3)
    x = np.ones((4, 2), "float32")
    assert gan.predict(x, verbose=0).shape == (4, 2)
    np.testing.assert_allclose(
        gan.predict_on_batch(x), gan.predict(x, verbose=0), rtol=1e-6
    )
    assert np.isfinite(float(gan.test_on_batch(x, return_dict=True)["loss"]))
    assert np.isfinite(float(gan.evaluate(x, verbose=0, return_dict=True)["loss"]))
    assert gan.steps_per_execution == 3
