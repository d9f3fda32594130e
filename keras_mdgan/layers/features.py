"""Layers for a discriminator's inputs: Fourier features and instance noise."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from keras_mdgan.schedules import Knots, check_knots, interpolate
from keras_mdgan.training.draws import Draws
from keras_mdgan.validation import check_seed, is_integer

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class FourierFeatures(keras.layers.Layer):
    """Joins `sin` and `cos` of the inputs at several frequencies to the inputs.

    They help mode coverage. A small network learns slowly varying functions first. For
    most of a run it cannot see modes whose width is a hundredth of the data's range.
    With features of the right scale the discriminator tells a mode from its
    surroundings early. The generator then concentrates its samples on modes (Tancik et
    al. 2020, Fourier features let networks learn high frequency functions).

    The layer maps `(..., d)` to `(..., d (1 + 2 k))` for `k` frequencies.

    Examples:
        >>> import numpy as np
        >>> layer = FourierFeatures([1.0, 2.0])
        >>> layer(np.zeros((4, 2), "float32")).shape[-1]
        10

    Args:
        frequencies: angular frequencies in radians per unit of the data.

    Raises:
        ValueError: if `frequencies` is empty or not finite.
    """

    def __init__(self, frequencies: Sequence[float], **kwargs):
        super().__init__(**kwargs)
        frequencies = [float(f) for f in frequencies]
        if not frequencies or not np.all(np.isfinite(frequencies)):
            raise ValueError(
                "`frequencies` must be a list of at least one finite number. "
                f"Received: frequencies={frequencies}"
            )
        self.frequencies = frequencies
        self.built = True

    def call(self, inputs):
        scaled = [inputs * f for f in self.frequencies]
        waves = [wave(x) for x in scaled for wave in (ops.sin, ops.cos)]
        return ops.concatenate([inputs, *waves], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] * (1 + 2 * len(self.frequencies)))

    def get_config(self):
        return {**super().get_config(), "frequencies": self.frequencies}


@_register
class InstanceNoise(keras.layers.Layer):
    """Gaussian noise on a discriminator's inputs in training, with a falling width.

    It helps mode coverage. While the noise is as wide as the distance between modes,
    real and generated data overlap everywhere. Every mode then gives gradients to every
    generated sample. As the noise falls, the game becomes the one without noise
    (Sonderby et al. 2017, section 3.1). Each mode's share of the samples is decided
    while the noise is between a fifth and a quarter of the distance between modes. A
    schedule that stays there longer makes the shares even.

    The standard deviation is linear on a logarithmic scale between the knots, and zero
    after the last. Put the layer first in a discriminator: real and generated data then
    get the same kind of noise, in both players' losses. Outside training the layer does
    nothing.

    Examples:
        >>> noise = InstanceNoise([(0, 2.0), (4500, 0.02)])
        >>> round(float(noise.stddev_at(2250)), 4)
        0.2
        >>> float(noise.stddev_at(4500))
        0.0

    Args:
        knots: pairs `(step, stddev)` with increasing steps and positive standard
            deviations, in the units of the layer's inputs.
        seed: an integer, or `None`.
        features: the number of features that get noise, the first ones along the last
            axis; `None` for all. Use it after `PrincipalComponents`: noise in a
            thousand dimensions hides modes that differ in ten.

    Raises:
        ValueError: if the knots are not as described or `features` is below 1.
    """

    def __init__(
        self,
        knots: Knots,
        seed: int | None = None,
        features: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if features is not None and not is_integer(features):
            raise ValueError(
                "`features` must be None or at least 1. "
                f"Received: features={features!r}"
            )
        self.features = None if features is None else int(features)
        self.knots = check_knots(knots, positive=True)
        self.seed = check_seed(seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.draws = Draws(self.seed_generator)
        # A weight, so that a compiled step reads its present value.
        self.stddev = self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(self.knots[0][1]),
            trainable=False,
            name="stddev",
        )
        self.built = True

    def stddev_at(self, step):
        """The standard deviation at a training step, float32 scalar."""
        logarithms = [(at, float(np.log(value))) for at, value in self.knots]
        stddev = ops.exp(interpolate(step, logarithms))
        over = ops.cast(step, "float32") >= float(self.knots[-1][0])
        return ops.where(over, ops.zeros_like(stddev), stddev)

    def on_training_step(self, step):
        """Called by the model before each training step, with the step's number."""
        self.stddev.assign(self.stddev_at(step))

    def call(self, inputs, training=False):
        if not training:
            return inputs
        if self.features is None:
            return inputs + self._noise(inputs)
        noisy, clean = inputs[..., : self.features], inputs[..., self.features :]
        return ops.concatenate([noisy + self._noise(noisy), clean], axis=-1)

    def _noise(self, inputs):
        noise = self.draws.normal(ops.shape(inputs))
        return ops.cast(noise * self.stddev, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "knots": self.knots,
            "seed": self.seed,
            "features": self.features,
        }
