"""Where the time of a small training step goes, on each backend.

    python benchmarks/toy_profile.py --out results/benchmarks

For the vanilla GAN on two-dimensional data at batch 32: milliseconds a step of `fit`
under several ways to run it, and for the slowest of them the share of each package in
Python's profile.
"""

import argparse
import cProfile
import json
import os
import pathlib
import pstats
import subprocess
import sys
import time

from toy_speed import BACKENDS, ONE_THREAD

WAYS = {
    "torch": {
        "the step as it is": {"run_eagerly": True},
        "recorded, 1 step an execution": {},
        "recorded, 50 steps an execution": {"steps_per_execution": 50},
    },
    "tensorflow": {
        "tf.function, 1 step an execution": {"jit_compile": False},
        "XLA, 1 step an execution": {"jit_compile": True},
        "tf.function, loop of 50 steps": {
            "jit_compile": False,
            "steps_per_execution": 50,
        },
        "XLA, loop of 50 steps": {"steps_per_execution": 50},
    },
    "jax": {
        "jit, 1 step an execution": {},
        "one scan of 50 steps": {"steps_per_execution": 50},
    },
}
STEPS = 300
PACKAGES = ("keras_mdgan", "keras", "tensorflow", "torch", "jax", "numpy")


def measure():
    import keras

    import keras_mdgan as km

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    data = km.datasets.grid().as_dataset(STEPS * 32, 32, seed=0)
    result = {"ms": {}}
    for number, (name, arguments) in enumerate(WAYS[keras.backend.backend()].items()):
        gan = km.VanillaGAN(
            km.networks.mlp_generator((2,), output_range=6.0, seed=0),
            km.networks.mlp_discriminator((2,), seed=1),
            km.latents.Uniform(2),
            seed=0,
        )
        gan.compile(**arguments)
        gan.fit(data, epochs=1, verbose=0)
        rounds = []
        for _ in range(3):
            began = time.perf_counter()
            gan.fit(data, epochs=1, verbose=0)
            rounds.append(time.perf_counter() - began)
        result["ms"][name] = 1e3 * min(rounds) / STEPS
        if number == 0:
            profile = cProfile.Profile()
            profile.runcall(gan.fit, data, epochs=1, verbose=0)
            result["profiled"], result["shares"] = name, shares(profile)
    return result


def shares(profile):
    """Each package's share of the profile's own time."""
    times = dict.fromkeys([*PACKAGES, "other"], 0.0)
    for (path, _, function), row in pstats.Stats(profile).stats.items():
        text = f"{path} {function}".replace("\\", "/")
        owner = next(
            (
                p
                for p in PACKAGES
                if f"/{p}/" in text or f"{p}." in text or f"_{p}" in text
            ),
            "torch" if "method" in function and "torch" in text else "other",
        )
        times[owner] += row[2]
    total = sum(times.values())
    return {
        name: value / total for name, value in times.items() if value / total > 0.01
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure()))
        return
    lines = [
        "# Where a small step's time goes\n",
        "`python benchmarks/toy_profile.py`: vanilla GAN, batch 32, one thread, "
        f"milliseconds a step of `fit` (best of 3 epochs of {STEPS} steps).\n",
        "| backend | way | ms a step |",
        "|---|---|---|",
    ]
    profiles = []
    for backend in BACKENDS:
        done = subprocess.run(
            [sys.executable, __file__, "--measure"],
            env={**os.environ, **ONE_THREAD, "KERAS_BACKEND": backend},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        result = json.loads(done.stdout.splitlines()[-1])
        for name, ms in result["ms"].items():
            lines.append(f"| {backend} | {name} | {ms:.3f} |")
        parts = ", ".join(
            f"{name} {100 * share:.0f} %"
            for name, share in sorted(result["shares"].items(), key=lambda kv: -kv[1])
        )
        profiles.append(f"* {backend}, {result['profiled']}: {parts}")
        print("\n".join([*lines[-len(result["ms"]) :], profiles[-1]]), flush=True)
    lines += ["\nShares of Python's profile, by the package a function is of:\n"]
    lines += profiles
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "toy_profile.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
