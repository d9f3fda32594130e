"""Memory that dropped models leave behind in one process.

    python benchmarks/memory.py                 # 30 small GANs, trained and dropped
    python benchmarks/memory.py --plain         # the same with plain Keras models

Any backend: set KERAS_BACKEND to jax, tensorflow or torch. Each model is built, trained
for two steps, asked for samples and dropped. Prints a line of JSON: the growth of the
process (resident memory) by model in MB, after three models that are not counted.
"""

import argparse
import ctypes
import gc
import json
import pathlib

import keras

import keras_mdgan as km

FIRST = 3  # fill the caches of the backend
STATUS = pathlib.Path("/proc/self/status")


def resident() -> float:
    """Resident memory of this process in MB (Linux)."""
    gc.collect()
    # What glibc keeps of freed memory, to use it again, is not held by a model.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    (line,) = (x for x in STATUS.read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def train_gan(x):
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(16,)),
        km.networks.mlp_discriminator((2,), hidden=(16,)),
        km.latents.Uniform(2),
        seed=0,
    )
    gan.compile()
    gan.fit(x, batch_size=32, verbose=0)
    gan.sample(8, seed=0)


def train_plain(x):
    sizes = ((16, "relu"), (16, "relu"), (1, None))
    layers = [keras.layers.Dense(n, activation=name) for n, name in sizes]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.compile("adam", "mse")
    model.fit(x, x[:, :1], batch_size=32, verbose=0)
    model.predict_on_batch(x[:8])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=30)
    parser.add_argument("--plain", action="store_true", help="plain Keras models")
    args = parser.parse_args()
    train = train_plain if args.plain else train_gan
    x = km.datasets.ring().sample(64, seed=0)
    for _ in range(FIRST):
        train(x)
    before = resident()
    for _ in range(args.models):
        train(x)
    growth = (resident() - before) / args.models
    print(json.dumps({"backend": keras.backend.backend(), "megabytes": growth}))


if __name__ == "__main__":
    main()
