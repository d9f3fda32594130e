"""Time of precision and recall, density and coverage, on one thread and on two.

    python benchmarks/neighbors_speed.py --out results/benchmarks

10,000 real and 10,000 generated feature vectors in 2,048 dimensions. Each number of
threads is a process of its own. Run it on a quiet machine.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

import recorded


def measure(n, dim):
    import numpy as np

    from keras_mdgan.metrics import density_coverage, precision_recall
    from keras_mdgan.saving.versions import versions

    generator = np.random.default_rng(0)
    # Few directions that matter, as in real features: else no ball would hold any.
    mix = generator.normal(size=(20, dim))
    x, y = (
        (
            generator.normal(size=(n, 20)) @ mix + 0.3 * generator.normal(size=(n, dim))
        ).astype("float32")
        for _ in range(2)
    )
    seconds, values = {}, {}
    for function in (precision_recall, density_coverage):
        began = time.perf_counter()
        found = function(x, y).as_dict()
        seconds[function.__name__] = round(time.perf_counter() - began, 2)
        kept = ("precision", "recall", "density", "coverage")
        values |= {name: found[name] for name in kept if name in found}
    return {"seconds": seconds, "values": values, "versions": versions()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--dim", type=int, default=2048)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.n, options.dim)))
        return
    result = {"n": options.n, "dim": options.dim, "seconds": {}}
    for threads in ("1", "2"):
        sizes = ["--n", str(options.n), "--dim", str(options.dim)]
        done = subprocess.run(
            [sys.executable, __file__, "--measure", *sizes],
            env={**os.environ, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found = json.loads(done.stdout.splitlines()[-1])
        result["seconds"][f"{threads} threads"] = found["seconds"]
        result |= {"values": found["values"], "versions": found["versions"]}
    result["command"] = shlex.join(
        ["python", "benchmarks/neighbors_speed.py", *sys.argv[1:]]
    )
    recorded.write(options.out, "neighbors_speed", result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
