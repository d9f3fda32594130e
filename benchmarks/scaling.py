"""Steps a second on one device and on two, the batch divided between them.

    python benchmarks/scaling.py                       # two CPU cores
    python benchmarks/scaling.py --ways jax --devices 1,2,4,8   # a host with GPUs

VanillaGAN with the DCGAN of Lucic et al. (2018) on 28x28 images, one global batch. On
a CPU a device is a core: the processes are held to as many cores as there are devices.
`jax`: `keras.distribution.DataParallel` in one process; `jax_processes` and `torch`:
one process a device; `tensorflow`: a `MirroredStrategy`. Run it on a quiet machine.
"""

import argparse
import contextlib
import itertools
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import recorded

WAYS = ("jax", "jax_processes", "tensorflow", "torch")
LATENTS, STEPS = 64, 5


def environment(way, devices, cpu):
    """What each process of a run is told before it imports its backend."""
    backend = way.split("_")[0]
    settings = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if cpu:
        settings["OMP_NUM_THREADS"] = "1"
    if cpu and way == "jax":
        settings["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    return settings


def run(way, devices, batch, seconds, cpu):
    """Start a run's processes; the steps a second that the first one prints."""
    processes = devices if way in ("jax_processes", "torch") else 1
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, __file__, "--worker", way, "--devices", str(devices)]
    command += ["--batch", str(batch), "--seconds", str(seconds)]
    command += [] if cpu else ["--gpu"]
    started = []
    for rank in range(processes):
        told = {
            **os.environ,
            **environment(way, devices, cpu),
            "RANK": str(rank),
            "WORLD_SIZE": str(processes),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port),
        }
        pinned = f"0-{devices - 1}" if processes == 1 else str(rank)
        prefix = ["taskset", "-c", pinned] if cpu else []
        output = subprocess.PIPE if rank == 0 else subprocess.DEVNULL
        started.append(
            subprocess.Popen(
                prefix + command,
                env=told,
                stdout=output,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
    try:
        printed, _ = started[0].communicate(timeout=600)
    finally:
        for process in started:
            process.kill()
    return json.loads(printed.splitlines()[-1])


@contextlib.contextmanager
def distribution(way, devices, cpu):
    """The context in which the model is made and trained."""
    import keras

    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if way == "jax_processes" and world > 1:
        address = f"127.0.0.1:{os.environ['MASTER_PORT']}"
        keras.distribution.initialize(address, world, rank)
    if way.startswith("jax") and devices > 1:
        with keras.distribution.DataParallel().scope():
            yield
    elif way == "tensorflow":
        import tensorflow as tf

        kind = "CPU" if cpu else "GPU"
        physical = tf.config.list_physical_devices(kind)
        if cpu:
            tf.config.set_logical_device_configuration(
                physical[0], [tf.config.LogicalDeviceConfiguration()] * devices
            )
        if devices == 1:
            yield
        else:
            names = [f"{kind}:{i}" for i in range(devices)]
            with tf.distribute.MirroredStrategy(names).scope():
                yield
    elif way == "torch":
        import torch

        if cpu:
            torch.set_num_threads(1)
        else:
            torch.cuda.set_device(rank)
        if world > 1:
            torch.distributed.init_process_group("gloo" if cpu else "nccl")
        yield
    else:
        yield


def work(way, devices, batch, seconds, cpu):
    """Train for so long after a warm-up; print steps a second."""
    import keras
    import numpy as np

    with distribution(way, devices, cpu):
        import keras_mdgan as km

        keras.utils.set_random_seed(0)
        gan = km.VanillaGAN(
            km.networks.dcgan_generator((28, 28, 1), LATENTS, seed=0),
            km.networks.dcgan_discriminator((28, 28, 1), seed=1),
            km.latents.Uniform(LATENTS),
            seed=0,
        )
        gan.compile(keras.optimizers.Adam(2e-4, 0.5))
        images = np.random.default_rng(0).integers(
            0, 256, (STEPS * batch, 28, 28, 1), dtype="uint8"
        )
        data = km.datasets.ShuffledBatches(
            images, batch_size=batch, transform=km.datasets.to_unit_range
        )
        gan.fit(data, epochs=1, verbose=0)
        began = time.perf_counter()
        gan.fit(data, epochs=1, verbose=0)
        # Every process trains the same number of epochs: they wait for each other.
        epochs = int(gan.agreed(max(1, round(seconds / (time.perf_counter() - began)))))
        began = time.perf_counter()
        gan.fit(data, epochs=epochs, verbose=0)
        rate = STEPS * epochs / (time.perf_counter() - began)
    print(json.dumps(rate))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--devices", default="1,2")
    parser.add_argument("--batch", default="128,512")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--gpu", action="store_true", help="devices are GPUs")
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    cpu = not options.gpu
    if options.worker:
        devices, batch = int(options.devices), int(options.batch)
        work(options.worker, devices, batch, options.seconds, cpu)
        return
    records = recorded.read(options.out, "scaling") or []
    ways, *numbers = (
        text.split(",") for text in (options.ways, options.devices, options.batch)
    )
    for way, devices, batch in itertools.product(ways, *(map(int, n) for n in numbers)):
        rate = run(way, devices, batch, options.seconds, cpu)
        record = {
            "way": way,
            "device": "cpu core" if cpu else "gpu",
            "devices": devices,
            "batch": batch,
            "steps_per_second": round(rate, 2),
        }
        key = ("way", "device", "devices", "batch")
        records = [r for r in records if any(r[k] != record[k] for k in key)]
        records.append(record)
        print(record, flush=True)
        recorded.write(options.out, "scaling", records)


if __name__ == "__main__":
    main()
