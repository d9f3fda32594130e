"""A game of two players without data, whose every number is known by hand."""

import keras
import numpy as np
from keras import ops

import keras_mdgan as km


@keras.saving.register_keras_serializable("tests")
class Quadratic(km.AdversarialModel):
    """Two players with one weight each: `(a - x)^2` and `(b - 2x)^2`."""

    def __init__(self, steps=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.steps = tuple(steps)
        self.a, self.b = (keras.layers.Dense(1, use_bias=False) for _ in "ab")
        for layer in (self.a, self.b):
            layer.build((None, 1))
            layer.set_weights([np.zeros((1, 1))])
        self.built = True

    def players(self):
        return [
            km.Player("first", [self.a], self.steps[0]),
            km.Player("second", [self.b], self.steps[1]),
        ]

    def sample_batch(self):
        return ops.zeros((2, 1))

    def first_loss(self, x):
        loss = ops.mean(ops.square(self.a.kernel - x))
        return loss, {"seen": ops.mean(x)}

    def second_loss(self, x):
        return ops.mean(ops.square(self.b.kernel - 2.0 * x)), {}


def sgd(rate=0.25):
    return keras.optimizers.SGD(rate)


def quadratic(optimizer=None, steps=(1, 1), **kwargs):
    model = Quadratic(steps, seed=0)
    model.compile(optimizer or {"first": sgd(), "second": sgd()}, **kwargs)
    return model


def weights(model):
    return [float(layer.kernel.numpy()[0, 0]) for layer in (model.a, model.b)]
