"""The DCGAN loop a JAX user would write by hand: one jitted `lax.scan`."""

import jax
import jax.numpy as jnp
import numpy as np
from hand_jax import adam, leaky
from jax import lax

LAYOUT = ("NHWC", "HWIO", "NHWC")


def normal(generator, *shape):
    return jnp.asarray(0.02 * generator.standard_normal(shape), "float32")


def parameters(latent_dim):
    """Those of `km.networks.dcgan_generator` and `dcgan_discriminator`, 28x28x1."""
    draw = np.random.default_rng(0)

    def scale_and_shift(width):
        return [jnp.ones(width), jnp.zeros(width)]

    generator = {
        "dense": [normal(draw, latent_dim, 1024), normal(draw, 1024, 6272)],
        "convolutions": [normal(draw, 4, 4, 128, 64), normal(draw, 4, 4, 64, 1)],
        "bias": jnp.zeros(1),
        "normalised": [scale_and_shift(width) for width in (1024, 6272, 64)],
    }
    moments = [[jnp.zeros(w), jnp.ones(w)] for w in (1024, 6272, 64)]
    discriminator = {
        "convolutions": [
            [normal(draw, 4, 4, 1, 64), jnp.zeros(64)],
            [normal(draw, 4, 4, 64, 128), jnp.zeros(128)],
        ],
        "dense": [
            [normal(draw, 6272, 1024), jnp.zeros(1024)],
            [normal(draw, 1024, 1), jnp.zeros(1)],
        ],
    }
    return generator, moments, discriminator


def in_dtype(tree, dtype):
    return jax.tree.map(lambda x: x.astype(dtype), tree)


def normalise(x, scale_and_shift, moments):
    axes, dtype = tuple(range(x.ndim - 1)), x.dtype
    x = x.astype("float32")
    mean, variance = x.mean(axes), x.var(axes)
    moved = [0.9 * old + 0.1 * new for old, new in zip(moments, (mean, variance))]
    scale, shift = scale_and_shift
    y = (x - mean) * (scale * lax.rsqrt(variance + 1e-5)) + shift
    return y.astype(dtype), moved


def generate(p, moments, z, dtype):
    moved, z = [], z.astype(dtype)
    p = {**p, **in_dtype({k: p[k] for k in ("dense", "convolutions", "bias")}, dtype)}
    for i, kernel in enumerate(p["dense"]):
        z, moments_now = normalise(z @ kernel, p["normalised"][i], moments[i])
        z = jax.nn.relu(z)
        moved.append(moments_now)
    x = z.reshape(-1, 7, 7, 128)
    first, second = p["convolutions"]
    x = lax.conv_transpose(x, first, (2, 2), "SAME", dimension_numbers=LAYOUT)
    x, moments_now = normalise(x, p["normalised"][2], moments[2])
    x = lax.conv_transpose(
        jax.nn.relu(x), second, (2, 2), "SAME", dimension_numbers=LAYOUT
    )
    return jnp.tanh((x + p["bias"]).astype("float32")), [*moved, moments_now]


def judge(p, x, dtype):
    p, x = in_dtype(p, dtype), x.astype(dtype)
    for kernel, bias in p["convolutions"]:
        x = lax.conv_general_dilated(
            x, kernel, (2, 2), "SAME", dimension_numbers=LAYOUT
        )
        x = leaky(x + bias)
    (first, bias), (last, last_bias) = p["dense"]
    x = leaky(x.reshape(len(x), -1) @ first + bias)
    return (x @ last + last_bias).astype("float32")


def runner(batch_size, latent_dim, precision="float32"):
    """A function that trains on `(steps, batch, 28, 28, 1)` arrays; and the sizes."""

    dtype = "bfloat16" if precision == "mixed_bfloat16" else "float32"

    def step(state, x):
        d, g, moments, d_state, g_state, key = state
        key, first, second = jax.random.split(key, 3)

        def latents(key):
            return jax.random.uniform(key, (batch_size, latent_dim), minval=-1.0)

        fake, moments = generate(g, moments, latents(first), dtype)

        def d_loss(d):
            on_real, on_fake = judge(d, x, dtype), judge(d, fake, dtype)
            return jax.nn.softplus(-on_real).mean() + jax.nn.softplus(on_fake).mean()

        loss, gradients = jax.value_and_grad(d_loss)(d)
        d, d_state = adam(d, gradients, d_state)

        def g_loss(g):
            fake, moved = generate(g, moments, latents(second), dtype)
            return jax.nn.softplus(-judge(d, fake, dtype)).mean(), moved

        (loss_g, moments), gradients = jax.value_and_grad(g_loss, has_aux=True)(g)
        g, g_state = adam(g, gradients, g_state)
        return (d, g, moments, d_state, g_state, key), loss + loss_g

    if jax.default_backend() == "cpu":  # where XLA's convolutions are slow in a loop
        one = jax.jit(step, donate_argnums=0)

        def steps(state, batches):
            losses = []
            for batch in batches:
                state, loss = one(state, batch)
                losses.append(loss)
            return state, jnp.stack(losses)

    else:
        steps = jax.jit(lambda state, xs: lax.scan(step, state, xs), donate_argnums=0)
    g, moments, d = parameters(latent_dim)

    def start(p):
        return (*(jax.tree.map(jnp.zeros_like, p) for _ in range(2)), jnp.zeros(()))

    box = [(d, g, moments, start(d), start(g), jax.random.key(0))]

    def run(batches):
        box[0], losses = steps(box[0], batches)
        return float(losses.mean())

    return run, [sum(a.size for a in jax.tree.leaves(p)) for p in (g, d)]
