"""The loop a TensorFlow user would write by hand: one XLA-compiled loop."""

import tensorflow as tf


def forward(parameters, x, activation):
    for kernel, bias in zip(parameters[:-2:2], parameters[1:-2:2]):
        x = activation(x @ kernel + bias)
    return x @ parameters[-2] + parameters[-1]


def leaky(x):
    return tf.nn.leaky_relu(x, 0.2)


def vanilla():
    def d_loss(real, fake):
        return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(
            tf.nn.softplus(fake)
        )

    return d_loss, lambda fake: tf.reduce_mean(tf.nn.softplus(-fake))


def mixture_density(vertices, variance=0.25):
    vertices = tf.constant(vertices)

    def log_ratio(outputs):
        e = 5.0 * tf.sigmoid(outputs) - 2.5
        squared = tf.reduce_sum(tf.square(e[:, None, :] - vertices), -1)
        return -tf.reduce_min(squared, -1) / (2 * variance)

    def d_loss(real, fake):
        fake = tf.minimum(log_ratio(fake), -1e-6)
        return -tf.reduce_mean(log_ratio(real)) - tf.reduce_mean(
            tf.math.log(-tf.math.expm1(fake))
        )

    return d_loss, lambda fake: -tf.reduce_mean(log_ratio(fake))


class Adam:
    def __init__(self, parameters):
        self.m = [tf.Variable(tf.zeros_like(p)) for p in parameters]
        self.v = [tf.Variable(tf.zeros_like(p)) for p in parameters]
        self.t = tf.Variable(0.0)

    def apply(self, parameters, gradients):
        self.t.assign_add(1.0)
        rate = 1e-3 * tf.sqrt(1 - 0.999**self.t) / (1 - 0.5**self.t)
        for p, g, m, v in zip(parameters, gradients, self.m, self.v):
            m.assign(0.5 * m + 0.5 * g)
            v.assign(0.999 * v + 0.001 * g * g)
            p.assign_sub(rate * m / (tf.sqrt(v) + 1e-7))


def runner(model, weights, vertices, batch_size, output_range):
    """A function that trains on `(steps, batch, 2)` arrays in one compiled loop.

    Latents come from stateless, seeded draws, as in the library: a run that can be
    repeated.
    """
    d, g = (
        [tf.Variable(w) for w in weights[name]]
        for name in ("discriminator", "generator")
    )
    d_loss, g_loss = vanilla() if model == "vanilla" else mixture_density(vertices)
    d_adam, g_adam = Adam(d), Adam(g)
    seed = tf.Variable([0, 0], dtype=tf.int64)

    def generate():
        seed.assign_add([0, 1])
        z = tf.random.stateless_uniform((batch_size, 2), seed, -1.0, 1.0)
        return output_range * tf.tanh(forward(g, z, tf.nn.relu))

    def step(x):
        fake = generate()
        with tf.GradientTape() as tape:
            loss = d_loss(forward(d, x, leaky), forward(d, fake, leaky))
        d_adam.apply(d, tape.gradient(loss, d))
        with tf.GradientTape() as tape:
            loss_g = g_loss(forward(d, generate(), leaky))
        g_adam.apply(g, tape.gradient(loss_g, g))
        return loss + loss_g

    @tf.function(jit_compile=True)
    def loop(batches):
        total = tf.zeros(())
        for i in tf.range(tf.shape(batches)[0]):
            total += step(batches[i])
        return total

    return lambda batches: float(loop(tf.constant(batches))) / len(batches)
