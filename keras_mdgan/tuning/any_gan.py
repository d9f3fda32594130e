"""A search among GANs."""

from collections.abc import Callable, Mapping
from typing import Any

from keras_mdgan.training import GAN
from keras_mdgan.tuning.hypermodel import GANHyperModel


class AnyGAN(GANHyperModel):
    """A search among GANs: the hyperparameter `model` chooses one.

    Examples:
        >>> import keras_mdgan as km
        >>> import keras_tuner
        >>> def parts(seed):
        ...     return (km.networks.mlp_generator((2,), seed=seed),
        ...             km.networks.mlp_discriminator((2,), seed=seed + 1),
        ...             km.latents.Uniform(2))
        >>> search = AnyGAN(km.datasets.ring(), {
        ...     "vanilla": lambda seed: km.VanillaGAN(*parts(seed), seed=seed),
        ...     "dragan": lambda seed: km.DRAGAN(*parts(seed), seed=seed)})
        >>> type(search.build(keras_tuner.HyperParameters())).__name__
        'VanillaGAN'

    Args:
        data: see `GANHyperModel`.
        models: for each name, a function from a seed to a GAN. If the GAN is not
            compiled, it is compiled with its paper's optimizers.
        **kwargs: the arguments of `GANHyperModel`.

    Raises:
        ValueError: if `models` is empty; see also `GANHyperModel`.
    """

    def __init__(self, data: Any, models: Mapping[str, Callable[[int], GAN]], **kwargs):
        super().__init__(data, **kwargs)
        if not models:
            raise ValueError("`models` must not be empty.")
        self.models = dict(models)

    def make(self, hp, seed):
        gan = self.models[hp.Choice("model", list(self.models))](seed)
        if not gan.compiled:
            gan.compile()
        return gan
