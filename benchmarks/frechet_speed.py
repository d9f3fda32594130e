"""Time of the Frechet distance beside SciPy's root of a matrix product.

    python benchmarks/frechet_speed.py --out results/benchmarks

Both get the same features of 10,000 real and 10,000 generated images in 2,048
dimensions, synthetic but with the spectrum of real ones (eigenvalues that fall as a
power), and give the distance. The usual way takes NumPy's covariances and SciPy's
`sqrtm` of their product. Run it on a quiet machine; the number of threads is that of
OMP_NUM_THREADS, 1 if it is not set.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import scipy.linalg

from keras_mdgan.experiments.record import versions
from keras_mdgan.metrics import frechet_distance, frechet_statistics


def features(n, dim, seed):
    """Correlated and shifted Gaussians, `(n, dim)` float32."""
    generator = np.random.default_rng(seed)
    mix = generator.normal(size=(dim, dim)) * np.arange(1, dim + 1)[:, None] ** -0.7
    x = generator.normal(size=(n, dim)) @ mix + generator.normal(size=dim) * 0.1
    return x.astype("float32")


def by_scipy(x, y):
    x, y = x.astype("float64"), y.astype("float64")
    c1, c2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(c1 @ c2)
    squared = np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2)
    return float(squared + np.trace(c1) + np.trace(c2) - 2 * np.trace(root).real)


def by_saved_statistics(x, y):
    """The usual case: the real images' statistics are there already."""
    saved = frechet_statistics(x)
    return lambda: float(frechet_distance(saved, y))


def timed(function, rounds):
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        value = function()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--dim", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    x, y = (features(options.n, options.dim, seed) for seed in (0, 1))
    ways = {
        "frechet_distance": (lambda: float(frechet_distance(x, y)), options.rounds),
        "frechet_distance, real statistics saved": (
            by_saved_statistics(x, y),
            options.rounds,
        ),
        "scipy.linalg.sqrtm": (lambda: by_scipy(x, y), 1),
    }
    found = {name: timed(*way) for name, way in ways.items()}
    ours, _, theirs = found.values()
    result = {
        "n": options.n,
        "dim": options.dim,
        "threads": int(os.environ["OMP_NUM_THREADS"]),
        "seconds": {name: round(seconds, 3) for name, (seconds, _) in found.items()},
        "values": {name: value for name, (_, value) in found.items()},
        "times_as_fast": round(theirs[0] / ours[0], 2),
        "relative_difference": abs(ours[1] - theirs[1]) / theirs[1],
        "command": shlex.join(["python", "benchmarks/frechet_speed.py", *sys.argv[1:]]),
        "versions": {**versions(), "scipy": scipy.__version__},
    }
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "frechet_speed.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
