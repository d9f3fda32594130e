"""Mixture Density GAN on 8 Gaussians on a circle: the shortest complete run.

    python examples/ring.py                     # about a minute

Any backend: set KERAS_BACKEND to jax, tensorflow or torch. Prints how many modes the
generator found beside the true data and the published figures, and writes
`samples.png` and a SavedModel into `--out`. `grid.py` shows more, and explains it.
"""

import argparse
import math
import pathlib

import keras

import keras_mdgan as km

STEPS_PER_EPOCH = 200


def at(steps, *knots):
    """Knots at shares of the run."""
    return [(round(share * steps), value) for share, value in knots]


def build(steps, seed):
    normal = keras.initializers.VarianceScaling
    initializers = {
        "initializer": normal(2.0, "fan_in", "untruncated_normal"),
        "output_initializer": normal(1.0, "fan_in", "untruncated_normal"),
    }
    discriminator_sees = [
        # The circle has radius 1. Three times as large, its modes are as far apart as
        # the grid's, which the noise and the frequencies were chosen for.
        keras.layers.Rescaling(3.0),
        km.layers.InstanceNoise(
            at(steps, (0, 2.0), (0.084, 0.65), (0.604, 0.28), (0.75, 0.02)),
            seed=seed + 200,
        ),
        km.layers.FourierFeatures([math.pi / 6 * 2**k for k in range(4)]),
    ]
    gan = km.MixtureDensityGAN(
        generator=km.networks.mlp_generator(
            (2,), output_range=2.0, seed=seed, **initializers
        ),
        discriminator=km.networks.mlp_discriminator(
            (2,),
            outputs=9,
            preprocessing=discriminator_sees,
            seed=seed + 100,
            **initializers,
        ),
        latents=km.latents.Joint([km.latents.Signs(10), km.latents.Uniform(2)]),
        variance_real=0.25,
        seed=seed,
    )
    rate = km.schedules.PiecewiseLinear(
        at(steps, (0.1, 2e-3), (0.5, 4e-4), (0.55, 1e-3), (1.0, 0.0))
    )
    gan.compile(
        keras.optimizers.Adam(rate, beta_1=0.5),
        steps_per_execution=min(STEPS_PER_EPOCH, steps),
    )
    return gan


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/ring"))
    args = parser.parse_args()

    data = km.datasets.ring()
    gan = build(args.steps, args.seed)
    gan.fit(
        data.as_dataset(10_000, batch_size=250, seed=args.seed),
        epochs=max(1, args.steps // STEPS_PER_EPOCH),
        steps_per_epoch=min(STEPS_PER_EPOCH, args.steps),
        callbacks=[km.callbacks.EvaluateSamples(data)],
        verbose=2,
    )
    samples = gan.sample(2500, seed=args.seed)
    km.plotting.scatter(samples, data, path=args.out / "samples.png")
    gan.export(args.out / "saved_model")

    truth = data.sample(2500, seed=args.seed)
    print("\n2,500 samples     modes   high quality %       KL   spread")
    for name, points in (("this run", samples), ("true data", truth)):
        c = km.metrics.mode_coverage(points, data)
        print(
            f"{name:<15}{c.modes:>4} / {c.n_modes}{c.high_quality:>17.2f}"
            f"{c.kl:>9.3f}{c.spread:>9.2f}"
        )
    for name, figures in (
        ("MD-GAN, slides", ("8 / 8", "89.03")),
        ("vanilla GAN", ("1 / 8", "99.30")),
        ("Unrolled GAN", ("7.6 / 8", "35.60")),
        ("VEEGAN", ("8 / 8", "52.90")),
    ):
        print(f"{name:<15}{figures[0]:>8}{figures[1]:>17}        -        -")
    print(f"\nThe figure and the SavedModel are in {args.out}")


if __name__ == "__main__":
    main()
