"""What another process can build of a model without running the user's script."""

from keras_mdgan.training.gan import GAN

SCRIPT = ("__main__", "__mp_main__")


def portable(gan):
    """The model itself, or one of its networks if a script defines only its losses.

    A class of the running script or notebook can be had in another process only by
    running all of it once more. An export needs no losses: a plain `GAN` of the same
    networks gives the same samples and embeddings.

    Args:
        gan: a `keras_mdgan.GAN`.

    Raises:
        ValueError: if the script defines a layer, or the way from latents to samples or
            from data to embeddings. The message says what to do.
    """
    cls = type(gan)
    if cls.__module__ in SCRIPT and cls.call is GAN.call and cls.embed is GAN.embed:
        generator = gan.generator if gan.ema_generator is None else gan.ema_generator
        gan = GAN(generator, gan.discriminator, gan.latents, seed=0)
    every = {type(layer) for layer in [gan, *gan._flatten_layers()]}
    own = sorted(each.__name__ for each in every if each.__module__ in SCRIPT)
    if own:
        raise ValueError(
            "`export` writes the SavedModel in a process of TensorFlow, which cannot "
            f"import classes of the running script. Received: {', '.join(own)} from "
            "__main__. Move them to a module of their own (a .py file) and import them "
            "from there"
        )
    return gan


def modules_of(gan) -> list[str]:
    """The modules of the user's own layers, which the other process imports."""
    modules = {type(layer).__module__ for layer in [gan, *gan._flatten_layers()]}
    return sorted(m for m in modules if m.split(".")[0] not in ("keras", "keras_mdgan"))
