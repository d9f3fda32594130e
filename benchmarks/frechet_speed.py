"""Time of the Frechet distance beside SciPy's root of a matrix product.

    python benchmarks/frechet_speed.py --out results/benchmarks

Both get the same features of 10,000 real and 10,000 generated images in 2,048
dimensions, synthetic but with eigenvalues that fall as a power, as real ones do, and
give the distance: from the features, and from means and covariances that are there
already. The usual way takes NumPy's covariances and SciPy's `sqrtm` of their product.
Each number of threads is a process of its own. Run it on a quiet machine.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

import numpy as np
import recorded
import scipy.linalg

from keras_mdgan.metrics import frechet_distance, frechet_statistics
from keras_mdgan.saving.versions import versions


def features(n, dim, seed):
    """Correlated and shifted Gaussians, `(n, dim)` float32."""
    generator = np.random.default_rng(seed)
    mix = generator.normal(size=(dim, dim)) * np.arange(1, dim + 1)[:, None] ** -0.7
    x = generator.normal(size=(n, dim)) @ mix + generator.normal(size=dim) * 0.1
    return x.astype("float32")


def usual_statistics(x):
    x = x.astype("float64")
    return x.mean(axis=0), np.cov(x, rowvar=False)


def usual_distance(one, two):
    (m1, c1), (m2, c2) = one, two
    root = scipy.linalg.sqrtm(c1 @ c2)
    squared = np.sum((m1 - m2) ** 2)
    return float(squared + np.trace(c1) + np.trace(c2) - 2 * np.trace(root).real)


def timed(function, *arguments):
    began = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - began, result


def measure(n, dim, rounds):
    """Seconds of both ways in turn, the least of each part, and the values."""
    seconds, values = {}, {}
    x, y = features(n, dim, 0), features(n, dim, 1)
    for _ in range(rounds):
        for way, prepare, distance in (
            ("ours", frechet_statistics, frechet_distance),
            ("scipy", usual_statistics, usual_distance),
        ):
            s1, one = timed(prepare, x)
            s2, two = timed(prepare, y)
            s3, value = timed(distance, one, two)
            values[way] = float(value)
            for part, s in (("statistics", s1 + s2), ("distance", s3)):
                key = f"{way}, {part}"
                seconds[key] = min(s, seconds.get(key, s))
    total = {
        way: seconds[f"{way}, statistics"] + seconds[f"{way}, distance"]
        for way in values
    }
    return {
        "seconds": {key: round(value, 3) for key, value in seconds.items()},
        "times_as_fast_from_features": round(total["scipy"] / total["ours"], 2),
        "times_as_fast_from_statistics": round(
            seconds["scipy, distance"] / seconds["ours, distance"], 2
        ),
        "values": values,
        "relative_difference": abs(values["ours"] / values["scipy"] - 1),
        "versions": {**versions(), "scipy": scipy.__version__},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--dim", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.n, options.dim, options.rounds)))
        return
    sizes = [f"--{name}={getattr(options, name)}" for name in ("n", "dim", "rounds")]
    result = {"n": options.n, "dim": options.dim}
    for threads in ("1", "2"):
        done = subprocess.run(
            [sys.executable, __file__, "--measure", *sizes],
            env={**os.environ, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found = json.loads(done.stdout.splitlines()[-1])
        result["versions"] = found.pop("versions")
        result[f"{threads} threads"] = found
    result["command"] = shlex.join(
        ["python", "benchmarks/frechet_speed.py", *sys.argv[1:]]
    )
    recorded.write(options.out, "frechet_speed", result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
