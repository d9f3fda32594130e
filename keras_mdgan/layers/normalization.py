"""Normalisation layers whose second derivative is correct on every backend.

On TensorFlow, Keras' `moments` is `tf.nn.moments`, which stops the gradient at the
mean. The first derivative is exact, but the second is silently wrong. A critic needs
these layers if it has a gradient penalty or is unrolled in the generator's loss. They
have the arguments, weights and values of Keras' own layers.
"""

import keras
from keras import ops

from keras_mdgan.mixtures.numerics import at_least_float32
from keras_mdgan.training.backends import engine, replicas

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` with the correct second derivative.

    Batch statistics mix the samples of a batch, but a gradient penalty is a condition
    on each sample's own gradient. Gulrajani et al. (2017, section 4) therefore advise
    layer normalisation in a critic.

    Examples:
        >>> import numpy as np
        >>> layer = BatchNormalization()
        >>> y = layer(np.array([[1.0], [3.0]], "float32"), training=True)
        >>> keras.ops.convert_to_numpy(y).round(2).tolist()
        [[-1.0], [1.0]]
    """

    def call(self, inputs, training=None, mask=None):
        if training and self.trainable and self._plain(mask):
            fused = engine.batch_norm(
                inputs, self.gamma.value, self.beta.value, self.axis, self.epsilon
            )
            if fused is not None:
                outputs, *moments = fused
                averages = (self.moving_mean, self.moving_variance)
                for average, moment in zip(averages, moments):
                    kept = average.value * self.momentum
                    average.assign(kept + moment * (1.0 - self.momentum))
                return ops.cast(outputs, self.compute_dtype)
        return super().call(inputs, training=training, mask=mask)

    def _plain(self, mask):
        """Whether a single operation of the backend does all that this layer does."""
        return (
            mask is None
            and self.scale
            and self.center
            and not (self.renorm or self.synchronized or replicas.several())
        )

    def _moments(self, inputs, mask):
        if mask is not None or self.synchronized:
            raise ValueError(
                "keras_mdgan.layers.BatchNormalization supports neither masks nor "
                "`synchronized=True`: its moments are always those of the whole batch."
            )
        # In two passes: the difference of mean squares would cancel in float32.
        axes = tuple(self._reduction_axes)
        mean = replicas.mean(ops.mean(inputs, axis=axes, keepdims=True))
        variance = replicas.mean(ops.mean(ops.square(inputs - mean), axis=axes))
        return ops.squeeze(mean, axis=axes), variance


def _moments(x, axes):
    mean = ops.mean(x, axis=axes, keepdims=True)
    return mean, ops.mean(ops.square(x - mean), axis=axes, keepdims=True)


@_register
class LayerNormalization(keras.layers.LayerNormalization):
    """`keras.layers.LayerNormalization` with the correct second derivative.

    Examples:
        >>> import numpy as np
        >>> y = LayerNormalization()(np.array([[1.0, 3.0]], "float32"))
        >>> keras.ops.convert_to_numpy(y).round(2).tolist()
        [[-1.0, 1.0]]
    """

    def call(self, inputs):
        axes = self.axis if isinstance(self.axis, (list, tuple)) else [self.axis]
        axes = [axis % len(inputs.shape) for axis in axes]
        x = at_least_float32(inputs)
        mean, variance = _moments(x, axes)
        y = (x - mean) * ops.rsqrt(variance + self.epsilon)
        shape = [x.shape[i] if i in axes else 1 for i in range(len(x.shape))]
        if self.gamma is not None:
            y = y * ops.cast(ops.reshape(self.gamma, shape), x.dtype)
        if self.beta is not None:
            y = y + ops.cast(ops.reshape(self.beta, shape), x.dtype)
        return ops.cast(y, self.compute_dtype)


@_register
class GroupNormalization(keras.layers.GroupNormalization):
    """`keras.layers.GroupNormalization` with the correct second derivative.

    Examples:
        >>> import numpy as np
        >>> y = GroupNormalization(groups=1)(np.array([[1.0, 3.0]], "float32"))
        >>> keras.ops.convert_to_numpy(y).round(2).tolist()
        [[-1.0, 1.0]]
    """

    def _apply_normalization(self, reshaped_inputs, input_shape):
        x = at_least_float32(reshaped_inputs)
        axes = list(range(1, len(x.shape)))
        axes.pop(-2 if self.axis == -1 else self.axis - 1)
        mean, variance = _moments(x, axes)
        y = (x - mean) * ops.rsqrt(variance + self.epsilon)
        shape = self._create_broadcast_shape(input_shape)
        if self.scale:
            y = y * ops.cast(ops.reshape(self.gamma, shape), x.dtype)
        if self.center:
            y = y + ops.cast(ops.reshape(self.beta, shape), x.dtype)
        return ops.cast(y, reshaped_inputs.dtype)
