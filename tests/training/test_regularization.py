"""Regularizers and added losses belong to the player that owns the layer."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km


@keras.saving.register_keras_serializable("tests")
class Adds(keras.layers.Layer):
    """Adds the mean of its inputs, times a factor, to the losses."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.built = factor, True

    def call(self, inputs):
        self.add_loss(self.factor * ops.mean(inputs))
        return inputs

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def dense(units, **kwargs):
    return keras.layers.Dense(
        units, kernel_initializer=keras.initializers.GlorotUniform(units), **kwargs
    )


def vanilla(generator, discriminator, cls=km.VanillaGAN, **kwargs):
    gan = cls(
        keras.Sequential(generator),
        keras.Sequential([keras.Input((2,)), *discriminator]),
        km.latents.Uniform(2),
        seed=0,
        **kwargs,
    )
    gan.compile({p.name: keras.optimizers.SGD(0.0) for p in gan.players()})
    return gan


def losses(gan, x=None):
    x = km.datasets.ring().sample(20, seed=0) if x is None else x
    return gan.fit(x, batch_size=len(x), verbose=0).history


def test_regularizers_are_added_to_the_loss_of_their_player():
    plain = losses(vanilla([dense(2)], [dense(1)]))
    l2 = keras.regularizers.L2(100.0)
    gan = vanilla([dense(2)], [dense(1, kernel_regularizer=l2)])
    (kernel, _) = gan.discriminator.get_weights()
    history, wanted = losses(gan), 100.0 * float(np.sum(kernel**2))
    added = history["discriminator_regularization"][0]
    assert added == pytest.approx(wanted, rel=1e-5)
    assert set(history) == {*plain, "discriminator_regularization"}
    difference = history["discriminator_loss"][0] - plain["discriminator_loss"][0]
    assert difference == pytest.approx(wanted, rel=1e-5)
    assert history["generator_loss"] == pytest.approx(plain["generator_loss"])
    evaluated = gan.evaluate(km.datasets.ring().sample(20, seed=0), verbose=0)
    assert evaluated["discriminator_regularization"] == pytest.approx(wanted, rel=1e-5)


def test_regularizers_move_the_weights():
    gan = vanilla([dense(2)], [dense(1, kernel_regularizer=keras.regularizers.L2(9.0))])
    gan.compile({p.name: keras.optimizers.SGD(0.05) for p in gan.players()})
    gan.fit(km.datasets.ring().sample(100), batch_size=10, epochs=4, verbose=0)
    assert np.abs(gan.discriminator.get_weights()[0]).max() < 0.05


def test_losses_that_layers_add_count_in_every_call_of_their_player():
    x = 0.5 + km.datasets.ring().sample(20, seed=0)
    plain = losses(vanilla([dense(2, use_bias=False)], [dense(1)]), x)
    gan = vanilla([dense(2, use_bias=False)], [Adds(10.0), dense(1)])
    gan.generator.set_weights([np.zeros((2, 2))])  # generated samples are zero
    history = losses(gan, x)
    # Of the discriminator on real data, and nothing of the generator's calls of it.
    added = history["discriminator_regularization"][0]
    assert added == pytest.approx(10.0 * x.mean(), rel=1e-5)
    assert set(history) == {*plain, "discriminator_regularization"}
    twice = vanilla([dense(2, use_bias=False)], [Adds(10.0), dense(1)])
    twice.generator.set_weights([np.eye(2)])
    both = losses(twice, x)["discriminator_regularization"][0]
    assert both != pytest.approx(added)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_activity_regularizers_and_the_state_of_layers(run_eagerly):
    x = km.datasets.ring().sample(20, seed=0)
    made = [
        vanilla(
            [dense(4, activity_regularizer=penalty), norm, dense(2)],
            [dense(1)],
        )
        for penalty, norm in (
            (None, keras.layers.BatchNormalization()),
            (keras.regularizers.L2(1.0), keras.layers.BatchNormalization()),
        )
    ]
    for gan in made:
        gan.compile(
            gan.optimizer.members
            and {p.name: keras.optimizers.SGD(0.0) for p in gan.players()},
            run_eagerly=run_eagerly,
        )
    plain, history = (losses(gan, x) for gan in made)
    added = history["generator_regularization"][0]
    assert added > 0
    assert set(history) == {*plain, "generator_regularization"}
    got = history["generator_loss"][0] - added
    assert got == pytest.approx(plain["generator_loss"][0], rel=1e-4)
    # What layers keep is kept in a step that collects losses too.
    for value, wanted in zip(made[1].get_weights(), made[0].get_weights()):
        np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-6)


def test_gradients_of_added_losses_reach_the_weights():
    gan = vanilla([dense(2), Adds(100.0)], [dense(1)])
    gan.compile({p.name: keras.optimizers.SGD(0.01) for p in gan.players()})
    before = gan.generator.get_weights()[1].copy()
    losses(gan)
    # The slope of 100 times the mean of two outputs is 50 for each bias.
    np.testing.assert_allclose(
        gan.generator.get_weights()[1] - before, -0.5, rtol=0, atol=0.02
    )


def test_unrolled_steps_are_those_of_the_regularized_discriminator():
    x = km.datasets.ring().sample(20, seed=0)
    l2 = keras.regularizers.L2(100.0)

    def loss(regularizer):
        gan = vanilla(
            [dense(2)],
            [dense(1, kernel_regularizer=regularizer)],
            km.UnrolledGAN,
            unroll_steps=3,
            unroll_learning_rate=1e-3,
        )
        return losses(gan, x)["generator_loss"][0]

    assert loss(l2) != pytest.approx(loss(None), rel=1e-3)
