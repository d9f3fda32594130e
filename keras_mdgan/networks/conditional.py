"""Networks that know the class: a generator and a discriminator around any other."""

import keras
from keras import ops

from keras_mdgan.validation import check_integer, check_seed

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class ConditionalGenerator(keras.layers.Layer):
    """A generator that is asked for a class.

    The embedding of the label is joined to the latents, and `network` takes both as
    one vector. Any generator of this package serves, for points or for images: those
    without `latent_dim` are built for the longer vector.

    Examples:
        >>> import keras_mdgan as km
        >>> import numpy as np
        >>> generator = ConditionalGenerator(
        ...     km.networks.compact_generator((28, 28, 1)), n_classes=10)
        >>> latents, labels = np.zeros((3, 64), "float32"), np.array([7, 7, 1])
        >>> tuple(generator([latents, labels]).shape)
        (3, 28, 28, 1)

    Args:
        network: a layer or model from vectors to data.
        n_classes: the number of classes.
        embedding_dim: the dimension of the labels' embedding.
        seed: an integer for the embedding, or `None`.

    Call arguments:
        inputs: latents `(batch_size, latent_dim)` and labels, integers
            `(batch_size,)` from 0 to `n_classes - 1`.

    Raises:
        ValueError: if `n_classes` or `embedding_dim` is not a positive integer.

    Reference:
        Mirza and Osindero, Conditional Generative Adversarial Nets, 2014, section 3.2.
    """

    def __init__(
        self,
        network,
        n_classes: int,
        embedding_dim: int = 16,
        seed: int | None = None,
        name: str = "generator",
        **kwargs,
    ):
        # Not at the head of the file: `layers` imports `training`.
        from keras_mdgan.layers import ClassEmbedding

        super().__init__(name=name, **kwargs)
        self.n_classes = check_integer("n_classes", n_classes)
        self.embedding_dim = check_integer("embedding_dim", embedding_dim)
        self.seed = check_seed(seed)
        self.network = network
        self.embedding = ClassEmbedding(
            self.n_classes, self.embedding_dim, self.seed, name="embedding"
        )

    def build(self, input_shape):
        latents, labels = input_shape
        if not self.network.built:
            self.network.build((*latents[:-1], latents[-1] + self.embedding_dim))
        self.embedding.build(labels)
        self.built = True

    def call(self, inputs, training=False):
        latents, labels = inputs
        embedded = self.embedding(labels)
        joined = ops.concatenate([ops.cast(latents, embedded.dtype), embedded], -1)
        return self.network(joined, training=training)

    def compute_output_spec(self, inputs, training=False):
        latents, _ = inputs
        joined = (*latents.shape[:-1], latents.shape[-1] + self.embedding_dim)
        return self.network.compute_output_spec(keras.KerasTensor(joined, "float32"))

    def get_config(self):
        return {
            **super().get_config(),
            "network": keras.saving.serialize_keras_object(self.network),
            "n_classes": self.n_classes,
            "embedding_dim": self.embedding_dim,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        network = keras.saving.deserialize_keras_object(config["network"])
        return cls(**{**config, "network": network})


@_register
class ProjectionDiscriminator(keras.layers.Layer):
    """A discriminator of data and labels, by the projection on the label's vector.

    With features `phi(x)`, its value is `v_y . phi(x) + psi(phi(x))`. A dense layer is
    `psi`, and each class has a vector `v_y`. The second term says how real `x` looks,
    the first how much it looks like its class: the form that the optimal value has if
    the classes given `phi(x)` are log-linear. `projection_discriminator` makes it of
    any Sequential discriminator.

    Examples:
        >>> import keras_mdgan as km
        >>> import numpy as np
        >>> features = keras.Sequential([
        ...     keras.Input((2,)), keras.layers.Dense(16, "relu")])
        >>> discriminator = ProjectionDiscriminator(features, n_classes=8)
        >>> x, labels = np.zeros((3, 2), "float32"), np.array([0, 1, 7])
        >>> tuple(discriminator([x, labels]).shape)
        (3, 1)
        >>> tuple(discriminator.of_every_class(x).shape)
        (3, 8)

    Args:
        features: `phi`, a layer or model from data to vectors.
        n_classes: the number of classes.
        judgement: `psi`, a layer from these vectors to one value; `None` for a new
            dense layer.
        seed: an integer for the first weights of this layer and of the classes'
            vectors, or `None`.

    Call arguments:
        inputs: data `(batch_size, *data_shape)` and labels, integers `(batch_size,)`
            from 0 to `n_classes - 1`.

    Raises:
        ValueError: if `n_classes` is not a positive integer, or `features` does not
            give vectors.

    Reference:
        Miyato and Koyama, cGANs with Projection Discriminator, 2018, eqs. (3) and (4).
    """

    def __init__(
        self,
        features,
        n_classes: int,
        judgement=None,
        seed: int | None = None,
        name: str = "discriminator",
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        self.n_classes = check_integer("n_classes", n_classes)
        self.seed = check_seed(seed)
        self.features = features
        self.judgement = judgement or keras.layers.Dense(
            1, kernel_initializer=self._initializer(0), dtype="float32"
        )

    def _initializer(self, index):
        return keras.initializers.VarianceScaling(
            1.0,
            "fan_in",
            "untruncated_normal",
            seed=None if self.seed is None else self.seed + index,
        )

    def build(self, input_shape):
        data, _ = input_shape
        if not self.features.built:
            self.features.build(data)
        features = self.features.compute_output_spec(keras.KerasTensor(data))
        if len(features.shape) != 2:
            raise ValueError(
                "`features` must give one vector a sample, (batch_size, dim). "
                f"Received: features of shape {tuple(features.shape[1:])}"
            )
        if not self.judgement.built:
            self.judgement.build(features.shape)
        # `(dim, n_classes)`, so that fan-in is that of the features.
        self.class_vectors = self.add_weight(
            shape=(features.shape[-1], self.n_classes),
            initializer=self._initializer(1),
            name="class_vectors",
        )
        self.built = True

    def call(self, inputs, training=False):
        x, labels = inputs
        values = self.of_every_class(x, training)
        labels = ops.expand_dims(ops.cast(labels, "int32"), -1)
        # Not `take_along_axis`: the gradient of a gather is summed in any order on a
        # GPU, and a resumed run would differ.
        own = ops.equal(labels, ops.arange(self.n_classes, dtype="int32"))
        own = ops.cast(own, values.dtype)
        return ops.sum(own * values, axis=-1, keepdims=True)

    def of_every_class(self, x, training=False):
        """The values of data with each of the labels, float32 `(n, n_classes)`."""
        features = ops.cast(self.features(x, training=training), "float32")
        vectors = ops.cast(self.class_vectors, "float32")
        return ops.matmul(features, vectors) + self.judgement(features)

    def compute_output_spec(self, inputs, training=False):
        return keras.KerasTensor((inputs[0].shape[0], 1), "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "n_classes": self.n_classes,
            "judgement": keras.saving.serialize_keras_object(self.judgement),
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        for part in ("features", "judgement"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)


def projection_discriminator(
    network: keras.Sequential, n_classes: int, seed: int | None = None
) -> ProjectionDiscriminator:
    """Turns a discriminator into one of data and labels.

    The last dense layer becomes `psi`, and what is before it `phi`. Only a Sequential
    model is taken apart, such as the discriminators of this package and what
    `layers.spectrally_normalized` makes of them.

    Examples:
        >>> import keras_mdgan as km
        >>> discriminator = projection_discriminator(
        ...     km.networks.dcgan_discriminator((28, 28, 1)), n_classes=10)
        >>> discriminator.judgement.units, len(discriminator.features.layers)
        (1, 7)

    Args:
        network: a discriminator with one output. Its layers become parts of the result.
        n_classes: the number of classes.
        seed: an integer for the classes' vectors, or `None`.

    Raises:
        ValueError: if `network` is no Sequential model that ends in a dense layer with
            one output.
    """
    layers = network.layers if isinstance(network, keras.Sequential) else []
    last = layers[-1] if layers else None
    dense = getattr(last, "layer", last)  # that of a wrapper such as a spectral norm
    if not isinstance(dense, keras.layers.Dense) or dense.units != 1:
        raise ValueError(
            "`network` must be a keras.Sequential whose last layer is a Dense of one "
            "unit; give other networks to `ProjectionDiscriminator` as `features`. "
            f"Received: network={network!r}"
        )
    features = keras.Sequential(
        [keras.Input(network.input_shape[1:]), *layers[:-1]], name="features"
    )
    return ProjectionDiscriminator(features, n_classes, last, seed, network.name)
