"""Reg-GAN and MDGAN of Che et al.: which term moves which network."""

import numpy as np

import keras_mdgan as km
from support.hand import (
    batch,
    check,
    close,
    loss_of,
    mean_softplus,
    mlp,
    numeric_gradients,
    run,
)


def build(cls, **kwargs):
    return cls(
        mlp(2, 2, seed=1),
        mlp(2, 3, 1, seed=2),
        km.latents.Normal(2),
        mlp(2, 2, seed=3),
        seed=0,
        **kwargs,
    )


def generated(nets, draws, x):
    """`G(z)`, `G(E(x))` and the latter's mean squared distance to `x`."""
    fake = run(nets["generator"], draws.normal((6, 2)).astype("float64"))
    again = run(nets["generator"], run(nets["encoder"], x))
    return fake, again, np.mean(np.sum((x - again) ** 2, axis=1))


def test_reg_gan():
    gan, x = (
        build(km.ModeRegularizedGAN, geometric_weight=0.3, mode_weight=0.7),
        batch(),
    )

    def discriminator(nets, draws):
        fake, _, _ = generated(nets, draws, x)
        d = nets["discriminator"]
        return mean_softplus(-run(d, x)) + mean_softplus(run(d, fake))

    check(gan, "discriminator", x, discriminator)

    def generator(nets, draws):
        fake, again, distance = generated(nets, draws, x)
        d = nets["discriminator"]
        log_score = np.mean(np.log(1 / (1 + np.exp(-run(d, again)))))
        return mean_softplus(-run(d, fake)) + 0.3 * distance - 0.7 * log_score

    _, logs = check(gan, "generator", x, generator)
    assert logs["reconstruction_score"] < 0
    paper = build(km.ModeRegularizedGAN)
    assert (paper.geometric_weight, paper.mode_weight) == (0.2, 0.4)


def manifold_diffusion(**kwargs):
    other = mlp(2, 3, 1, seed=4)
    return build(km.ManifoldDiffusionGAN, diffusion_discriminator=other, **kwargs)


def test_manifold_diffusion_gan():
    gan, x = manifold_diffusion(geometric_weight=0.3), batch()

    def manifold(nets, draws):
        _, again, _ = generated(nets, draws, x)
        d = nets["discriminator"]
        return mean_softplus(-run(d, x)) + mean_softplus(run(d, again))

    check(gan, "manifold_discriminator", x, manifold)

    def diffusion(nets, draws):
        fake, again, _ = generated(nets, draws, x)
        d = nets["diffusion_discriminator"]
        return mean_softplus(-run(d, again)) + mean_softplus(run(d, fake))

    check(gan, "diffusion_discriminator", x, diffusion)

    def generator(nets, draws):
        fake, again, distance = generated(nets, draws, x)
        first, second = nets["discriminator"], nets["diffusion_discriminator"]
        loss = mean_softplus(-run(first, again)) + 0.3 * distance
        return loss + mean_softplus(-run(second, fake))

    check(gan, "generator", x, generator)
    assert manifold_diffusion().geometric_weight == 1e-2


def test_the_encoder_learns_from_the_manifold_step_alone():
    gan, x = manifold_diffusion(geometric_weight=0.0), batch()
    variables = gan.encoder.trainable_variables
    *_, got = loss_of(gan, "generator", x, variables=variables)
    weights = [v.numpy().astype("float64") for v in variables]
    g, d = gan.generator.get_weights(), gan.discriminator.get_weights()
    wanted = numeric_gradients(
        lambda: mean_softplus(-run(d, run(g, run(weights, x)))), weights
    )
    for one, other in zip(got, wanted):
        close(one, other)
