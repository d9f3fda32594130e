"""What another process can build of a model without running the user's script."""

import keras

from keras_mdgan.training.conditional import ConditionalGAN
from keras_mdgan.training.gan import GAN

SCRIPT = ("__main__", "__mp_main__")
PRODUCT = "saved_model"  # what the other process writes into its folder
_register = keras.saving.register_keras_serializable("keras_mdgan")


class _Portable:
    """A GAN of given networks without losses; any discriminator fits."""

    def __init__(self, *args, judged, **kwargs):
        self.judged = judged  # read by the base's constructor
        super().__init__(*args, **kwargs)

    @property
    def discriminator_input(self):
        several = bool(self.judged) and isinstance(self.judged[0], (list, tuple))
        return [tuple(s) for s in self.judged] if several else tuple(self.judged)

    def _count_outputs(self):
        return None

    def get_config(self):
        return {**super().get_config(), "judged": self.judged}


@_register
class PortableGAN(_Portable, GAN):
    """See `portable`."""


@_register
class PortableConditionalGAN(_Portable, ConditionalGAN):
    """See `portable`."""


def portable(gan):
    """The model itself, or one of its networks if a script defines only its losses.

    A class of the running script or notebook can be had in another process only by
    running all of it once more. An export needs no losses: a plain model of the same
    networks gives the same samples and embeddings.

    Args:
        gan: a `keras_mdgan.GAN`.

    Raises:
        ValueError: if the script defines a layer, or the way from latents to samples or
            from data to embeddings. The message says what to do.
    """
    cls = type(gan)
    if cls.__module__ in SCRIPT:
        plain = ConditionalGAN if isinstance(gan, ConditionalGAN) else GAN
        nearest = next(c for c in cls.__mro__ if c.__module__ not in SCRIPT)
        for base in (plain, nearest):
            if cls.call is base.call and cls.embed is base.embed:
                gan = _without_losses(gan, base)
                break
    every = {type(layer) for layer in [gan, *gan._flatten_layers()]}
    own = sorted(each.__name__ for each in every if each.__module__ in SCRIPT)
    if own:
        raise ValueError(
            "`export` writes in a process of TensorFlow, which cannot "
            f"import classes of the running script. Received: {', '.join(own)} from "
            "__main__. Move them to a module of their own (a .py file) and import them "
            "from there"
        )
    return gan


def _without_losses(gan, base):
    """A model of the script's base class, or of no class's losses, with its weights."""
    if base not in (GAN, ConditionalGAN):
        return _copy(gan, base)
    generator = gan.generator if gan.ema_generator is None else gan.ema_generator
    given = {"seed": 0}
    if base is ConditionalGAN:
        given["n_classes"] = gan.n_classes
    judged, counted = gan.discriminator_input, type(gan)._count_outputs
    if judged != gan.data_shape or counted is not GAN._count_outputs:
        given["judged"] = judged
        base = PortableConditionalGAN if base is ConditionalGAN else PortableGAN
    return base(generator, gan.discriminator, gan.latents, **given)


def _copy(gan, base):
    config = base.get_config(gan)  # without what the script's class adds
    copy = base.from_config(config)
    for name in (*config, "ema_generator"):
        old = getattr(gan, name, None)
        if isinstance(old, keras.layers.Layer):
            getattr(copy, name).set_weights(old.get_weights())
    return copy


def embeds_data(gan) -> bool:
    """Whether `gan.embed` takes data alone.

    The base's `embed` gives them to the discriminator, which may need more, such as
    latents. A model with such a discriminator and no `embed` of its own has none.
    """
    judged = gan.discriminator_input
    if isinstance(gan, ConditionalGAN) and judged == [gan.data_shape, ()]:
        return True
    return type(gan).embed not in (GAN.embed, ConditionalGAN.embed) or (
        judged == gan.data_shape
    )


def modules_of(gan) -> list[str]:
    """The modules of the user's own layers, which the other process imports."""
    modules = {type(layer).__module__ for layer in [gan, *gan._flatten_layers()]}
    return sorted(m for m in modules if m.split(".")[0] not in ("keras", "keras_mdgan"))
