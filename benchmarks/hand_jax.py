"""The loop a JAX user would write by hand: one jitted `lax.scan`."""

import jax
import jax.numpy as jnp


def forward(parameters, x, activation):
    for kernel, bias in zip(parameters[:-2:2], parameters[1:-2:2]):
        x = activation(x @ kernel + bias)
    return x @ parameters[-2] + parameters[-1]


def leaky(x):
    return jnp.where(x > 0, x, 0.2 * x)


def vanilla():
    def d_loss(real, fake):
        return jax.nn.softplus(-real).mean() + jax.nn.softplus(fake).mean()

    return d_loss, lambda fake: jax.nn.softplus(-fake).mean()


def mixture_density(vertices, variance=0.25):
    def log_ratio(outputs):
        e = 5.0 * jax.nn.sigmoid(outputs) - 2.5
        squared = jnp.square(e[:, None, :] - vertices).sum(-1).min(-1)
        return -squared / (2 * variance)

    def d_loss(real, fake):
        fake = jnp.minimum(log_ratio(fake), -1e-6)
        return -log_ratio(real).mean() - jnp.log(-jnp.expm1(fake)).mean()

    return d_loss, lambda fake: -log_ratio(fake).mean()


def adam(parameters, gradients, state):
    m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.5 * m + 0.5 * g, m, gradients)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
    rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.5**t)
    parameters = jax.tree.map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), parameters, m, v
    )
    return parameters, (m, v, t)


def runner(model, weights, vertices, batch_size, output_range):
    """A function that trains on `(steps, batch, 2)` arrays in one compiled scan."""
    d_loss, g_loss = vanilla() if model == "vanilla" else mixture_density(vertices)

    def generate(g, key):
        z = jax.random.uniform(key, (batch_size, 2), minval=-1.0)
        return output_range * jnp.tanh(forward(g, z, jax.nn.relu))

    def step(state, x):
        d, g, d_state, g_state, key = state
        key, first, second = jax.random.split(key, 3)
        fake = generate(g, first)
        loss, gradients = jax.value_and_grad(
            lambda d: d_loss(forward(d, x, leaky), forward(d, fake, leaky))
        )(d)
        d, d_state = adam(d, gradients, d_state)
        loss_g, gradients = jax.value_and_grad(
            lambda g: g_loss(forward(d, generate(g, second), leaky))
        )(g)
        g, g_state = adam(g, gradients, g_state)
        return (d, g, d_state, g_state, key), loss + loss_g

    scan = jax.jit(lambda state, xs: jax.lax.scan(step, state, xs), donate_argnums=0)
    d, g = (
        [jnp.asarray(w) for w in weights[name]]
        for name in ("discriminator", "generator")
    )

    def zeros(parameters):
        parts = [[jnp.zeros_like(p) for p in parameters] for _ in range(2)]
        return (*parts, jnp.zeros(()))

    box = [(d, g, zeros(d), zeros(g), jax.random.key(0))]

    def run(batches):
        box[0], losses = scan(box[0], batches)
        return float(losses.mean())

    return run
