"""Requirements on the networks of a GAN, checked before any training."""

import keras


def output_shape(network, input_shape, argument, of="the data"):
    """The shape of a network's output without the batch axis; builds the network.

    Args:
        network: a layer or model.
        input_shape: the shape of one sample, or a list of shapes for several inputs.
            The shape `()` is that of labels, which are integers.
        argument: the network's name in the error.
        of: the name of the network's inputs in the error.

    Raises:
        ValueError: if `network` is not a layer, or does not accept such inputs.
    """
    if not isinstance(network, keras.layers.Layer):
        raise ValueError(
            f"`{argument}` must be a Keras layer or model. "
            f"Received: {argument}={network!r} (of type {type(network).__name__})"
        )
    several, shapes = isinstance(input_shape, list), _batches(input_shape)
    inputs = [
        keras.KerasTensor(shape, "float32" if len(shape) > 1 else "int32")
        for shape in (shapes if several else [shapes])
    ]
    try:
        if not network.built:
            network.build(shapes)
        output = network.compute_output_spec(inputs if several else inputs[0])
    except Exception as error:
        described = " and ".join(str(x.shape[1:]) for x in inputs)
        raise ValueError(
            f"`{argument}` does not accept {of}, of shape {described} a sample: {error}"
        ) from error
    return tuple(output.shape[1:])


def _batches(input_shape):
    """The shape of a batch, or of the batches of several inputs."""
    if isinstance(input_shape, list):
        return [(None, *shape) for shape in input_shape]
    return (None, *input_shape)


def require_prior(latents):
    """Raise unless latents are a prior, or have the `sample` and `shape` of one."""
    if not callable(getattr(latents, "sample", None)) or not hasattr(latents, "shape"):
        raise ValueError(
            "`latents` must be a prior of keras_mdgan.latents. "
            f"Received: latents={latents!r}"
        )


def require_one_output(gan):
    """Raise unless the discriminator has one output per sample."""
    if gan.n_outputs != 1:
        raise ValueError(
            f"{type(gan).__name__} needs a discriminator with one output, "
            f"(batch_size, 1). Received: a discriminator with {gan.n_outputs} outputs"
        )


def require_data_output(gan, argument="discriminator"):
    """Raise unless a network is an autoencoder: data in, data of that shape out."""
    shape = output_shape(getattr(gan, argument), gan.data_shape, argument)
    if shape != gan.data_shape:
        raise ValueError(
            f"`{argument}` of {type(gan).__name__} must be an autoencoder of data of "
            f"shape {gan.data_shape}. Received: a network with output shape {shape}"
        )


def frozen_copy(network, input_shape):
    """A copy with the same weights, none of them trainable."""
    config = keras.saving.serialize_keras_object(network)
    copy = keras.saving.deserialize_keras_object(config)
    if not copy.built:
        copy.build(_batches(input_shape))
    copy.trainable = False
    copy.set_weights(network.get_weights())
    return copy


def refuse_single_derivative_layers(network, model):
    """Raise for layers whose second derivative on TensorFlow is silently wrong."""
    if keras.backend.backend() != "tensorflow":
        return
    # Not at the head of the file: `layers` imports this package.
    from keras_mdgan import layers

    wrong = {
        keras.layers.BatchNormalization: layers.BatchNormalization,
        keras.layers.LayerNormalization: layers.LayerNormalization,
        keras.layers.GroupNormalization: layers.GroupNormalization,
    }
    for layer in network._flatten_layers():
        for stock, ours in wrong.items():
            if isinstance(layer, stock) and not isinstance(layer, ours):
                raise ValueError(
                    f"{model} differentiates the discriminator twice, and TensorFlow's "
                    f"second derivative of keras.layers.{stock.__name__} is wrong. Use "
                    f"keras_mdgan.layers.{stock.__name__} instead. "
                    f"Received: a discriminator with the layer {layer.name!r}"
                )


def refuse_unshared_layers(model):
    """Raise for layers that give wrong results on replicas of TensorFlow and PyTorch.

    Raises:
        ValueError: for batch normalisation that uses the statistics of one replica's
            share, and for random layers that draw the same numbers on every replica.
    """
    for layer in model._flatten_layers(include_self=False):
        problem = None
        if isinstance(layer, keras.layers.BatchNormalization) and not (
            type(layer).__module__.startswith("keras_mdgan") or layer.synchronized
        ):
            problem = (
                "normalises by the statistics of its own share of the batch. Use "
                "`keras_mdgan.layers.BatchNormalization`"
            )
        # Layers with `draws` take their share of the whole batch's numbers.
        elif hasattr(layer, "seed_generator") and not hasattr(layer, "draws"):
            problem = (
                "draws the same numbers on every replica. Use the JAX backend, where "
                "`keras.distribution` divides one program"
            )
        if problem:
            raise ValueError(
                f"On several replicas the layer {layer.name!r} "
                f"({type(layer).__name__}) {problem}"
            )


def require_equal_shares(model, size, on_each):
    """Raise unless a batch divides into shares of one size, a multiple of `on_each`.

    Args:
        model: a compiled `AdversarialModel`.
        size: samples in the batch.
        on_each: the size of a device's share must be a multiple of this number.
    """
    multiple = on_each * model.shares
    if model.shares > 1 and size % multiple:
        raise ValueError(
            f"The batch is divided among {model.shares} devices, and a batch of "
            f"{type(model).__name__} holds a multiple of {on_each} on each: its "
            f"size must be divisible by {multiple}. Received: a batch of {size}"
        )


def has_convolutions(model) -> bool:
    """Whether any layer of a model is a convolution, of images or sequences."""
    layers = keras.layers
    kinds = tuple(
        getattr(layers, f"{kind}{n}D{suffix}")
        for kind, suffix, sizes in (
            ("Conv", "", (1, 2, 3)),
            ("Conv", "Transpose", (1, 2, 3)),
            ("DepthwiseConv", "", (1, 2)),
            ("SeparableConv", "", (1, 2)),
        )
        for n in sizes
    )
    return any(isinstance(layer, kinds) for layer in model._flatten_layers())


def require_loss(model, player: str, returned):
    """The scalar loss and the dictionary of scalars that a player's loss returns.

    Raises:
        ValueError: if it returns something else.
    """
    pair = isinstance(returned, tuple) and len(returned) == 2
    if not pair or not isinstance(returned[1], dict):
        received = type(returned).__name__
    else:
        loss, logs = returned
        wrong = [
            f"{name} of shape {tuple(value.shape)}"
            for name, value in {"a loss": loss, **logs}.items()
            if len(getattr(value, "shape", ())) > 0
        ]
        if not wrong:
            return returned
        received = ", ".join(wrong)
    raise ValueError(
        f"`{type(model).__name__}.{player}_loss` must return a scalar and a dictionary "
        f"of scalars to log. Received: {received}"
    )


# What Keras' `compile` takes, and adversarial models do not.
_LOSSES = ("loss", "loss_weights")
_METRICS = ("metrics", "weighted_metrics")


def refuse_compile_arguments(model, given):
    """Raise for arguments of Keras' `compile` that a game between players has not.

    Raises:
        ValueError: for those of Keras, with what to do instead.
        TypeError: for names that Keras does not have either.
    """
    for name, value in given.items():
        if name in _LOSSES:
            methods = " and ".join(f"`{p.name}_loss`" for p in model.players())
            reason = f"its losses are its methods {methods}; a subclass changes them"
        elif name in _METRICS:
            reason = (
                "callbacks measure its samples: `keras_mdgan.callbacks.EvaluateSamples`"
            )
        elif name == "auto_scale_loss":
            reason = "each player's optimizer scales its loss where float16 needs it"
        else:
            raise TypeError(f"compile() got an unexpected keyword argument {name!r}")
        if value is not None:
            raise ValueError(
                f"`compile` of {type(model).__name__} takes no `{name}`: {reason}. "
                f"Received: {name}={value!r}"
            )
