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


def build(steps, seed):
    initializers = {
        "initializer": keras.initializers.HeNormal(),
        "output_initializer": keras.initializers.VarianceScaling(
            1.0, "fan_in", "normal"
        ),
    }
    discriminator_sees = [
        # The circle has radius 1 and modes of std 0.01. Four times as large it is about
        # as wide as the grid, which the noise and the frequencies were chosen for.
        keras.layers.Rescaling(4.0),
        NOISE,
        km.layers.FourierFeatures([math.pi / 6 * 2**k for k in range(4)]),
    ]
    gan = km.MixtureDensityGAN(
        generator=km.networks.mlp_generator(
            (2,), output_range=1.5, seed=seed, **initializers
        ),
        discriminator=km.networks.mlp_discriminator(
            (2,),
            outputs=9,
            preprocessing=discriminator_sees,
            seed=seed + 100,
            **initializers,
        ),
        latents=km.latents.Joint([km.latents.Signs(8), km.latents.Uniform(2)]),
        variance_real=0.25,
        seed=seed,
    )
    rates = {"generator": 2e-3, "discriminator": 2e-4}
    decay = keras.optimizers.schedules.CosineDecay
    gan.compile(
        {
            player: keras.optimizers.Adam(decay(rate, steps), beta_1=0.5)
            for player, rate in rates.items()
        },
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
