"""Trains on one device and on several: `python -m support.divided FOLDER ROWS...`.

The backend is that of `KERAS_BACKEND`: JAX with `keras.distribution.DataParallel`,
TensorFlow with a `MirroredStrategy`, PyTorch with two processes of
`torch.distributed`. `PROCESSES=2` makes JAX, too, run as two processes. Each process
writes, as JSON, how far the run on several devices is from the run on one.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys

BACKEND, DEVICES = os.environ["KERAS_BACKEND"], 2
PROCESSES = 2 if BACKEND == "torch" else int(os.environ.get("PROCESSES", "1"))
RANK = int(os.environ.get("RANK", "-1"))


def start(folder, names):
    """Run this script `PROCESSES` times, with an address to meet at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {**os.environ, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    environment["WORLD_SIZE"] = str(PROCESSES)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "support.divided", folder, *names],
            env={**environment, "RANK": str(rank)},
        )
        for rank in range(PROCESSES)
    ]
    sys.exit(max(process.wait() for process in started))


if PROCESSES > 1 and RANK < 0:
    start(sys.argv[1], sys.argv[2:])

if BACKEND == "jax":
    os.environ["XLA_FLAGS"] = (
        f"--xla_force_host_platform_device_count={4 // PROCESSES} "
        "--xla_backend_optimization_level=0"
    )
if BACKEND == "tensorflow":
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * DEVICES,
    )

import keras  # noqa: E402
import numpy as np  # noqa: E402

import keras_mdgan as km  # noqa: E402
from support.battery import ROWS  # noqa: E402
from support.process import variables_of  # noqa: E402

if BACKEND == "jax" and PROCESSES > 1:
    address = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
    keras.distribution.initialize(address, PROCESSES, RANK)
if BACKEND == "tensorflow":
    # One for all: TensorFlow mixes up the messages of two strategies of a process.
    STRATEGY = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(DEVICES)])
if BACKEND == "torch":
    import torch

    torch.set_num_threads(1)


@contextlib.contextmanager
def several():
    """The context in which a model is made, and trained, on several devices."""
    if BACKEND == "jax":
        with keras.distribution.DataParallel().scope():
            yield
    elif BACKEND == "tensorflow":
        with STRATEGY.scope():
            yield
    else:
        torch.distributed.init_process_group("gloo")
        try:
            yield
        finally:
            torch.distributed.destroy_process_group()


def dcgan(seed):
    """Batch normalisation in both networks, and two updates of the critic a step."""
    return km.VanillaGAN(
        km.networks.dcgan_generator((8, 8, 1), seed=1),
        km.networks.dcgan_discriminator((8, 8, 1), 1, True, seed=2),
        km.latents.Uniform(3),
        critic_steps=2,
        seed=seed,
    )


def make(name, seed=0):
    gan = dcgan(seed) if name == "dcgan" else ROWS[name].make(seed=seed)
    # Adam makes much of rounding: of a gradient that is zero but for it, as that of a
    # bias which cancels out of the loss, and in deep networks.
    steady = name == "dcgan" or ROWS[name].still
    optimizer = keras.optimizers.SGD(1e-4) if steady else None
    gan.compile(optimizer, jit_compile=BACKEND == "jax")
    return gan


def data_for(gan):
    x = np.random.default_rng(0).uniform(-1, 1, (240, *gan.data_shape))
    x = x.astype("float32")
    return (x, np.arange(240) % gan.n_outputs) if gan.uses_labels else (x,)


def fit(gan, epochs, **kwargs):
    return gan.fit(
        *data_for(gan), batch_size=80, epochs=epochs, verbose=0, **kwargs
    ).history


def distance(first, second):
    """The largest difference of the numbers that two models' runs depend on."""
    pairs = zip(variables_of(first), variables_of(second))
    return max(_off(1.0 * a.numpy(), 1.0 * b.numpy()) for a, b in pairs)


def _off(a, b):
    return float(np.max(np.abs(a - b) / np.maximum(1.0, np.abs(a))))


def compare(name, folder):
    one = make(name)
    wanted = fit(one, 2)
    path = folder / f"{name}.keras"
    with several():
        # On PyTorch every process begins with the first one's seed and weights.
        divided = make(name, seed=max(RANK, 0) if BACKEND == "torch" else 0)
        got = fit(divided, 1)
        divided.save(path)
        # Local, since other processes may not be there yet.
        samples = divided.sample(5, seed=0)
        logs = {key: abs(values[0] - wanted[key][0]) for key, values in got.items()}
        rest = fit(divided, 1)
        for key, values in rest.items():
            logs[key] = max(logs[key], abs(values[0] - wanted[key][1]))
        assert divided.shares > 1
        losses = divided.evaluate(*data_for(divided), batch_size=80, verbose=0)
    found = {"logs": max(logs.values()), "weights": distance(one, divided)}
    alone = one.evaluate(*data_for(one), batch_size=80, verbose=0)
    found["evaluation"] = max(abs(losses[key] - alone[key]) for key in alone)
    if RANK <= 0:
        alone = km.load_model(path)
        assert np.allclose(alone.sample(5, seed=0), samples, atol=1e-5)
        fit(alone, 1)
        found["resumed alone"] = distance(one, alone)
    return found


def refusals():
    """What is said about batches that cannot be divided, and layers that would err."""
    with several():
        gan = make("MixtureDensityGAN")
        x = np.zeros((10, 2), "float32")
        found = {"batch": _said(lambda: gan.fit(x, batch_size=5, verbose=0))}
        for layer in (keras.layers.BatchNormalization(), keras.layers.Dropout(0.5)):
            critic = keras.Sequential([keras.Input((2,)), layer, keras.layers.Dense(1)])
            gan = km.VanillaGAN(
                km.networks.mlp_generator((2,)), critic, km.latents.Uniform(3)
            )
            gan.compile(jit_compile=False)
            found[type(layer).__name__] = _said(lambda: gan.fit(x, batch_size=4))  # noqa: B023
    return found


def _said(call):
    try:
        call()
    except ValueError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    found = {name: compare(name, folder) for name in sys.argv[2:] or [*ROWS, "dcgan"]}
    found["refusals"] = refusals()
    (folder / f"found_{max(RANK, 0)}.json").write_text(json.dumps(found))
