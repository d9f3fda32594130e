"""A GAN of your own: the least-squares GAN of Mao et al. (2017), eq. (2), on the ring.

State what each player minimises; the training step, sampling, saving and export come
with `km.GAN`, on every backend.

    python examples/custom_gan.py
"""

import argparse
import pathlib

import keras
from keras import ops

import keras_mdgan as km
from keras_mdgan.commands.arguments import at_least


@keras.saving.register_keras_serializable("examples")
class LeastSquaresGAN(km.GAN):
    """Real samples are labelled 1 and generated ones 0, and errors are squared."""

    def discriminator_loss(self, real):
        on_real = self.discriminate(real)
        on_fake = self.discriminate(self.generate_like(real))
        loss = ops.mean(ops.square(on_real - 1.0)) + ops.mean(ops.square(on_fake))
        # The second value is what else to log.
        return loss / 2, {"score_of_real": ops.mean(on_real)}

    def generator_loss(self, real):
        on_fake = self.discriminate(self.generate_for(real))
        return ops.mean(ops.square(on_fake - 1.0)) / 2, {}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=at_least(1), default=30)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/custom"))
    args = parser.parse_args()

    data = km.datasets.ring()
    gan = LeastSquaresGAN(
        generator=km.networks.mlp_generator((2,), output_range=1.5),
        discriminator=km.networks.mlp_discriminator((2,), outputs=1),
        latents=km.latents.Uniform(2),
        seed=0,
    )
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), steps_per_execution=40)
    gan.fit(data.sample(10_000), batch_size=250, epochs=args.epochs, verbose=2)

    args.out.mkdir(parents=True, exist_ok=True)
    gan.save(args.out / "model.keras")
    gan = km.load_model(args.out / "model.keras")
    km.plotting.scatter(gan.sample(2500, seed=0), data, path=args.out / "samples.png")
    print(f"The loaded model's samples are in {args.out / 'samples.png'}")
