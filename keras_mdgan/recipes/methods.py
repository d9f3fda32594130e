"""The zoo's methods: how each is built, in one row per method."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping

import keras_mdgan as km
from keras_mdgan.validation import check_integer


def _networks(networks) -> dict:
    return {
        "generator": networks.generator(),
        "discriminator": networks.discriminator(),
        "latents": networks.latents,
    }


def _with_encoder(networks):
    return {**_networks(networks), "encoder": networks.encoder()}


def _with_pairs(networks, per_latent=1):
    return {
        **_networks(networks),
        "discriminator": networks.pair_discriminator(),
        "encoder": networks.encoder(per_latent * networks.latents.dim),
    }


def _with_autoencoder(networks):
    return {**_networks(networks), "discriminator": networks.autoencoder()}


def _mixture(networks, latent_dim, components, stddev, spread=1.0):
    mixture = km.latents.GaussianMixture(
        latent_dim, components, stddev, spread, trainable=True, seed=networks.seed
    )
    return {**_networks(networks), "latents": networks.with_continuous(mixture)}


def _gaussian_mixture(
    networks, latent_dim=100, components=10, stddev=1.4, spread=1.0, supervised=False
):
    made = _mixture(networks, latent_dim, components, stddev, spread)
    if supervised:
        # One output per class, which the labels of the data tell apart.
        made["discriminator"] = networks.discriminator(networks.data.n_classes)
    return {**made, "supervised": supervised}


def _n_classes(networks) -> int:
    n_classes = getattr(networks.data, "n_classes", None)
    if n_classes is None:
        raise ValueError(
            "`model` needs data with classes, one label a sample. "
            f"Received: {networks.data.name}, whose labels are no classes"
        )
    return n_classes


def _conditional(networks, discriminator):
    """Networks of a generator that is asked for a class."""
    generator = km.networks.ConditionalGenerator(
        networks.generator(), _n_classes(networks), seed=networks.seed + 70
    )
    return {
        "generator": generator,
        "discriminator": discriminator,
        "latents": networks.latents,
    }


def _with_projection(networks):
    return _conditional(
        networks,
        km.networks.projection_discriminator(
            networks.discriminator(), _n_classes(networks), seed=networks.seed + 80
        ),
    )


@dataclasses.dataclass(frozen=True)
class Method:
    """How recipes and experiments build a model of the zoo.

    Args:
        cls: the model's class.
        arguments: a function from the setting's networks, such as `PointNetworks`, to
            the constructor's networks and latents.
        options: a function from the setting's networks to further arguments of the
            constructor.
        search: options to try if the defaults fail, each a dictionary of constructor
            arguments. `rate` multiplies every player's learning rate.
        network_options: the options that `arguments` takes, by keyword, because they
            decide networks or latents.
    """

    cls: type
    arguments: Callable = _networks
    options: Callable = lambda networks: {}
    search: tuple = ({"rate": 0.2}, {"rate": 5.0})
    network_options: tuple[str, ...] = ()

    def build(self, networks, **options):
        """The model. `options` take precedence over the method's options."""
        given = {k: options.pop(k) for k in self.network_options if k in options}
        own = {**self.arguments(networks, **given), **self.options(networks)}
        return self.cls(**{**own, **options})

    def uses_labels(self, options: Mapping | None = None) -> bool:
        """Whether the model trains on labels.

        Examples:
            >>> METHODS["gaussian_mixture"].uses_labels({"supervised": True})
            True

        Args:
            options: further arguments of the constructor.
        """
        return self.cls.uses_labels or bool((options or {}).get("supervised"))

    def updates_per_step(self, options: Mapping | None = None) -> int:
        """The most updates of any player in a training step: its `critic_steps`.

        Examples:
            >>> METHODS["wasserstein"].updates_per_step()
            5
            >>> METHODS["vanilla"].updates_per_step({"critic_steps": 2})
            2

        Args:
            options: further arguments of the constructor.
        """
        if "critic_steps" in (options or {}):
            return check_integer("critic_steps", options["critic_steps"])
        # A class that leaves the argument to its base has the base's default.
        for base in self.cls.__mro__:
            known = inspect.signature(base.__init__).parameters.get("critic_steps")
            if known is not None:
                return known.default
        return 1


METHODS = {
    "mixture_density": Method(
        km.MixtureDensityGAN,
        lambda n: {**_networks(n), "discriminator": n.discriminator(n.embedding_dim)},
        search=(
            {"rate": 0.2},
            {"rate": 5.0},
            {"rate": 2.0},
            {"generator_loss": "non_saturating"},
            {"generator_loss": "non_saturating", "rate": 2.0},
        ),
    ),
    "conditional_mixture_density": Method(
        km.ConditionalMixtureDensityGAN,
        lambda n: _conditional(n, n.discriminator(n.embedding_dim)),
        search=({"rate": 0.2}, {"rate": 5.0}, {"generator_loss": "non_saturating"}),
    ),
    "vanilla": Method(
        km.VanillaGAN,
        search=({"rate": 0.2}, {"rate": 5.0}, {"generator_loss": "minimax"}),
    ),
    "adversarially_learned_inference": Method(
        km.AdversariallyLearnedInference,
        lambda n: _with_pairs(n, per_latent=2),
        search=({"rate": 5.0}, {"rate": 10.0}),
    ),
    "unrolled": Method(
        km.UnrolledGAN,
        search=(
            {"unroll_steps": 10},
            {"rate": 2.0, "unroll_learning_rate": 1e-3},
            {"unroll_steps": 10, "unroll_learning_rate": 1e-3},
        ),
    ),
    "veegan": Method(km.VEEGAN, _with_pairs),
    "deligan": Method(
        km.DeliGAN,
        lambda n: _mixture(n, n.n_continuous, components=50, stddev=0.2),
        search=({"rate": 0.2}, {"rate": 5.0}, {"stddev_weight": 0.01}),
    ),
    "infogan": Method(
        km.InfoGAN,
        lambda n: {**_networks(n), "discriminator": n.discriminator(1 + 10)},
        lambda n: {"codes": [km.latents.Categorical(10)]},
        search=({"rate": 0.2}, {"rate": 5.0}, {"information_weight": 0.1}),
    ),
    "spectral_norm": Method(
        km.SpectralNormGAN,
        search=({"rate": 5.0}, {"rate": 5.0, "critic_steps": 5}, {"rate": 20.0}),
    ),
    "wasserstein": Method(
        km.WassersteinGAN,
        search=(
            {"rate": 10.0},
            {"rate": 10.0, "weight_clip": 0.1},
            {"rate": 50.0, "weight_clip": 0.1},
        ),
    ),
    "wasserstein_gp": Method(
        km.WassersteinGANGP,
        search=({"rate": 5.0}, {"rate": 10.0}, {"rate": 10.0, "penalty_weight": 0.1}),
    ),
    "dragan": Method(
        km.DRAGAN,
        search=({"rate": 10.0}, {"rate": 10.0, "penalty_weight": 0.1}),
    ),
    "began": Method(
        km.BEGAN,
        _with_autoencoder,
        search=({"rate": 10.0}, {"rate": 10.0, "diversity_ratio": 1.0}),
    ),
    "energy_based": Method(
        km.EnergyBasedGAN,
        _with_autoencoder,
        search=({"margin": 1.0}, {"margin": 0.1}, {"rate": 0.2, "margin": 1.0}),
    ),
    "geometric": Method(km.GeometricGAN, search=({"rate": 5.0}, {"rate": 20.0})),
    "bayesian": Method(
        km.BayesianGAN,
        lambda n: {**_networks(n), "generator": [n.generator(k) for k in range(10)]},
        lambda n: {"data_size": n.n_points},
        search=({"rate": 0.1}, {"rate": 10.0}),
    ),
    "multi_adversarial": Method(
        km.MultiAdversarialGAN,
        lambda n: {
            **_networks(n),
            "discriminator": [n.discriminator(index=k) for k in range(3)],
        },
        search=({"rate": 0.2}, {"temperature": "learned"}, {"temperature": 1.0}),
    ),
    "coulomb": Method(
        km.CoulombGAN,
        search=({"epsilon": 0.3}, {"epsilon": 0.1}, {"epsilon": 0.3, "rate": 0.2}),
    ),
    "gaussian_mixture": Method(
        km.GaussianMixtureGAN,
        _gaussian_mixture,
        search=({"rate": 0.2}, {"rate": 5.0}, {"gradient_penalty": 10.0}),
        network_options=("latent_dim", "components", "stddev", "spread", "supervised"),
    ),
    "multi_modal": Method(
        km.MultiModalGAN,
        lambda n: {**_networks(n), "encoder": n.encoder(10)},
        lambda n: {"clusters": 10},
        search=({"rate": 0.2}, {"rate": 5.0}, {"code_weight": 0.1}),
    ),
    "mode_regularized": Method(
        km.ModeRegularizedGAN,
        _with_encoder,
        search=(
            {"geometric_weight": 0.02, "mode_weight": 0.04},
            {"geometric_weight": 2.0, "mode_weight": 0.4},
            {"geometric_weight": 0.02, "mode_weight": 0.4},
        ),
    ),
    "manifold_diffusion": Method(
        km.ManifoldDiffusionGAN,
        lambda n: {
            **_with_encoder(n),
            "diffusion_discriminator": n.discriminator(index=1),
        },
        search=({"geometric_weight": 0.1}, {"geometric_weight": 1.0}),
    ),
    "packed": Method(
        km.PackedGAN,
        lambda n: {**_networks(n), "discriminator": n.discriminator(together=2)},
        search=({"rate": 0.2}, {"rate": 5.0}),
    ),
    "projection": Method(
        km.ProjectionGAN,
        _with_projection,
        search=({"rate": 5.0}, {"rate": 20.0}, {"critic_steps": 5}),
    ),
    "relativistic": Method(
        km.RelativisticGAN,
        search=(
            {"penalty_weight": 0.1, "rate": 5.0},
            {"penalty_weight": 0.01, "rate": 5.0},
            {"penalty_weight": 0.001, "rate": 5.0},
        ),
    ),
}


def methods_for(data) -> list[str]:
    """The methods that can be trained on an entry of `datasets.DATASETS`.

    Those that need labels are left out if its labels are no classes.
    """
    classes = data.n_classes is not None
    return [k for k, method in METHODS.items() if classes or not method.uses_labels()]
