"""The base of models whose generator is asked for a class."""

import numpy as np
from keras import ops

from keras_mdgan.training.data.labels import as_classes
from keras_mdgan.training.draws import as_source
from keras_mdgan.training.gan import GAN
from keras_mdgan.validation import check_integer


class ConditionalGAN(GAN):
    """A GAN whose generator takes latents and labels.

    `fit(x, y)` needs labels, integers `(n,)` from 0 to `n_classes - 1`, and losses get
    `(x, y)`. A subclass defines both losses. In training the generator is asked for
    the labels of the real batch: real and generated data then have the same shares of
    the classes.

    Where a `GAN` takes latents, in `predict` and when it is called, this model takes
    the list `[latents, labels]`.

    Args:
        generator: a layer or model from `[latents, labels]` to data, such as
            `networks.ConditionalGenerator`.
        discriminator: a layer or model from data, or from `[data, labels]`, to
            `(batch_size, outputs)`.
        latents: a prior of `keras_mdgan.latents`.
        n_classes: the number of classes; `None` takes it from the generator's
            attribute `n_classes`.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit each other, or the number of classes is
            not known or not the generator's.
    """

    uses_labels = True

    def __init__(self, generator, discriminator, latents, *, n_classes=None, **kwargs):
        known = getattr(generator, "n_classes", None)
        if n_classes is None:
            n_classes = known
        if n_classes is None:
            raise ValueError(
                "`n_classes` must be given if the generator has no such attribute. "
                f"Received: n_classes=None, generator={generator!r}"
            )
        n_classes = check_integer("n_classes", n_classes)
        if known not in (None, n_classes):
            raise ValueError(
                f"`n_classes` must be that of the generator, {known}. "
                f"Received: n_classes={n_classes}"
            )
        super().__init__(generator, discriminator, latents, **kwargs)
        self.n_classes = n_classes

    @property
    def generator_input(self):
        return [self.latents.shape, ()]

    # For losses.

    def decode(self, latents, labels):
        """The generator's samples in training, float32 `(n, *data_shape)`."""
        return super().decode([latents, labels])

    def generate_for(self, batch):
        """A generated sample for each label of `(x, y)`, with gradients."""
        x, labels = batch
        return self.decode(self.draw_latents(x), labels)

    def embed(self, x):
        """The discriminator's outputs for data, float32 `(batch_size, outputs)`.

        If it takes labels too, they are its outputs with each of the classes, side by
        side: `(batch_size, n_classes * outputs)`.
        """
        if self.discriminator_input == self.data_shape:
            return super().embed(x)
        if hasattr(self.discriminator, "of_every_class"):
            return self.discriminator.of_every_class(x)
        x = ops.convert_to_tensor(x)
        n = ops.shape(x)[0]
        every = [ops.full((n,), k, "int32") for k in range(self.n_classes)]
        outputs = [self.discriminator([x, y], training=False) for y in every]
        return ops.cast(ops.concatenate(outputs, axis=-1), "float32")

    # Sampling.

    def predict(self, x, *args, **kwargs):
        """The samples of `[latents, labels]`, as `keras.Model.predict`.

        Args:
            x: `[latents, labels]`, or batches of both.
            *args: those of `keras.Model.predict`.
            **kwargs: the same.

        Raises:
            ValueError: if arrays of labels hold one that is no class.
        """
        if isinstance(x, (list, tuple)) and len(x) == 2:
            latents, labels = x
            x = [latents, as_classes("labels", labels, len(latents), self.n_classes)]
        return super().predict(x, *args, **kwargs)

    def generator_inputs(self, n, seed=None, labels=None):
        """Latents and labels of `sample(n, seed, labels=labels)`."""
        source = as_source(seed)
        # Latents first: with one seed, they are the same for any labels.
        latents = ops.convert_to_numpy(self.latents.sample(n, source))
        if labels is None:
            labels = ops.convert_to_numpy(source.integers((n,), self.n_classes))
        return [latents, as_classes("labels", labels, n, self.n_classes)]

    def sample(
        self,
        n: int,
        seed: int | None = None,
        batch_size: int = 2500,
        *,
        labels=None,
    ) -> np.ndarray:
        """Draw samples of given classes. Otherwise as `GAN.sample`.

        Args:
            n: how many samples.
            seed: an integer >= 0, or `None` for samples that cannot be reproduced.
                One seed gives the same latents for any labels.
            batch_size: how many samples the generator makes at once.
            labels: integers `(n,)` from 0 to `n_classes - 1`, the class of each
                sample; one integer for all of them; or `None`: drawn by the seed, each
                class with the same probability.

        Returns:
            A float32 array `(n, *data_shape)`.

        Raises:
            ValueError: if an argument is not as described.
        """
        n = check_integer("n", n)
        batch_size = check_integer("batch_size", batch_size)
        return self._generated(self.generator_inputs(n, seed, labels), n, batch_size)

    def get_config(self):
        return {**super().get_config(), "n_classes": self.n_classes}
