"""How each method is put together on toy data: one row a method."""

import dataclasses
from collections.abc import Callable

import keras_mdgan as km
from keras_mdgan.experiments.parts import Parts


def _networks(parts: Parts) -> dict:
    return {
        "generator": parts.generator(),
        "discriminator": parts.discriminator(),
        "latents": parts.latents,
    }


def _with_encoder(parts):
    return {**_networks(parts), "encoder": parts.encoder()}


def _with_pairs(parts, per_latent=1):
    return {
        **_networks(parts),
        "discriminator": parts.pair_discriminator(),
        "encoder": parts.encoder(per_latent * parts.latents.dim),
    }


def _with_autoencoder(parts):
    return {**_networks(parts), "discriminator": parts.autoencoder()}


def _mixture(parts, dim, components, stddev):
    mixture = km.latents.GaussianMixture(
        dim, components, stddev, trainable=True, seed=parts.seed
    )
    return {**_networks(parts), "latents": parts.with_extras(mixture)}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A method in the experiments.

    Args:
        cls: the model's class.
        networks: makes the constructor's networks and latents from `Parts`.
        options: further arguments of the constructor, from `Parts`.
        search: arguments to try where the default fails, a list of dictionaries of
            constructor arguments; `rate` multiplies every player's learning rate.
    """

    cls: type
    networks: Callable = _networks
    options: Callable = lambda parts: {}
    search: tuple = ({"rate": 0.2}, {"rate": 5.0})

    def build(self, parts: Parts, **kwargs):
        """The model; `kwargs` come before the recipe's own options."""
        return self.cls(**{**self.networks(parts), **self.options(parts), **kwargs})


MODELS = {
    "mixture_density": Recipe(
        km.MixtureDensityGAN,
        lambda p: {**_networks(p), "discriminator": p.discriminator(p.md_outputs)},
        search=(
            {"rate": 0.2},
            {"rate": 5.0},
            {"rate": 2.0},
            {"generator_loss": "non_saturating"},
            {"generator_loss": "non_saturating", "rate": 2.0},
        ),
    ),
    "vanilla": Recipe(
        km.VanillaGAN,
        search=({"rate": 0.2}, {"rate": 5.0}, {"generator_loss": "minimax"}),
    ),
    "adversarially_learned_inference": Recipe(
        km.AdversariallyLearnedInference,
        lambda p: _with_pairs(p, per_latent=2),
        search=({"rate": 5.0}, {"rate": 10.0}),
    ),
    "unrolled": Recipe(
        km.UnrolledGAN,
        search=(
            {"unroll_steps": 10},
            {"rate": 2.0, "unroll_learning_rate": 1e-3},
            {"unroll_steps": 10, "unroll_learning_rate": 1e-3},
        ),
    ),
    "veegan": Recipe(km.VEEGAN, _with_pairs),
    "deligan": Recipe(
        km.DeliGAN,
        lambda p: _mixture(p, p.continuous, components=50, stddev=0.2),
        search=({"rate": 0.2}, {"rate": 5.0}, {"stddev_weight": 0.01}),
    ),
    "infogan": Recipe(
        km.InfoGAN,
        lambda p: {**_networks(p), "discriminator": p.discriminator(1 + 10)},
        lambda p: {"codes": [km.latents.Categorical(10)]},
        search=({"rate": 0.2}, {"rate": 5.0}, {"information_weight": 0.1}),
    ),
    "spectral_norm": Recipe(
        km.SpectralNormGAN,
        search=({"rate": 5.0}, {"rate": 5.0, "critic_steps": 5}, {"rate": 20.0}),
    ),
    "wasserstein": Recipe(
        km.WassersteinGAN,
        search=(
            {"rate": 10.0},
            {"rate": 10.0, "weight_clip": 0.1},
            {"rate": 50.0, "weight_clip": 0.1},
        ),
    ),
    "wasserstein_gp": Recipe(
        km.WassersteinGANGP,
        search=({"rate": 5.0}, {"rate": 10.0}, {"rate": 10.0, "penalty_weight": 0.1}),
    ),
    "dragan": Recipe(
        km.DRAGAN,
        search=({"rate": 10.0}, {"rate": 10.0, "penalty_weight": 0.1}),
    ),
    "began": Recipe(
        km.BEGAN,
        _with_autoencoder,
        search=({"rate": 10.0}, {"rate": 10.0, "diversity_ratio": 1.0}),
    ),
    "energy_based": Recipe(
        km.EnergyBasedGAN,
        _with_autoencoder,
        search=({"margin": 1.0}, {"margin": 0.1}, {"rate": 0.2, "margin": 1.0}),
    ),
    "geometric": Recipe(km.GeometricGAN, search=({"rate": 5.0}, {"rate": 20.0})),
    "bayesian": Recipe(
        km.BayesianGAN,
        lambda p: {**_networks(p), "generator": [p.generator(k) for k in range(10)]},
        search=({"rate": 0.1}, {"rate": 10.0}),
    ),
    "multi_adversarial": Recipe(
        km.MultiAdversarialGAN,
        lambda p: {
            **_networks(p),
            "discriminator": [p.discriminator(index=k) for k in range(3)],
        },
        search=({"rate": 0.2}, {"temperature": "learned"}, {"temperature": 1.0}),
    ),
    "coulomb": Recipe(
        km.CoulombGAN,
        search=({"epsilon": 0.3}, {"epsilon": 0.1}, {"epsilon": 0.3, "rate": 0.2}),
    ),
    "gaussian_mixture": Recipe(
        km.GaussianMixtureGAN,
        lambda p: _mixture(p, 100, components=10, stddev=1.4),
        search=({"rate": 0.2}, {"rate": 5.0}, {"gradient_penalty": 10.0}),
    ),
    "multi_modal": Recipe(
        km.MultiModalGAN,
        lambda p: {**_networks(p), "encoder": p.encoder(10)},
        lambda p: {"clusters": 10},
        search=({"rate": 0.2}, {"rate": 5.0}, {"code_weight": 0.1}),
    ),
    "mode_regularized": Recipe(
        km.ModeRegularizedGAN,
        _with_encoder,
        search=(
            {"geometric_weight": 0.02, "mode_weight": 0.04},
            {"geometric_weight": 2.0, "mode_weight": 0.4},
            {"geometric_weight": 0.02, "mode_weight": 0.4},
        ),
    ),
    "manifold_diffusion": Recipe(
        km.ManifoldDiffusionGAN,
        lambda p: {
            **_with_encoder(p),
            "diffusion_discriminator": p.discriminator(index=1),
        },
        search=({"geometric_weight": 0.1}, {"geometric_weight": 1.0}),
    ),
    "packed": Recipe(
        km.PackedGAN,
        lambda p: {**_networks(p), "discriminator": p.discriminator(together=2)},
        search=({"rate": 0.2}, {"rate": 5.0}),
    ),
    "relativistic": Recipe(
        km.RelativisticGAN,
        search=(
            {"penalty_weight": 0.1, "rate": 5.0},
            {"penalty_weight": 0.01, "rate": 5.0},
            {"penalty_weight": 0.001, "rate": 5.0},
        ),
    ),
}

# What `python -m keras_mdgan.experiments.search` found where the defaults fail.
SEARCHED: dict[str, dict[str, dict]] = {
    "grid": {
        "mixture_density": {"generator_loss": "non_saturating", "rate": 2.0},
        "vanilla": {"rate": 5.0},
        "adversarially_learned_inference": {"rate": 10.0},
        "unrolled": {"rate": 2.0, "unroll_learning_rate": 0.001},
        "veegan": {"rate": 5.0},
        "deligan": {"rate": 5.0},
        "infogan": {"rate": 5.0},
        "spectral_norm": {"rate": 20.0},
        "wasserstein": {"rate": 50.0, "weight_clip": 0.1},
        "wasserstein_gp": {"rate": 10.0, "penalty_weight": 0.1},
        "dragan": {"rate": 10.0},
        "began": {"rate": 10.0, "diversity_ratio": 1.0},
        "energy_based": {"margin": 0.1},
        "geometric": {"rate": 20.0},
        "multi_adversarial": {"temperature": 1.0},
        "coulomb": {"epsilon": 0.1},
        "gaussian_mixture": {"rate": 5.0},
        "multi_modal": {"rate": 5.0},
        "mode_regularized": {"geometric_weight": 0.02, "mode_weight": 0.4},
        "manifold_diffusion": {"geometric_weight": 0.1},
        "packed": {"rate": 5.0},
        "relativistic": {"penalty_weight": 0.1, "rate": 5.0},
    },
    "ring": {
        "mixture_density": {"generator_loss": "non_saturating"},
        "vanilla": {"generator_loss": "minimax"},
        "adversarially_learned_inference": {"rate": 10.0},
        "veegan": {"rate": 5.0},
        "deligan": {"rate": 5.0},
        "infogan": {"rate": 5.0},
        "spectral_norm": {"rate": 5.0, "critic_steps": 5},
        "wasserstein": {"rate": 50.0, "weight_clip": 0.1},
        "wasserstein_gp": {"rate": 10.0, "penalty_weight": 0.1},
        "dragan": {"rate": 10.0, "penalty_weight": 0.1},
        "geometric": {"rate": 20.0},
        "multi_adversarial": {"temperature": 1.0},
        "coulomb": {"epsilon": 0.3},
        "gaussian_mixture": {"rate": 5.0},
        "multi_modal": {"rate": 5.0},
        "manifold_diffusion": {"geometric_weight": 0.1},
        "packed": {"rate": 5.0},
        "relativistic": {"penalty_weight": 0.001, "rate": 5.0},
    },
}
