"""Losses and gradients: the same on every backend, and right."""

import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
from scipy.stats import multivariate_normal

import keras_mdgan as km
from keras_mdgan.training.backends import engine
from keras_mdgan.training.draws import HostDraws
from support import PYTHONPATH
from support.battery import ROWS, networks, samples, slug

BACKENDS = ("tensorflow", "jax", "torch")


def losses_and_gradients(name, model, batch):
    """Every player's loss, logs and gradients, with latents from NumPy."""
    model.draws = HostDraws(11)
    found = {}
    for player in model.players():
        loss_of = getattr(model, f"{player.name}_loss")
        (loss, logs), gradients = engine.value_and_grad(
            lambda loss_of=loss_of: loss_of(batch), player.variables
        )
        values = {"loss": loss, **logs, **dict(enumerate(gradients))}
        for key, value in values.items():
            array = keras.ops.convert_to_numpy(value)
            found[f"{name}/{player.name}/{key}"] = array
    return found


def everything(folder):
    """For a process of its own: models from this backend's neighbours' weights."""
    found = {}
    for name, row in ROWS.items():
        print(name, flush=True)  # the last line names the row that failed
        model = row.make(seed=0)
        path = pathlib.Path(folder) / f"{slug(name)}.npz"
        with np.load(path) as weights:
            model.set_weights([weights[k] for k in sorted(weights.files)])
        batch = tuple(map(keras.ops.convert_to_tensor, samples(model, 12, seed=5)))
        batch = batch if model.uses_labels else batch[0]
        found.update(losses_and_gradients(name, model, batch))
    np.savez(pathlib.Path(folder) / f"{keras.backend.backend()}_found.npz", **found)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    if keras.backend.backend() != "jax":
        pytest.skip("compares all three backends once, in the suite on JAX")
    folder = tmp_path_factory.mktemp("agreement")
    for name, row in ROWS.items():
        weights = row.make(seed=0).get_weights()
        numbered = {f"{i:03d}": w for i, w in enumerate(weights)}
        np.savez(folder / f"{slug(name)}.npz", **numbered)
    for backend in BACKENDS:
        pytest.importorskip(backend)
        done = subprocess.run(
            [sys.executable, __file__, str(folder)],
            env=dict(
                os.environ,
                KERAS_BACKEND=backend,
                PYTHONPATH=PYTHONPATH,
            ),
            capture_output=True,
            text=True,
        )
        where = f"{done.stdout.splitlines()[-1:]} on {backend}"
        assert done.returncode == 0, f"{where}: {done.stderr[-2000:]}"
    return {
        backend: dict(np.load(folder / f"{backend}_found.npz")) for backend in BACKENDS
    }


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_backends_agree(found, backend):
    assert set(found[backend]) == set(found["jax"])
    for name, wanted in found["jax"].items():
        # 1e-5 of the tensor's own size: single elements near 0 are sums that cancel.
        size = np.abs(wanted).max()
        np.testing.assert_allclose(
            found[backend][name],
            wanted,
            rtol=1e-5,
            atol=1e-5 * size + 1e-9,
            err_msg=name,
        )


def test_mixture_density_losses_equal_a_float64_reference():
    """Networks, SciPy's normal densities and eq. (4) in NumPy, in float64."""
    gan = km.MixtureDensityGAN(
        **networks(outputs=3),
        variance_real=0.28,
        variance_fake=0.25,
        generator_loss="minimax",
        seed=0,
    )
    x = km.datasets.ring().sample(12, seed=5)
    got = losses_and_gradients("MixtureDensityGAN", gan, keras.ops.convert_to_tensor(x))
    z = HostDraws(11)
    d, g = (
        [w.astype("float64") for w in net.get_weights()]
        for net in (gan.discriminator, gan.generator)
    )

    def generate(latents):
        hidden = np.maximum(latents @ g[0] + g[1], 0.0)
        return 2.0 * np.tanh(hidden @ g[2] + g[3])

    def embed(x):
        hidden = x @ d[0] + d[1]
        hidden = np.where(hidden > 0, hidden, 0.2 * hidden) @ d[2] + d[3]
        return 5.0 / (1.0 + np.exp(-hidden)) - 2.5

    def lk(e, variance):
        return np.max(
            [
                multivariate_normal(v, variance).pdf(e)
                for v in gan.mixture_real.vertices
            ],
            axis=0,
        )

    peak = {v: (2 * np.pi * v) ** (-3 / 2) for v in (0.28, 0.25)}
    fake = embed(generate(z.uniform((12, 3), -1, 1).astype("float64")))
    d_loss = -np.mean(np.log(lk(embed(x.astype("float64")), 0.28))) - np.mean(
        np.log(peak[0.25] - lk(fake, 0.25))
    )
    normalised = d_loss + np.log(peak[0.28]) + np.log(peak[0.25])
    np.testing.assert_allclose(
        got["MixtureDensityGAN/discriminator/loss"], normalised, rtol=1e-5
    )
    fake = embed(generate(z.uniform((12, 3), -1, 1).astype("float64")))
    g_loss = np.mean(np.log(peak[0.25] - lk(fake, 0.25))) - np.log(peak[0.25])
    np.testing.assert_allclose(
        got["MixtureDensityGAN/generator/loss"], g_loss, rtol=1e-5
    )


if __name__ == "__main__":
    everything(sys.argv[1])
