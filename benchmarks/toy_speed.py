"""Speed of `fit` beside hand-written loops, on two-dimensional data.

    python benchmarks/toy_speed.py --out results/benchmarks

Each backend runs in a process of its own with one thread. The same networks, losses,
batch size and optimizer; `fit` with `steps_per_execution=50`; rounds of both in turn,
the median of each; the hand-written loop's data are stacked in memory, `fit` shuffles
and logs means. Run it on a quiet machine.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import recorded

BACKENDS = ("jax", "tensorflow", "torch")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
ROUNDS, EXECUTION = 5, 50


def measure(model, batch_size, seconds):
    """Rates of `fit` and of the hand-written loop, in steps a second."""
    import importlib

    import keras
    import numpy as np

    import keras_mdgan as km

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    cls, outputs = {
        "vanilla": (km.VanillaGAN, 1),
        "mixture_density": (km.MixtureDensityGAN, 9),
    }[model]
    gan = cls(
        km.networks.mlp_generator((2,), output_range=6.0, seed=0),
        km.networks.mlp_discriminator((2,), outputs, seed=1),
        km.latents.Uniform(2),
        seed=0,
    )
    gan.compile(steps_per_execution=EXECUTION)
    weights = {
        name: getattr(gan, name).get_weights()
        for name in ("generator", "discriminator")
    }
    hand = importlib.import_module(f"hand_{keras.backend.backend()}")
    vertices = km.SimplexGaussianMixture(9).vertices if outputs == 9 else None
    run = hand.runner(model, weights, vertices, batch_size, 6.0)

    steps = 10 * EXECUTION
    data = km.datasets.grid().as_dataset(steps * batch_size, batch_size, seed=0)
    stacked = data.take(0, EXECUTION)[0]
    ways = {
        "fit": lambda epochs: gan.fit(data, epochs=epochs, verbose=0),
        "hand": lambda epochs: [run(stacked) for _ in range(10 * epochs)],
    }
    epochs = {}
    for name, way in ways.items():
        way(1)
        began = time.perf_counter()
        way(1)
        epochs[name] = max(1, round(seconds / (time.perf_counter() - began)))
    rates = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way(epochs[name])
            rates[name].append(steps * epochs[name] / (time.perf_counter() - began))
    assert np.isfinite(run(stacked))
    return {name: statistics.median(values) for name, values in rates.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="results/benchmarks")
    parser.add_argument("--backends", default=",".join(BACKENDS))
    parser.add_argument("--seconds", type=float, default=1.0, help="of each round")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        model, batch_size = options.measure.split(":")
        print(json.dumps(measure(model, int(batch_size), options.seconds)))
        return
    rows = []
    for backend in options.backends.split(","):
        for model in ("vanilla", "mixture_density"):
            for batch_size in (500, 32):
                done = subprocess.run(
                    [sys.executable, __file__, "--seconds", str(options.seconds)]
                    + ["--measure", f"{model}:{batch_size}"],
                    env={**os.environ, **ONE_THREAD, "KERAS_BACKEND": backend},
                    capture_output=True,
                    text=True,
                )
                if done.returncode:
                    raise RuntimeError(done.stderr[-2000:])
                rates = json.loads(done.stdout.splitlines()[-1])
                ratio = rates["fit"] / rates["hand"]
                rows.append(
                    [backend, model, batch_size, rates["fit"], rates["hand"], ratio]
                )
                print(
                    f"{backend:10} {model:15} batch {batch_size:3}: fit "
                    f"{rates['fit']:6.0f}, by hand {rates['hand']:6.0f} steps/s, "
                    f"ratio {ratio:.2f}",
                    flush=True,
                )
    write(rows, pathlib.Path(options.out))


def write(rows, out):
    out.mkdir(parents=True, exist_ok=True)
    names = ("backend", "model", "batch_size", "fit", "hand", "ratio")
    records = [dict(zip(names, row)) for row in rows]
    recorded.write(out, "toy_speed", records)
    lines = [
        "# Speed on two-dimensional data\n",
        "`python benchmarks/toy_speed.py`: steps a second of `fit` "
        f"(`steps_per_execution={EXECUTION}`) and of hand-written loops "
        "(`benchmarks/hand_*.py`), one thread, median of "
        f"{ROUNDS} rounds in turn.\n",
        "| backend | model | batch | fit | by hand | ratio |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {b} | {m} | {n} | {fit:.0f} | {hand:.0f} | {ratio:.2f} |"
        for b, m, n, fit, hand, ratio in rows
    ]
    lines.append("\nWhere the time goes: [toy_profile.md](toy_profile.md).")
    (out / "README.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
