"""Images a second of the input pipelines, on one core.

    KERAS_MDGAN_DATA=... python benchmarks/input_pipeline.py --out results/benchmarks

For MNIST, CIFAR-10 and a memory-mapped file of 64 x 64 colour images: batches of the
library's source one by one, 10 and 50 at once (`steps_per_execution`), the same left
as bytes, for a device that scales them, and `tf.data`, which shuffles, and scales image
by image or whole batches. Pipelines take turns, the median of
their rounds counts. Time is the processor's, of all threads, so that others on the
machine do not count. Nothing is trained.
"""

import argparse
import functools
import json
import os
import pathlib
import platform
import statistics
import tempfile
import time

import recorded

os.environ.setdefault("KERAS_BACKEND", "jax")
CORE = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
if CORE is not None:
    os.sched_setaffinity(0, {CORE})

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

import keras_mdgan as km  # noqa: E402
from keras_mdgan.datasets.serving import serve  # noqa: E402

BATCH, ROUNDS, BUFFER = 64, 7, 10_000
AHEAD = tf.data.AUTOTUNE


def mapped(folder, n=50_000):
    """Random bytes in the form of CelebA's cache, and labels."""
    path, generator = pathlib.Path(folder) / "x.npy", np.random.default_rng(0)
    shape = (n, 64, 64, 3)
    x = np.lib.format.open_memmap(path, mode="w+", dtype="uint8", shape=shape)
    for start in range(0, n, 1000):
        x[start : start + 1000] = generator.integers(
            0, 256, (1000, 64, 64, 3), dtype="uint8"
        )
    x.flush()
    return np.load(path, mmap_mode="r"), np.zeros(n, "int64")


def of_source(source, at_once, limit):
    position, last = 0, min(len(source), limit // BATCH)
    while position < last:
        if at_once == 1:
            x = source.at(position)[0][None]
        else:
            x = source.take(position, min(at_once, last - position))[0]
        position += len(x)
        yield len(x) * BATCH


def scaled(image, label):
    return tf.cast(image, "float32") / 127.5 - 1.0, label


def of_tf_data(dataset, limit):
    for image, _ in dataset.take(limit // BATCH):
        yield len(image)


def pipelines(images, labels):
    floats = serve(images, labels, "batches", BATCH, 0)
    bytes_ = km.datasets.ShuffledBatches(images, labels, batch_size=BATCH)
    data = serve(images, labels, "tf.data").shuffle(BUFFER, seed=0)
    each = data.map(scaled).batch(BATCH, drop_remainder=True).prefetch(AHEAD)
    whole = data.batch(BATCH, drop_remainder=True).map(scaled).prefetch(AHEAD)
    ways = {}
    for name, source in (("batches", floats), ("batches left as bytes", bytes_)):
        for count in (1, 10, 50):
            read = functools.partial(of_source, source, count)
            ways[f"{name}, {count} at once"] = read
    ways["tf.data scaling images"] = functools.partial(of_tf_data, each)
    ways["tf.data scaling batches"] = functools.partial(of_tf_data, whole)
    return ways


def rate(pipeline, limit):
    began = time.process_time()
    read = sum(pipeline(limit))
    return read / (time.process_time() - began)


def measure(images, labels, limit):
    ways = pipelines(images, labels)
    rounds = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, pipeline in ways.items():
            rounds[name].append(rate(pipeline, limit))
    return {name: round(statistics.median(values)) for name, values in rounds.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--images", type=int, default=20_000, help="read in a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            "mnist": lambda: km.datasets.load("mnist"),
            "cifar10": lambda: km.datasets.load("cifar10"),
            "64x64x3, memory-mapped": lambda: mapped(folder),
        }
        rates = {}
        for name, get in sets.items():
            rates[name] = measure(*get(), options.images)
            print(name, json.dumps(rates[name], indent=1), flush=True)
    record = {
        "unit": "images a second of processor time",
        "batch_size": BATCH,
        "cores": 1 if CORE is not None else os.cpu_count(),
        "machine": platform.machine(),
        "numpy": np.__version__,
        "tensorflow": tf.__version__,
        "rates": rates,
    }
    recorded.write(options.out, "input_pipeline", record)


if __name__ == "__main__":
    main()
