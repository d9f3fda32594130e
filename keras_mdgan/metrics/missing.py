"""Missing modes, counted by a discriminator that is trained after the GAN."""

import dataclasses
from typing import Any

import keras
import numpy as np

from keras_mdgan.metrics.results import Result
from keras_mdgan.training.checks import output_shape
from keras_mdgan.training.data.batches import ShuffledBatches
from keras_mdgan.validation import check_integer, check_number


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class MissingModes(Result):
    """Held-out images that the generator does not make; see `missing_modes`.

    Attributes:
        value: number of held-out images on missing modes.
        share: share of held-out images on missing modes, from 0 to 1.
        scores: the discriminator's probability that each held-out image is real,
            `(n_held_out,)`, from 0 to 1. Near 1 the image cannot be generated.
        threshold: the score above which an image counts as missing.
        noise_std: standard deviation of the noise in training.
        n_held_out: number of held-out images.
        n_real: number of real images in training.
        n_fake: number of generated images in training.
    """

    value: int
    share: float
    scores: np.ndarray
    threshold: float
    noise_std: float
    n_held_out: int
    n_real: int
    n_fake: int


def missing_modes(
    gan_or_samples: Any,
    images: np.ndarray,
    held_out: np.ndarray,
    *,
    network: keras.Layer,
    noise_std: float,
    threshold: float = 0.95,
    epochs: int = 20,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> MissingModes:
    """Counts the held-out images that a third-party discriminator is sure are real.

    After the generator's training, a network learns to tell real from generated images
    under Gaussian noise. The noise prevents a perfect separation:
    `D(x) = p_real(x) / (p_real(x) + p_fake(x))`. If `D` is close to 1 for a held-out
    real image without noise, the generator has almost no mass there. (The paper's
    equation has the roles in the numerator swapped.) The count depends on network,
    noise and threshold, and the papers state only the noise. Compare generators only
    with the same network, noise and threshold.

    Examples:
        >>> network = keras.Sequential([
        ...     keras.layers.Dense(16, "relu", kernel_initializer=keras.initializers.
        ...         GlorotUniform(seed=0)),
        ...     keras.layers.Dense(1, kernel_initializer=keras.initializers.
        ...         GlorotUniform(seed=1))])
        >>> left, right = np.full((200, 2), -2.0), np.full((200, 2), 2.0)
        >>> both = np.concatenate([left, right])
        >>> result = missing_modes(
        ...     left, both, both[::20], network=network, noise_std=0.5, batch_size=20)
        >>> result.value, result.n_held_out
        (10, 20)

    Args:
        gan_or_samples: a model with `sample(n, seed)`, which draws one sample per real
            image; or samples, `(n_fake, *data_shape)`.
        images: real images for training, `(n_real, *data_shape)`, in the same range.
        held_out: other real images to judge, `(n_held_out, *data_shape)`.
        network: a Keras model from images to one logit, `(batch_size, 1)`. A copy is
            trained. If the network is built, the copy starts with its weights.
        noise_std: standard deviation of the noise on real and generated images, >= 0,
            in the unit of the images.
        threshold: the score above which an image counts, between 0 and 1.
        epochs: passes over the images.
        batch_size: an even number; half of a batch is real and half generated.
        learning_rate: Adam's learning rate.
        seed: the seed of the samples, the noise and the order of the images.

    Returns:
        A `MissingModes`.

    Raises:
        ValueError: if shapes differ, images are not finite, the network does not give
            one logit, or a number is out of its range.

    References:
        Che et al., "Mode Regularized Generative Adversarial Networks", ICLR 2017,
        section 4.2.
    """
    epochs = check_integer("epochs", epochs)
    batch_size = check_integer("batch_size", batch_size, at_least=2)
    seed = check_integer("seed", seed, at_least=0)
    check_number("noise_std", noise_std, at_least=0)
    check_number("learning_rate", learning_rate, above=0)
    if not 0 < check_number("threshold", threshold) < 1:
        raise ValueError(
            f"`threshold` must be between 0 and 1. Received: threshold={threshold!r}"
        )
    images = _checked("images", images)
    held_out = _checked("held_out", held_out, images)
    shape = output_shape(network, images.shape[1:], "network", of="the images")
    if shape != (1,):
        raise ValueError(
            "`network` must give one logit an image, (batch_size, 1). "
            f"Received: a network with output shape {shape}"
        )
    if hasattr(gan_or_samples, "sample"):
        gan_or_samples = gan_or_samples.sample(len(images), seed=seed)
    fake = _checked("gan_or_samples", gan_or_samples, images)
    if batch_size % 2 or batch_size > 2 * min(len(images), len(fake)):
        raise ValueError(
            "`batch_size` must be even and at most twice the number of images, "
            f"{len(images)} real and {len(fake)} generated. "
            f"Received: batch_size={batch_size!r}"
        )
    judge = _copy(network, images.shape[1:])
    judge.compile(
        keras.optimizers.Adam(learning_rate),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    batches = _NoisyBatches(images, fake, noise_std, epochs, batch_size // 2, seed)
    judge.fit(batches, shuffle=False, verbose=0)
    logits = judge.predict(held_out, batch_size=batch_size, verbose=0)
    # The sigmoid as a hyperbolic tangent, which cannot overflow.
    scores = 0.5 + 0.5 * np.tanh(0.5 * np.asarray(logits, "float64")[:, 0])
    missing = scores > threshold
    return MissingModes(
        value=int(missing.sum()),
        share=float(missing.mean()),
        scores=scores,
        threshold=threshold,
        noise_std=noise_std,
        n_held_out=len(held_out),
        n_real=len(images),
        n_fake=len(fake),
    )


class _NoisyBatches(keras.utils.PyDataset):
    """All epochs as one, so that a batch depends only on its number."""

    def __init__(self, real, fake, noise_std, epochs, half, seed):
        super().__init__()
        self.sources = [
            ShuffledBatches(x, batch_size=half, seed=seed) for x in (real, fake)
        ]
        self.noise_std, self.epochs, self.seed = noise_std, epochs, seed
        self.labels = np.repeat([[1.0], [0.0]], half, axis=0).astype("float32")

    def __len__(self):
        return self.epochs * len(self.sources[0])

    def __getitem__(self, index):
        x = np.concatenate([source.at(index)[0] for source in self.sources])
        generator = np.random.default_rng([self.seed, index])
        noise = generator.standard_normal(x.shape, "float32")
        return x + np.float32(self.noise_std) * noise, self.labels


def _copy(network, shape):
    config = keras.saving.serialize_keras_object(network)
    copy = keras.saving.deserialize_keras_object(config)
    if not copy.built:
        copy.build((None, *shape))
    copy.set_weights(network.get_weights())
    return keras.Sequential([keras.Input(shape), copy])


def _checked(argument, images, like=None):
    images = np.asarray(images, "float32")
    shape = images.shape[1:] if like is None else like.shape[1:]
    if images.ndim < 2 or not len(images) or images.shape[1:] != shape:
        raise ValueError(
            f"`{argument}` must have shape (n, {', '.join(map(str, shape)) or '...'}) "
            f"with n >= 1. Received: shape {images.shape}"
        )
    if not np.isfinite(images).all():
        raise ValueError(f"`{argument}` must be finite. Received: NaN or infinity")
    return images
