"""Mixture Density GAN on 10 Gaussians of dimension 700 in 1,200 dimensions.

    python examples/synthetic_1200d.py          # one to two minutes

Seeds 0 to 4, 4,000 steps of batch 250 each on JAX: all 10 modes in every seed, 99.4 to
100 % high quality, KL at most 0.011, spread 0.39 to 0.52 (true data: 98.9 % and 1).

The modes differ in 9 directions, in each of which the data are 80 times as wide as in
the other 1,191. Noise in all of them would drown the modes, and steps of one size would
shake the narrow directions out of a mode's radius. Both networks therefore work in
principal components measured from the training data (`layers.PrincipalComponents`):
noise meets the leading ones alone, and the generator's outputs are all of about 1. For
the discriminator the residual is small, and so the spread inside a mode is hardly
learned: samples are nearer to the centres than data are.

Any backend: set KERAS_BACKEND to jax, tensorflow or torch. Prints the modes found
beside the true data and the published figures, and how far the samples are from the
centres; writes `losses.png` and `model.keras` into `--out`.
"""

import argparse
import math
import pathlib

import keras
import numpy as np

import keras_mdgan as km

STEPS_PER_EPOCH = 80  # 20,000 samples in batches of 250.


def build(x, steps, seed):
    """The model for training data `(n, dim)` whose modes lie in few dimensions."""
    dim = x.shape[1]
    # Components with 95 % of the variance: 9 here, found without centres or labels.
    k = km.layers.PrincipalComponents.count(x, share=0.95)
    # The discriminator hardly sees the residual: with a larger factor it tells samples
    # by it before they are near a mode, and wins.
    split = km.layers.PrincipalComponents(dim, k, rest=0.003)
    join = km.layers.PrincipalComponents(dim, k, inverse=True)
    split.adapt(x)
    join.set_weights(split.get_weights())

    def normal(gain):
        return keras.initializers.VarianceScaling(gain, "fan_in", "untruncated_normal")

    kernels = {"initializer": normal(2.0), "output_initializer": normal(1.0)}
    length = max(steps, 20)  # Shorter runs would have two knots at one step.
    # Modes are 4.5 apart in these units: at first the noise bridges them.
    knots = [(0.0, 4.5), (0.084, 1.5), (0.5, 0.63), (0.6, 0.1)]
    noise = km.layers.InstanceNoise(
        [(round(share * length), stddev) for share, stddev in knots],
        features=k,
        seed=1000 * seed + 200,
    )
    generator = km.networks.mlp_generator(
        (k + dim,), hidden=(128, 128), seed=1000 * seed, **kernels
    )
    generator.add(join)
    gan = km.MixtureDensityGAN(
        generator,
        km.networks.mlp_discriminator(
            (dim,),
            outputs=9,
            hidden=(128, 128),
            preprocessing=[split, noise],
            seed=1000 * seed + 100,
            **kernels,
        ),
        latents=km.latents.Joint([km.latents.Signs(10), km.latents.Uniform(4)]),
        variance_real=0.25,
        seed=seed,
    )
    rates = [(0.1, 2e-3), (0.5, 4e-4), (0.55, 1e-3), (1.0, 0.0)]
    gan.compile(
        {
            player.name: keras.optimizers.Adam(
                km.schedules.PiecewiseLinear(
                    [(round(share * length), rate) for share, rate in rates]
                ),
                beta_1=0.5,
            )
            for player in gan.players()
        },
        steps_per_execution=math.gcd(10, steps),
    )
    return gan


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path("runs/synthetic_1200d")
    )
    args = parser.parse_args()

    data = km.datasets.synthetic_1200d()
    batches = data.as_dataset(20_000, batch_size=250, seed=args.seed)
    gan = build(batches.x, args.steps, args.seed)
    history = gan.fit(
        batches,
        epochs=max(1, args.steps // STEPS_PER_EPOCH),
        steps_per_epoch=min(STEPS_PER_EPOCH, args.steps),
        callbacks=[km.callbacks.EvaluateSamples(data, every=5)],
        verbose=2,
    )
    km.plotting.loss_curves(history, path=args.out / "losses.png")
    gan.save(args.out / "model.keras")

    truth = data.sample(2500, seed=args.seed)
    for name, x in (("this run", gan.sample(2500, seed=args.seed)), ("truth", truth)):
        nearest, distances = km.metrics.modes.nearest_centers(x, data.centers)
        print(f"\n{name}: {km.plotting.describe(km.metrics.mode_coverage(x, data))}")
        print(f"samples by nearest mode: {np.bincount(nearest, minlength=10)}")
        print(f"median distance from its centre: {np.median(distances):.2f}")
    print(
        "\npublished: VEEGAN 5.5 of 10 modes · 28.3 %, ALI 3 · 5.4 %, vanilla 1.6 · 2 %"
    )
    print(f"The figure and the model are in {args.out}")


if __name__ == "__main__":
    main()
