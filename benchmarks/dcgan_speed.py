"""Speed of `fit` on 28x28 images beside hand-written loops.

    python benchmarks/dcgan_speed.py --out results/benchmarks          # CPU
    python benchmarks/dcgan_speed.py --backends jax --threads 0        # a GPU

VanillaGAN with the DCGAN of Lucic et al. (2018), batch 64, Adam, in float32 and in
mixed bfloat16. Each backend runs in a process of its own, beside a loop written by hand
(`hand_dcgan_*.py`). `fit` reads uint8 images, shuffles and scales them; by hand the
batches are ready in memory. Rounds of both in turn, the median of each. Rates are steps
a second; with one thread, a second of processor time, which other programs disturb
less.
"""

import argparse
import itertools
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


def clock():
    """Seconds: of the processor if one thread computes, else of the wall."""
    one = os.environ.get("OMP_NUM_THREADS") == "1"
    return time.process_time() if one else time.perf_counter()


def measure(seconds, precision):
    """Rates of `fit` and of the hand-written loops."""
    import importlib

    import keras
    import numpy as np

    import keras_mdgan as km

    backend = keras.backend.backend()
    if backend == "torch" and os.environ.get("OMP_NUM_THREADS"):
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    keras.config.set_dtype_policy(precision)
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
    hand = importlib.import_module(f"hand_dcgan_{backend}")
    loops = {"hand": hand.runner(BATCH, LATENTS, precision)}
    if backend == "torch":
        loops["hand, compiled"] = hand.runner(BATCH, LATENTS, precision, compiled=True)
    stacked = np.ascontiguousarray(data.take(0, EXECUTION)[0])
    networks = (gan.generator, gan.discriminator)
    for name, (run, sizes) in loops.items():
        assert sizes == [
            sum(int(np.prod(v.shape)) for v in network.trainable_variables)
            for network in networks
        ]
        ways[name] = lambda epochs, run=run: [run(stacked) for _ in range(epochs)]
    epochs = {}
    for name, way in ways.items():
        way(1)
        began = clock()
        way(1)
        epochs[name] = max(1, round(seconds / (clock() - began)))
    rates = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = clock()
            way(epochs[name])
            rates[name].append(EXECUTION * epochs[name] / (clock() - began))
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
    parser.add_argument("--precisions", default="float32,mixed_bfloat16")
    parser.add_argument("--threads", type=int, default=1, help="0: as it comes")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each round")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.seconds, options.precisions)))
        return
    records = recorded.read(options.out, "dcgan_speed") or []
    # Older records have another clock, and no loop by hand on TensorFlow.
    records = [r for r in records if "precision" in r]
    backends, precisions = options.backends.split(","), options.precisions.split(",")
    for backend, precision in itertools.product(backends, precisions):
        done = subprocess.run(
            [sys.executable, __file__, "--measure", "--precisions", precision]
            + ["--seconds", str(options.seconds)],
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
        record = {
            "backend": backend,
            "precision": precision,
            "threads": options.threads,
            **json.loads(done.stdout.splitlines()[-1]),
        }
        records = [r for r in records if _key(r) != _key(record)] + [record]
        print(record, flush=True)
    recorded.write(options.out, "dcgan_speed", records)
    (options.out / "dcgan_speed.md").write_text(table(records))


def _key(record):
    return [record[k] for k in ("device", "threads", "backend", "precision")]


def table(records):
    lines = [
        "# Speed of the DCGAN step on 28x28 images\n",
        f"`python benchmarks/dcgan_speed.py`: steps of batch {BATCH} a second, median "
        f"of {ROUNDS} rounds in turn. The ratio is that of `fit` to the fastest loop "
        "by hand. For one thread, a second is one of processor time.\n",
        "| device | threads | backend | precision | fit | by hand | compiled | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in sorted(records, key=_key):
        hand = [r.get(way) for way in ("hand", "hand, compiled")]
        shown = [f"{rate:.2f}" if rate else "-" for rate in hand]
        ratio = r["fit"] / max(filter(None, hand))
        lines.append(
            f"| {r['device']} | {r['threads'] or 'all'} | {r['backend']} | "
            f"{r['precision']} | {r['fit']:.2f} | {shown[0]} | {shown[1]} | "
            f"{ratio:.2f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
