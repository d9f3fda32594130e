"""The base of models with a generator, a discriminator and latents."""

import math

import keras
import numpy as np
from keras import ops

from keras_mdgan.display import html_table, readable
from keras_mdgan.training import checks
from keras_mdgan.training.draws import as_source
from keras_mdgan.training.model import AdversarialModel
from keras_mdgan.training.optimizer import inner_optimizer
from keras_mdgan.training.players import Player
from keras_mdgan.validation import check_bool, check_integer, is_number


class GAN(AdversarialModel):
    """A generator against a discriminator.

    A subclass defines `discriminator_loss(real)` and `generator_loss(real)`. Each
    returns a scalar and a dictionary of scalars to log. The class attribute
    `differentiates_twice` says that a loss needs the discriminator's second derivative
    (gradient penalties, unrolling).

    Examples:
        See `examples/custom_gan.py` for a user's own GAN in under 40 lines.

    Args:
        generator: a layer or model from latents `(batch_size, latent_dim)` to data.
        discriminator: a layer or model from data to `(batch_size, outputs)`.
        latents: a prior of `keras_mdgan.latents`.
        critic_steps: the discriminator's updates per training step.
        ema_momentum: if given, the model keeps an exponential moving average of the
            generator, `average <- m * average + (1 - m) * weights` after each step,
            and samples from it.
        ema_warmup: whether `m` is `(1 + t) / (10 + t)` after step `t` if that is
            smaller, so that the first weights are soon forgotten.
        seed: an integer >= 0, or `None` for a random seed.
        name: the model's name.

    Raises:
        ValueError: if the networks do not fit each other or the latents.
    """

    differentiates_twice = False

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        critic_steps: int = 1,
        ema_momentum: float | None = None,
        ema_warmup: bool = True,
        seed: int | None = None,
        name: str | None = None,
    ):
        super().__init__(seed=seed, name=name)
        number = is_number(ema_momentum)
        if ema_momentum is not None and not (number and 0 <= ema_momentum < 1):
            raise ValueError(
                "`ema_momentum` must be None or in [0, 1). "
                f"Received: ema_momentum={ema_momentum!r}"
            )
        critic_steps = check_integer("critic_steps", critic_steps)
        checks.require_prior(latents)
        self.generator, self.discriminator = generator, discriminator
        self.latents = latents
        self.critic_steps, self.ema_momentum = critic_steps, ema_momentum
        self.ema_warmup = check_bool("ema_warmup", ema_warmup)
        self.data_shape = checks.output_shape(
            generator, self.generator_input, "generator", of="the latents"
        )
        self.n_outputs = self._count_outputs()
        if self.differentiates_twice:
            checks.refuse_single_derivative_layers(discriminator, type(self).__name__)
        self.ema_generator = None
        if ema_momentum is not None:
            self.ema_generator = checks.frozen_copy(generator, self.generator_input)
        # All networks are built, and the model has no further weights.
        self.built = True

    @property
    def generator_input(self):
        """The shape of the generator's input, or a list of shapes."""
        return self.latents.shape

    @property
    def discriminator_input(self):
        """The shape of the discriminator's input, or a list of shapes."""
        return self.data_shape

    def _count_outputs(self):
        shape = checks.output_shape(
            self.discriminator,
            self.discriminator_input,
            "discriminator",
            of="the generator's data",
        )
        if len(shape) != 1:
            raise ValueError(
                "`discriminator` must give one vector a sample, (batch_size, "
                f"outputs). Received: a discriminator with output shape {shape}"
            )
        return shape[0]

    def players(self):
        return [
            Player("discriminator", [self.discriminator], steps=self.critic_steps),
            Player("generator", [self.generator, self.latents]),
        ]

    # For losses.

    def draw_latents(self, real):
        """As many latents as `real` has samples, `(n, latent_dim)`."""
        n = ops.shape(real)[0]
        return ops.convert_to_tensor(self.latents.sample(n, self.draws))

    def decode(self, latents):
        """The generator's samples in training, float32 `(n, *data_shape)`."""
        return ops.cast(self.generator(latents, training=True), "float32")

    def generate_for(self, real):
        """As many generated samples as `real` has; gradients reach the generator."""
        return self.decode(self.draw_latents(real))

    def generate_like(self, real):
        """As many generated samples as `real` has, constant to the gradient."""
        return ops.stop_gradient(self.generate_for(real))

    def discriminate(self, x):
        """The discriminator's outputs in training, float32 `(n, outputs)`."""
        return ops.cast(self.discriminator(x, training=True), "float32")

    # For the training step.

    def sample_batch(self):
        x = ops.zeros((2, *self.data_shape), "float32")
        return (x, ops.zeros((2,), "int32")) if self.uses_labels else x

    def check_batch(self, batch):
        x = batch[0] if self.uses_labels else batch
        if tuple(x.shape[1:]) != self.data_shape:
            raise ValueError(
                f"The generator makes data of shape {self.data_shape} a sample. "
                f"Received: data of shape {tuple(x.shape[1:])} a sample"
            )

    def after_step(self):
        if self.ema_generator is not None:
            rest = ops.convert_to_tensor(1.0 - self.ema_momentum, "float32")
            if self.ema_warmup:
                steps = ops.cast(self.optimizer.iterations, "float32")
                rest = ops.maximum(rest, 9.0 / (10.0 + steps))
            pairs = zip(self.ema_generator.weights, self.generator.weights)
            for average, weight in pairs:
                difference = ops.cast(weight.value, average.dtype) - average.value
                average.assign_add(difference * ops.cast(rest, average.dtype))

    # Sampling.

    def call(self, latents, training=False):
        network = self.generator if self.ema_generator is None else self.ema_generator
        return network(latents, training=training)

    def sample(
        self, n: int, seed: int | None = None, batch_size: int = 2500
    ) -> np.ndarray:
        """Draw samples. The same seed gives the same latents on every backend.

        Several threads may draw at once, unless one of them trains the model.

        Args:
            n: how many samples.
            seed: an integer >= 0, or `None` for samples that cannot be reproduced.
            batch_size: how many samples the generator makes at once.

        Returns:
            A float32 array `(n, *data_shape)`. It comes from the averaged generator if
            the model keeps one.

        Raises:
            ValueError: if `n` or `batch_size` is not a positive integer, or `seed`
                is negative.
        """
        n = check_integer("n", n)
        batch_size = check_integer("batch_size", batch_size)
        return self._generated(self.generator_inputs(n, seed), n, batch_size)

    def generator_inputs(self, n: int, seed=None):
        """The arrays from which the generator makes `sample(n, seed)`."""
        return ops.convert_to_numpy(self.latents.sample(n, as_source(seed)))

    def _generated(self, inputs, n, batch_size):
        if self.shares > 1:  # divided among devices
            samples = self.predict(inputs, batch_size=min(n, batch_size), verbose=0)
        else:
            samples = np.concatenate(self._in_batches(inputs, n, batch_size))
        return np.asarray(samples, "float32")

    def _in_batches(self, inputs, n, size):
        from keras_mdgan.callbacks.interrupt import Interruptible

        parts = []
        with Interruptible() as interruptible:
            for start in range(0, n, size):
                interruptible.on_train_batch_begin(start)
                part = keras.tree.map_structure(
                    lambda x: x[start : start + size],  # noqa: B023
                    inputs,
                )
                parts.append(self.predict_on_batch(part))
                interruptible.on_train_batch_end(start)
        return parts

    def embed(self, x):
        """The discriminator's outputs for data, `(batch_size, outputs)` float32."""
        return ops.cast(self.discriminator(x, training=False), "float32")

    # In a prompt or a notebook.

    def __repr__(self):
        if not self.built:  # a constructor has failed
            return super().__repr__()
        shown = ", ".join(f"{k}: {v}" for k, v in self._described().items())
        return f"<{type(self).__name__} {shown}>"

    def _repr_html_(self):
        return html_table(type(self).__name__, self._described())

    def _described(self):
        """Shapes, the players' weights and optimizers, and the steps so far."""
        found = {"latents": self.latents.shape, "data": self.data_shape}
        found["outputs"] = self.n_outputs
        for player in self.players():
            weights = sum(math.prod(v.shape) for v in player.variables)
            found[player.name] = f"{weights:,} weights"
            if self.compiled:
                member = inner_optimizer(self.optimizer[player.name])
                rate = float(ops.convert_to_numpy(member.learning_rate))
                found[player.name] += f", {type(member).__name__} {rate:.4g}"
        if self.compiled:
            found["steps"] = int(ops.convert_to_numpy(self.optimizer.iterations))
        return {name: readable(value) for name, value in found.items()}

    # Saving.

    def export(self, path, **kwargs):
        """Write a SavedModel, ONNX or LiteRT; see `keras_mdgan.saving.export`."""
        from keras_mdgan.saving import export

        return export(self, path, **kwargs)

    def get_config(self):
        return {
            **super().get_config(),
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "latents": keras.saving.serialize_keras_object(self.latents),
            "critic_steps": self.critic_steps,
            "ema_momentum": self.ema_momentum,
            "ema_warmup": self.ema_warmup,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        given = {k: _deserialized(v, custom_objects) for k, v in config.items()}
        if given.get("ema_momentum") is not None:
            # Files written before there was a choice have a constant momentum.
            given = {"ema_warmup": False, **given}
        return cls(**given)


def _deserialized(value, custom_objects):
    if isinstance(value, (list, tuple)):
        return [_deserialized(item, custom_objects) for item in value]
    if isinstance(value, dict) and "class_name" in value:
        return keras.saving.deserialize_keras_object(value, custom_objects)
    return value
