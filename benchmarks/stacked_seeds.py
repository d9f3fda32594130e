"""Time of five seeds trained by one program, beside one seed's, on the grid.

    KERAS_BACKEND=jax python benchmarks/stacked_seeds.py --out results/benchmarks

MD-GAN under the setting `plain`: `fit` of one seed, then stacks (the experiments'
`--stack`) of one seed and of all. After compilation and without evaluations; rounds of
all ways in turn, the median of each, the device waited for. The host's shuffling is
part of every time. The goal, for a GPU: five seeds in at most 1.5 of the time of one.
Run it on a quiet machine.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import sys
import time
import warnings

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from keras_mdgan.experiments import DATA, SETTINGS
from keras_mdgan.experiments.record import versions
from keras_mdgan.experiments.stacked import check_backend

SETTING, MODEL, TOY = "plain", "mixture_density", "grid"


def build(seed):
    """A compiled model and its data."""
    setting = SETTINGS[SETTING]
    data = DATA[TOY].make()
    with warnings.catch_warnings():
        # The authors' mixture is one bell at the origin, and the library says so.
        warnings.filterwarnings("ignore", "The vertices of", UserWarning)
        gan = setting.build(MODEL, TOY, seed)
    return gan, data.as_dataset(setting.n_points, setting.batch_size, seed=seed)


def fit_of_one():
    gan, source = build(0)

    def train(epochs):
        history = gan.fit(source, epochs=epochs, verbose=0).history
        return history["loss"][-1]  # on the host: the device is done

    return train


def stack_of(seeds):
    from keras_mdgan.training.backends.jax_vmapped import VmappedModels as Stack

    gans, sources = zip(*[build(seed) for seed in range(seeds)])
    stack, length = Stack(gans), len(sources[0])
    position = 0

    def train(epochs):
        nonlocal position
        for _ in range(epochs):
            logs = stack.train_epoch([s.take(position, length) for s in sources])
            position += length
        return np.asarray(logs["loss"])  # waits for the device

    return train


def measure(seeds, steps, rounds):
    """Median seconds of `steps` training steps, for each way."""
    epochs = -(-steps // (SETTINGS[SETTING].n_points // SETTINGS[SETTING].batch_size))
    ways = {
        "fit, 1 seed": fit_of_one(),
        "stack, 1 seed": stack_of(1),
        f"stack, {seeds} seeds": stack_of(seeds),
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
    one, stack_one, many = seconds.values()
    device = jax.devices()[0]
    result = {
        "device": f"{device.platform}: {device.device_kind}",
        "model": MODEL,
        "setting": SETTING,
        "data": TOY,
        "seeds": options.seeds,
        "steps": options.steps,
        "rounds": options.rounds,
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "stack_to_fit_of_one": round(many / one, 3),
        "stack_to_stack_of_one": round(many / stack_one, 3),
        "command": shlex.join(["python", "benchmarks/stacked_seeds.py", *sys.argv[1:]]),
        "versions": versions(),
    }
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "stacked_seeds.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{result['device']}, {options.steps} steps:")
    for name, value in seconds.items():
        print(f"  {name:16} {value:8.3f} s   {value / one:5.2f} of one seed's fit")


if __name__ == "__main__":
    main()
