"""Speed of `fit` on 28x28 images beside hand-written loops.

    python benchmarks/dcgan_speed.py --out results/benchmarks          # CPU
    python benchmarks/dcgan_speed.py --backends jax --threads 0        # a GPU

VanillaGAN with the DCGAN of Lucic et al. (2018), batch 64, float32, Adam. Each backend
runs in a process of its own; by hand, there are loops in PyTorch and JAX
(`hand_dcgan_*.py`). `fit` reads uint8 images, shuffles and scales them; by hand the
batches are ready in memory. Rounds of both in turn, the median of each. Run it on a
quiet machine. Rates are steps a second.
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

BATCH, LATENTS, EXECUTION, ROUNDS = 64, 64, 20, 5


def environment(threads):
    """As many threads as asked for, everywhere; 0 leaves all as it is."""
    if not threads:
        return {}
    eigen = "true" if threads > 1 else "false"
    return {
        "OMP_NUM_THREADS": str(threads),
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={eigen} "
        f"intra_op_parallelism_threads={threads}",
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def measure(seconds):
    """Rates of `fit` and, on JAX and PyTorch, of the hand-written loop."""
    import importlib

    import keras
    import numpy as np

    import keras_mdgan as km

    backend = keras.backend.backend()
    if backend == "torch" and os.environ.get("OMP_NUM_THREADS"):
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    gan = km.VanillaGAN(
        km.networks.dcgan_generator((28, 28, 1), LATENTS, seed=0),
        km.networks.dcgan_discriminator((28, 28, 1), seed=1),
        km.latents.Uniform(LATENTS),
        seed=0,
    )
    rate = {"learning_rate": 2e-4, "beta_1": 0.5}
    gan.compile(
        {p.name: keras.optimizers.Adam(**rate) for p in gan.players()},
        steps_per_execution=EXECUTION,
    )
    images = np.random.default_rng(0).integers(
        0, 256, (EXECUTION * BATCH, 28, 28, 1), dtype="uint8"
    )
    data = km.datasets.ShuffledBatches(
        images, batch_size=BATCH, transform=km.datasets.to_unit_range
    )
    ways = {"fit": lambda epochs: gan.fit(data, epochs=epochs, verbose=0)}
    if backend != "tensorflow":
        hand = importlib.import_module(f"hand_dcgan_{backend}")
        run, sizes = hand.runner(BATCH, LATENTS)
        networks = (gan.generator, gan.discriminator)
        assert sizes == [
            sum(int(np.prod(v.shape)) for v in network.trainable_variables)
            for network in networks
        ]
        stacked = np.ascontiguousarray(data.take(0, EXECUTION)[0])
        ways["hand"] = lambda epochs: [run(stacked) for _ in range(epochs)]
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
            rates[name].append(EXECUTION * epochs[name] / (time.perf_counter() - began))
    return {name: statistics.median(values) for name, values in rates.items()} | {
        "device": device(backend)
    }


def device(backend):
    if backend == "jax":
        import jax

        return jax.devices()[0].device_kind
    if backend == "torch":
        import torch

        return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    return "cpu"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="results/benchmarks")
    parser.add_argument("--backends", default="jax,tensorflow,torch")
    parser.add_argument("--threads", type=int, default=1, help="0: as it comes")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each round")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.seconds)))
        return
    records = recorded.read(options.out, "dcgan_speed") or []
    for backend in options.backends.split(","):
        done = subprocess.run(
            [sys.executable, __file__, "--measure", "--seconds", str(options.seconds)],
            env={
                **os.environ,
                **environment(options.threads),
                "KERAS_BACKEND": backend,
            },
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        rates = json.loads(done.stdout.splitlines()[-1])
        record = {"backend": backend, "threads": options.threads, **rates}
        key = ("backend", "threads", "device")
        records = [r for r in records if any(r[k] != record[k] for k in key)]
        records.append(record)
        print(record, flush=True)
    recorded.write(options.out, "dcgan_speed", records)
    (options.out / "dcgan_speed.md").write_text(table(records))


def table(records):
    lines = [
        "# Speed of the DCGAN step on 28x28 images\n",
        f"`python benchmarks/dcgan_speed.py`: steps of batch {BATCH} a second, median "
        f"of {ROUNDS} rounds in turn.\n",
        "| device | threads | backend | fit | by hand | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for r in sorted(records, key=lambda r: (r["device"], r["threads"], r["backend"])):
        hand = f"{r['hand']:.2f}" if "hand" in r else "-"
        ratio = f"{r['fit'] / r['hand']:.2f}" if "hand" in r else "-"
        lines.append(
            f"| {r['device']} | {r['threads'] or 'all'} | {r['backend']} | "
            f"{r['fit']:.2f} | {hand} | {ratio} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
