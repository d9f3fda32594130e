"""A search over the mixture of a Mixture Density GAN."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mdgan import latents as priors
from keras_mdgan import networks
from keras_mdgan.models import MixtureDensityGAN
from keras_mdgan.training import ShuffledBatches
from keras_mdgan.tuning.hypermodel import GANHyperModel


class ClustersAndVariance(GANHyperModel):
    """A search over the mixture of a Mixture Density GAN.

    The hyperparameters are `components` and `variance`. `variance` is that of real data
    and of generated data, unless `variances_fake` adds `variance_fake` for the latter.
    `assignment`, `scale`, `generator_rate` and `discriminator_rate` are hyperparameters
    too if they have more than one value.

    Examples:
        >>> import keras_mdgan as km
        >>> import keras_tuner
        >>> search = ClustersAndVariance(km.datasets.ring(), components=(6, 8))
        >>> hp = keras_tuner.HyperParameters()
        >>> search.build(hp).components, [p.name for p in hp.space]
        (6, ['components', 'variance'])

    Then `tuner = km.tuning.GridSearch(search, keras_tuner.Objective("modes", "max"),
    directory="runs", project_name="ring")`, `tuner.search()`, and
    `tuner.get_best_models()[0].sample(16)`.

    Args:
        data: see `GANHyperModel`.
        recipe: a function that returns a `Recipe` or a compiled GAN. Its arguments are
            a seed and, by name, the hyperparameters of a trial. It may call
            `recipes.points` with these as `options`. The recipe decides on networks,
            latents and rates, which must then not be arguments here.
        generator: a function from a seed to a network from latents to data. The default
            is `networks.mlp_generator`, for vectors.
        discriminator: a function from the number of outputs and a seed to a network.
            The default is `networks.mlp_discriminator`.
        latents: a prior; by default two uniform latents.
        components: numbers of Gaussians.
        variances: variances of the Gaussians.
        variances_fake: variances for generated data, if they are searched separately.
        assignments: `"max"`, `"mixture"`, or both.
        scales: `"unit_norm"`, `"unit_edge"`, `"authors_demo"`, or some of them.
        generator_rates: the generator's learning rates, for Adam with b1 = 0.5.
        discriminator_rates: the discriminator's learning rates.
        model: further arguments of `MixtureDensityGAN`, for all trials.
        steps_per_execution: see `AdversarialModel.compile`.
        **kwargs: the arguments of `GANHyperModel`.

    Raises:
        ValueError: if there is nothing to choose from, or networks are missing for data
            that are not vectors; see also `GANHyperModel`.

    Reference:
        Eghbal-zadeh et al., Mixture Density GAN, 2019: the slides' hyper-parameter
        search.
    """

    def __init__(
        self,
        data: Any,
        *,
        recipe: Callable[..., Any] | None = None,
        generator: Callable[[int], keras.Model] | None = None,
        discriminator: Callable[[int, int], keras.Model] | None = None,
        latents: Any = None,
        components: Sequence[int] = (4, 6, 8, 10, 12),
        variances: Sequence[float] = (0.16, 0.25, 0.5),
        variances_fake: Sequence[float] = (),
        assignments: Sequence[str] = ("max",),
        scales: Sequence[str] = ("unit_norm",),
        generator_rates: Sequence[float] = (1e-3,),
        discriminator_rates: Sequence[float] = (1e-3,),
        model: Mapping[str, Any] | None = None,
        steps_per_execution: int = 1,
        **kwargs,
    ):
        super().__init__(data, **kwargs)
        shape = _shape_of(data)
        if recipe is not None:
            for name, value in (
                ("generator", generator),
                ("discriminator", discriminator),
                ("latents", latents),
                ("model", model),
                ("generator_rates", generator_rates != (1e-3,) or None),
                ("discriminator_rates", discriminator_rates != (1e-3,) or None),
            ):
                if value is not None:
                    raise ValueError(
                        f"`{name}` has no meaning beside a `recipe`: that decides on it"
                    )
        elif len(shape) != 1 and (generator is None or discriminator is None):
            raise ValueError(
                "`generator` and `discriminator` must be given for data of shape "
                f"{shape} a sample: only vectors have default networks"
            )
        self.recipe = recipe
        self.generator = generator or (
            lambda seed: networks.mlp_generator(shape, seed=seed)
        )
        self.discriminator = discriminator or (
            lambda outputs, seed: networks.mlp_discriminator(shape, outputs, seed=seed)
        )
        self.latents = priors.Uniform(2) if latents is None else latents
        self.choices = {
            "components": components,
            "variance": variances,
            "variance_fake": variances_fake,
            "assignment": assignments,
            "scale": scales,
            "generator_rate": generator_rates,
            "discriminator_rate": discriminator_rates,
        }
        for name, values in self.choices.items():
            if name != "variance_fake" and not len(values):
                raise ValueError(f"`{name}`: there is nothing to choose from.")
        self.model, self.steps_per_execution = dict(model or {}), steps_per_execution

    def _is_searched(self, name):
        return name in ("components", "variance") or len(self.choices[name]) > 1

    def _chosen(self, hp, name):
        values = list(self.choices[name])
        return hp.Choice(name, values) if self._is_searched(name) else values[0]

    def make(self, hp, seed):
        chosen = {
            name: self._chosen(hp, name)
            for name, values in self.choices.items()
            if len(values)
        }
        if self.recipe is not None:
            searched = {k: v for k, v in chosen.items() if self._is_searched(k)}
            made = self.recipe(seed, **searched)
            return getattr(made, "model", made)  # a `Recipe` is taken, too
        outputs = chosen["components"] - (0 if self.model.get("offset") else 1)
        gan = MixtureDensityGAN(
            generator=self.generator(1000 * seed),
            discriminator=self.discriminator(outputs, 1000 * seed + 100),
            latents=self.latents,
            variance_real=chosen["variance"],
            variance_fake=chosen.get("variance_fake", chosen["variance"]),
            assignment=chosen["assignment"],
            scale=chosen["scale"],
            seed=seed,
            **self.model,
        )
        gan.compile(
            {
                player: keras.optimizers.Adam(chosen[f"{player}_rate"], beta_1=0.5)
                for player in ("generator", "discriminator")
            },
            steps_per_execution=self.steps_per_execution,
        )
        return gan


def _shape_of(data):
    if hasattr(data, "centers"):
        return np.asarray(data.centers).shape[1:]
    if isinstance(data, tuple):  # with labels
        data = data[0]
    return np.shape(data.x if isinstance(data, ShuffledBatches) else data)[1:]
