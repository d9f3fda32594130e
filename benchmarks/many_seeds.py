"""Time of five seeds trained by one program, beside one seed's, on the grid.

    KERAS_BACKEND=jax python benchmarks/many_seeds.py --out results/benchmarks

MD-GAN under the setting `plain`: `fit` of one seed, then one program (the experiments'
`--vmap`) of one seed and of all. After compilation and without evaluations; rounds of
all ways in turn, the median of each, the device waited for. The host's shuffling is
part of every time. The goal, for a GPU: five seeds in at most 1.5 of the time of one.
Run it on a quiet machine.
"""

import argparse
import os
import shlex
import statistics
import sys
import time
import warnings

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import recorded

from keras_mdgan.datasets import dataset
from keras_mdgan.experiments.many_seeds import check_backend
from keras_mdgan.recipes import SETTINGS
from keras_mdgan.saving.versions import versions

SETTING, MODEL, DATA = "plain", "mixture_density", "grid"


def build(seed):
    """A compiled model and its data."""
    data = dataset(DATA)
    setting = SETTINGS[SETTING].on(data)
    with warnings.catch_warnings():
        # The authors' mixture is one bell at the origin, and the library says so.
        warnings.filterwarnings("ignore", "The vertices of", UserWarning)
        gan = setting.build(MODEL, data, seed)
    return gan, data.as_dataset(setting.n_points, setting.batch_size, seed=seed)


def fit_of_one():
    gan, source = build(0)

    def train(epochs):
        history = gan.fit(source, epochs=epochs, verbose=0).history
        return history["loss"][-1]  # on the host: the device is done

    return train


def program_of(seeds):
    from keras_mdgan.training.backends.jax_vmapped import VmappedModels

    gans, sources = zip(*[build(seed) for seed in range(seeds)])
    models, length = VmappedModels(gans), len(sources[0])
    position = 0

    def train(epochs):
        nonlocal position
        for _ in range(epochs):
            logs = models.train_epoch([s.take(position, length) for s in sources])
            position += length
        return np.asarray(logs["loss"])  # waits for the device

    return train


def measure(seeds, steps, rounds):
    """Median seconds of `steps` training steps, for each way."""
    epochs = -(-steps // SETTINGS[SETTING].on(dataset(DATA)).steps_per_epoch)
    ways = {
        "fit, 1 seed": fit_of_one(),
        "one program, 1 seed": program_of(1),
        f"one program, {seeds} seeds": program_of(seeds),
    }
    for train in ways.values():
        train(1)
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, train in ways.items():
            began = time.perf_counter()
            final = train(epochs)
            seconds[name].append(time.perf_counter() - began)
            assert np.all(np.isfinite(final)), name
    return {name: statistics.median(values) for name, values in seconds.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="results/benchmarks")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    check_backend()
    import jax

    seconds = measure(options.seeds, options.steps, options.rounds)
    one, program_of_one, many = seconds.values()
    device = jax.devices()[0]
    result = {
        "device": f"{device.platform}: {device.device_kind}",
        "model": MODEL,
        "setting": SETTING,
        "data": DATA,
        "seeds": options.seeds,
        "steps": options.steps,
        "rounds": options.rounds,
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "program_to_fit_of_one": round(many / one, 3),
        "program_to_program_of_one": round(many / program_of_one, 3),
        "command": shlex.join(["python", "benchmarks/many_seeds.py", *sys.argv[1:]]),
        "versions": versions(),
    }
    recorded.write(options.out, "many_seeds", result)
    print(f"{result['device']}, {options.steps} steps:")
    for name, value in seconds.items():
        print(f"  {name:22} {value:8.3f} s   {value / one:5.2f} of one seed's fit")


if __name__ == "__main__":
    main()
