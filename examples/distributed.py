"""MD-GAN on the grid of 25 Gaussians, each batch divided among all devices.

    KERAS_BACKEND=jax python examples/distributed.py          # all GPUs of this host
    KERAS_BACKEND=tensorflow python examples/distributed.py
    KERAS_BACKEND=torch torchrun --nproc-per-node 2 examples/distributed.py
    KERAS_BACKEND=jax python examples/distributed.py --address 10.0.0.1:9000 \\
        --processes 2 --process 0                             # a host of two
    KERAS_BACKEND=jax python examples/distributed.py --devices 4 --smoke

`--devices 4` divides a CPU in as many devices, to try it out (JAX and TensorFlow). The
run is that of one device: the same losses, weights and samples up to rounding. Run it
again, on another number of devices too, to go on where it was stopped.
"""

import argparse
import contextlib
import os
import pathlib


def split_cpu(backend, devices):
    """Make several devices of the CPU; before the backend is asked for any."""
    if backend == "jax":
        flag = f"--xla_force_host_platform_device_count={devices}"
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flag}"
    elif backend == "tensorflow":
        import tensorflow as tf

        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0],
            [tf.config.LogicalDeviceConfiguration()] * devices,
        )


@contextlib.contextmanager
def all_devices(args):
    """Where the model is made and trained."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        if args.address:
            keras.distribution.initialize(args.address, args.processes, args.process)
        with keras.distribution.DataParallel().scope():
            yield
    elif backend == "tensorflow":
        import tensorflow as tf

        names = [d.name for d in tf.config.list_logical_devices("GPU")]
        names = names or [d.name for d in tf.config.list_logical_devices("CPU")]
        with tf.distribute.MirroredStrategy(names).scope():
            yield
    else:
        import torch

        several = int(os.environ.get("WORLD_SIZE", "1")) > 1  # set by torchrun
        on_gpu = torch.cuda.is_available()
        if several and on_gpu:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        if several:
            torch.distributed.init_process_group("nccl" if on_gpu else "gloo")
        yield
        if several:
            torch.distributed.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, help="devices to make of the CPU")
    parser.add_argument("--address", help="JAX: host and port of the first process")
    parser.add_argument("--processes", type=int, help="JAX: how many there are")
    parser.add_argument("--process", type=int, help="JAX: which one this is, from 0")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--smoke", action="store_true", help="a look, in seconds")
    parser.add_argument("--out", type=pathlib.Path, default="runs/distributed")
    args = parser.parse_args()
    if args.devices:
        split_cpu(os.environ.get("KERAS_BACKEND", "tensorflow"), args.devices)

    import keras

    import keras_mdgan as km

    data = km.datasets.grid()
    with all_devices(args):
        keras.utils.set_random_seed(0)  # the same weights in every process
        gan = km.MixtureDensityGAN(
            generator=km.networks.mlp_generator(data_shape=(2,), output_range=6),
            discriminator=km.networks.mlp_discriminator(data_shape=(2,), outputs=9),
            latents=km.latents.Uniform(2),
            variance_real=0.25,
            seed=0,
        )
        gan.compile()
        gan.fit(
            data.as_dataset(1_000 if args.smoke else 10_000, batch_size=500, seed=0),
            epochs=1 if args.smoke else args.epochs,
            verbose=2 if gan.is_main_process else 0,
            callbacks=[
                km.callbacks.BackupAndRestore(args.out / "backup"),
                km.callbacks.EvaluateSamples(data, every=10),
            ],
        )
        gan.save(args.out / "grid.keras")  # the first process writes
        if gan.is_main_process:
            print(f"{gan.shares} devices; the model is in {args.out / 'grid.keras'}")


if __name__ == "__main__":
    main()
