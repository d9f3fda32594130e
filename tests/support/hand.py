"""Small networks, and a player's loss against one written out in NumPy."""

import keras
import numpy as np

from keras_mdgan.training.backends import engine
from keras_mdgan.training.draws import HostDraws

NETWORKS = (
    "generator",
    "discriminator",
    "encoder",
    "diffusion_discriminator",
    "latents",
)


def mlp(*sizes, seed=0):
    """Dense layers with random weights, `tanh` between them; `run` is its double."""
    layers = [keras.layers.Dense(size, activation="tanh") for size in sizes[1:-1]]
    network = keras.Sequential(
        [keras.Input((sizes[0],)), *layers, keras.layers.Dense(sizes[-1])]
    )
    rng = np.random.default_rng(seed)
    network.set_weights([rng.normal(0, 0.8, w.shape) for w in network.get_weights()])
    return network


def pair_mlp(data_dim, latent_dim, hidden=4, seed=0):
    """The same for `[data, latents]`, joined."""
    inputs = [keras.Input((data_dim,)), keras.Input((latent_dim,))]
    inner = mlp(data_dim + latent_dim, hidden, 1, seed=seed)
    return keras.Model(inputs, inner(keras.layers.Concatenate()(inputs)))


def linear(kernel, bias=0.0):
    """`x kernel + bias`."""
    kernel = np.array(kernel, "float32")
    network = mlp(*kernel.shape)
    network.set_weights([kernel, np.full(kernel.shape[1], bias)])
    return network


def run(weights, x):
    """What an `mlp` with these weights makes of `x`, float64."""
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2]):
        x = np.tanh(x @ kernel + bias)
    return x @ weights[-2] + weights[-1]


def batch(n=6, dim=2, seed=1):
    return np.random.default_rng(seed).normal(size=(n, dim)).astype("float32")


def softplus(x):
    return np.logaddexp(0.0, x)


def mean_softplus(x):
    return np.mean(softplus(x))


def array(x):
    return keras.ops.convert_to_numpy(x)


def tensors(data):
    return keras.tree.map_structure(keras.ops.convert_to_tensor, data)


def loss_of(model, player, data, seed=3, variables=()):
    """A player's loss, logs and gradients, with numbers from `HostDraws(seed)`."""
    model.draws = HostDraws(seed)
    variables = list(variables) or model.trainable_variables
    (loss, logs), gradients = engine.value_and_grad(
        lambda: getattr(model, f"{player}_loss")(tensors(data)), variables
    )
    logs = {name: float(array(value)) for name, value in logs.items()}
    return float(array(loss)), logs, [array(g) for g in gradients]


def numeric_gradients(objective, arrays, step=1e-6):
    """Central differences of a function of float64 arrays, which it changes."""
    gradients = [np.zeros_like(a) for a in arrays]
    for a, gradient in zip(arrays, gradients):
        for index in np.ndindex(a.shape):
            start = a[index]
            a[index] = start + step
            above = objective()
            a[index] = start - step
            gradient[index] = (above - objective()) / (2 * step)
            a[index] = start
    return gradients


def close(got, wanted, rtol=2e-4, message=""):
    """Equal up to float32, relative to the largest element."""
    size = np.abs(wanted).max() if np.size(wanted) else 0.0
    np.testing.assert_allclose(
        got, wanted, rtol=rtol, atol=0.1 * rtol * size + 1e-6, err_msg=message
    )


def check(model, player, data, objective, networks=None, seed=3):
    """Compare a player's loss and gradients with an objective in NumPy.

    Gradients of the networks that the player owns must be the objective's, by central
    differences; in a discriminator's turn none may reach the others.

    Args:
        objective: takes a dictionary from the networks' names to lists of float64
            weights, and a `HostDraws` with the numbers the model draws.
        networks: layers by name; by default the model's attributes in `NETWORKS`.

    Returns:
        The loss and what the model logs.
    """
    if networks is None:
        found = {name: getattr(model, name, None) for name in NETWORKS}
        networks = {k: v for k, v in found.items() if v is not None}
    variables = {k: v.trainable_variables for k, v in networks.items()}
    flat = [v for vs in variables.values() for v in vs]
    loss, logs, gradients = loss_of(model, player, data, seed, flat)
    weights = {
        k: [np.array(v.numpy(), "float64") for v in vs] for k, vs in variables.items()
    }
    close(loss, objective(weights, HostDraws(seed)), rtol=1e-5)

    owner = {p.name: {id(v) for v in p.variables} for p in model.players()}[player]
    arrays = [a for vs in weights.values() for a in vs]
    owned = [(v, a, g) for v, a, g in zip(flat, arrays, gradients) if id(v) in owner]
    assert {id(v) for v, _, _ in owned} == owner
    wanted = numeric_gradients(
        lambda: objective(weights, HostDraws(seed)), [a for _, a, _ in owned]
    )
    for (variable, _, gradient), by_hand in zip(owned, wanted):
        close(gradient, by_hand, message=variable.path)
    if "generator" not in player:
        for v, g in zip(flat, gradients):
            assert id(v) in owner or not g.any(), v.path
    return loss, logs
