"""Batch normalisation and Adam as single operations of TensorFlow."""

import keras
import tensorflow as tf

STOCK_ADAM_STEP = keras.optimizers.Adam.update_step


def adam_step(optimizer, gradient, variable, learning_rate):
    """Keras' step of Adam in one pass over the weights' memory."""
    if optimizer.amsgrad or isinstance(gradient, tf.IndexedSlices):
        return STOCK_ADAM_STEP(optimizer, gradient, variable, learning_rate)
    dtype = variable.dtype
    step = tf.cast(optimizer.iterations.value + 1, dtype)
    index = optimizer._get_variable_index(variable)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=optimizer._momentums[index].value.handle,
        v=optimizer._velocities[index].value.handle,
        beta1_power=tf.pow(tf.cast(optimizer.beta_1, dtype), step),
        beta2_power=tf.pow(tf.cast(optimizer.beta_2, dtype), step),
        lr=tf.cast(learning_rate, dtype),
        beta1=tf.cast(optimizer.beta_1, dtype),
        beta2=tf.cast(optimizer.beta_2, dtype),
        epsilon=tf.cast(optimizer.epsilon, dtype),
        grad=tf.cast(gradient, dtype),
    )


def batch_norm(x, gamma, beta, axis, epsilon):
    last, dimensions = axis % len(x.shape) == len(x.shape) - 1, len(x.shape)
    if not last or dimensions not in (2, 4) or x.dtype not in _FUSED_DTYPES:
        return None
    images = x if dimensions == 4 else x[:, None, None, :]
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=images, scale=gamma, offset=beta, mean=[], variance=[], epsilon=epsilon
    )
    # The variance is that of a sample, divided by n - 1.
    n = tf.cast(tf.size(x) // tf.shape(x)[-1], variance.dtype)
    variance = variance * (tf.maximum(n - 1.0, 1.0) / n)
    return outputs if dimensions == 4 else outputs[:, 0, 0, :], mean, variance


_FUSED_DTYPES = (tf.float32, tf.bfloat16, tf.float16)
