"""The DCGAN loop a TensorFlow user would write by hand, with its fused operations.

One `tf.function` holds several steps. Batch normalisation, bias and Adam are single
kernels, and in bfloat16 each turn casts a network's weights once.
"""

import numpy as np
import tensorflow as tf


def _normal(draw, *shape):
    return tf.Variable((0.02 * draw.standard_normal(shape)).astype("float32"))


def _parameters(latent_dim):
    """Those of `km.networks.dcgan_generator` and `dcgan_discriminator`, 28x28x1."""
    draw = np.random.default_rng(0)

    def constant(value, *shape):
        return tf.Variable(tf.fill(shape, value))

    generator = [
        _normal(draw, latent_dim, 1024),
        _normal(draw, 1024, 6272),
        _normal(draw, 4, 4, 64, 128),
        _normal(draw, 4, 4, 1, 64),
        constant(0.0, 1),
    ]
    for width in (1024, 6272, 64):
        generator += [constant(1.0, width), constant(0.0, width)]
    moments = [
        constant(value, width) for width in (1024, 6272, 64) for value in (0.0, 1.0)
    ]
    discriminator = []
    for shape in ((4, 4, 1, 64), (4, 4, 64, 128), (6272, 1024), (1024, 1)):
        discriminator += [_normal(draw, *shape), constant(0.0, shape[-1])]
    return generator, moments, discriminator


def runner(batch_size, latent_dim, precision="float32"):
    """A function that trains on `(steps, batch, 28, 28, 1)` arrays; and the sizes."""
    dtype = tf.bfloat16 if precision == "mixed_bfloat16" else tf.float32
    generator, moments, discriminator = _parameters(latent_dim)

    def normalise(x, scale, shift):
        x4 = x if len(x.shape) == 4 else x[:, None, None, :]
        y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=x4, scale=scale, offset=shift, mean=[], variance=[], epsilon=1e-5
        )
        return tf.nn.relu(tf.reshape(y, x.shape)), (mean, variance)

    def generate():
        z = tf.random.uniform((batch_size, latent_dim), -1.0, 1.0)
        first, second, third, last, bias = (tf.cast(w, dtype) for w in generator[:5])
        of_norm, moved = generator[5:], []
        x, seen = normalise(tf.cast(z, dtype) @ first, *of_norm[:2])
        moved += seen
        x, seen = normalise(x @ second, *of_norm[2:4])
        moved += seen
        x = tf.reshape(x, (batch_size, 7, 7, 128))
        x = tf.nn.conv2d_transpose(x, third, (batch_size, 14, 14, 64), 2)
        x, seen = normalise(x, *of_norm[4:])
        moved += seen
        x = tf.nn.conv2d_transpose(x, last, (batch_size, 28, 28, 1), 2)
        return tf.tanh(tf.cast(tf.nn.bias_add(x, bias), tf.float32)), moved

    def judge(weights, x):
        x = tf.cast(x, dtype)
        for kernel, bias in (weights[:2], weights[2:4]):
            x = tf.nn.bias_add(tf.nn.conv2d(x, kernel, 2, "SAME"), bias)
            x = tf.nn.leaky_relu(x, 0.2)
        x = tf.reshape(x, (batch_size, 6272))
        x = tf.nn.leaky_relu(tf.nn.bias_add(x @ weights[4], weights[5]), 0.2)
        return tf.cast(tf.nn.bias_add(x @ weights[6], weights[7]), tf.float32)

    slots = {w.ref(): [tf.Variable(tf.zeros_like(w)) for _ in "mv"] for w in generator}
    slots |= {
        w.ref(): [tf.Variable(tf.zeros_like(w)) for _ in "mv"] for w in discriminator
    }
    count = tf.Variable(0.0)

    def adam(loss, weights):
        gradients = tf.gradients(loss, weights)
        for weight, gradient in zip(weights, gradients):
            m, v = slots[weight.ref()]
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=m.handle,
                v=v.handle,
                beta1_power=0.5**count,
                beta2_power=0.999**count,
                lr=2e-4,
                beta1=0.5,
                beta2=0.999,
                epsilon=1e-7,
                grad=gradient,
            )

    def step(x):
        count.assign_add(1.0)
        fake, _ = generate()
        weights = [tf.cast(w, dtype) for w in discriminator]
        on_real, on_fake = judge(weights, x), judge(weights, tf.stop_gradient(fake))
        loss = tf.reduce_mean(tf.nn.softplus(-on_real) + tf.nn.softplus(on_fake))
        adam(loss, discriminator)
        fake, moved = generate()
        weights = [tf.cast(w, dtype) for w in discriminator]
        loss_g = tf.reduce_mean(tf.nn.softplus(-judge(weights, fake)))
        adam(loss_g, generator)
        for old, new in zip(moments, moved):
            old.assign(0.9 * old + 0.1 * new)
        return loss + loss_g

    @tf.function(autograph=False)
    def steps(batches):
        def body(i, total):
            return i + 1, total + step(batches[i])

        return tf.while_loop(lambda i, _: i < tf.shape(batches)[0], body, (0, 0.0))[1]

    def run(batches):
        return float(steps(tf.constant(batches))) / len(batches)

    sizes = [sum(w.shape.num_elements() for w in n) for n in (generator, discriminator)]
    return run, sizes
