"""How long a search takes with one worker and with two: KerasTuner's chief on loopback.

    KERAS_BACKEND=jax python benchmarks/distributed_search.py

`ClustersAndVariance` on the ring, six cells of one seed, single-threaded, each worker
on a core of its own; the time is from the workers' start to the last trial's end, their
imports included. Run it on a quiet machine. Goal: two workers in 0.65 of the time.
"""

import argparse
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import recorded

THREADS = {
    "OMP_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def search(folder, steps):
    """What the chief and every worker run."""
    import keras
    import keras_tuner

    import keras_mdgan as km

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    tuner = km.tuning.GridSearch(
        km.tuning.ClustersAndVariance(
            km.datasets.ring(),
            components=(4, 8, 12),
            variances=(0.25, 0.5),
            epochs=max(1, steps // 50),
            batch_size=500,
            seeds=1,
        ),
        keras_tuner.Objective("modes", "max"),
        directory=folder,
        project_name="search",
        seed=0,
    )
    tuner.search(verbose=0)


def measure(workers, steps):
    """Seconds until all of the search's processes but the chief have ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--search", folder, "--steps", str(steps)]
        started = []
        for name in ["chief", *(f"tuner{i}" for i in range(workers))]:
            told = {
                **os.environ,
                **THREADS,
                "KERASTUNER_TUNER_ID": name,
                "KERASTUNER_ORACLE_IP": "127.0.0.1",
                "KERASTUNER_ORACLE_PORT": str(port),
            }
            core = "0" if name == "chief" else name.removeprefix("tuner")
            if name != "chief" and len(started) == 1:
                time.sleep(10)  # the chief is there before the first worker asks
                began = time.perf_counter()
            started.append(
                subprocess.Popen(
                    ["taskset", "-c", core, *command],
                    env=told,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        try:
            for process in started[1:]:
                assert process.wait(timeout=1200) == 0
            seconds = time.perf_counter() - began
            trials = len(list(pathlib.Path(folder, "search").glob("trial_*")))
        finally:
            for process in started:
                process.kill()
    assert trials == 6, trials
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=8_000, help="of a trial")
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--search", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.search:
        search(options.search, options.steps)
        return
    seconds = {n: round(measure(n, options.steps), 1) for n in (1, 2)}
    record = {
        "backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
        "steps_per_trial": options.steps,
        "seconds_with_1_worker": seconds[1],
        "seconds_with_2_workers": seconds[2],
        "ratio": round(seconds[2] / seconds[1], 3),
    }
    print(record)
    recorded.write(options.out, "distributed_search", record)


if __name__ == "__main__":
    main()
