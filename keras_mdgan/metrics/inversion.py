"""Inference via optimization: how closely a generator can match real images."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mdgan.metrics.lbfgs import minimize_each
from keras_mdgan.metrics.results import Result
from keras_mdgan.training import ConditionalGAN
from keras_mdgan.validation import check_integer


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class InferenceViaOptimization(Result):
    """The generator's images nearest to real images, as found by a search.

    Attributes:
        value: mean of `errors` over the images.
        errors: mean squared error of each image over its pixels and channels, in the
            unit of the images, squared; `(n_real,)`, float64.
        latents: the latents with these errors, `(n_real, latent_dim)`, float32.
        n_real: number of images.
        steps: steps of the search from each start.
        starts: starts for each image.
    """

    value: float
    errors: np.ndarray
    latents: np.ndarray
    n_real: int
    steps: int
    starts: int


def inference_via_optimization(
    gan: Any,
    images: np.ndarray,
    *,
    steps: int = 200,
    starts: int = 3,
    batch_size: int = 256,
    seed: int = 0,
) -> InferenceViaOptimization:
    """Searches the latents whose samples are nearest to real images (IvOM).

    L-BFGS minimises the mean squared error from each of `starts` draws of the prior,
    and the best result counts. As in the papers, the search may leave the region where
    the prior has mass (and the values of discrete latents). The result is an upper
    bound for the error of the best latents. It does not say how likely these are.

    The unit is that of the images: in [-1, 1] an error is 4 times as large as in
    [0, 1]. The papers do not state their range. Their values for CIFAR-10 (0.0067 to
    0.013) suggest [0, 1]: there, 100 principal components of the data leave an error of
    0.0062 (in [-1, 1]: 0.025).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.VanillaGAN(
        ...     km.networks.mlp_generator((2,), hidden=(16,), output_range=2.0, seed=0),
        ...     km.networks.mlp_discriminator((2,), hidden=(16,), seed=1),
        ...     km.latents.Uniform(2))
        >>> found = inference_via_optimization(gan, gan.sample(5, seed=9), steps=50)
        >>> found.errors.shape, found.latents.shape, float(found) < 1e-4
        ((5,), (5, 2), True)

    Args:
        gan: a model of this package, or any Keras model from latents to images with a
            prior `latents`. It is called with `training=False`, which uses the averaged
            generator if there is one.
        images: real images, `(n, *data_shape)`, in the generator's range.
        steps: steps from each start; each evaluates the generator once.
        starts: the number of starts for each image.
        batch_size: the number of searches at once (images times starts).
        seed: the seed of the starts.

    Returns:
        An `InferenceViaOptimization`.

    Raises:
        ValueError: if the images' shape is not the generator's, the generator takes
            labels, or a number is out of its range.

    References:
        Metz et al., "Unrolled Generative Adversarial Networks", ICLR 2017, section 3.4.
        Srivastava et al., "VEEGAN", NeurIPS 2017, section 4.
    """
    steps, starts = check_integer("steps", steps), check_integer("starts", starts)
    batch_size = check_integer("batch_size", batch_size)
    seed = check_integer("seed", seed, at_least=0)
    if isinstance(gan, ConditionalGAN):
        raise ValueError(
            "`gan` must make images of latents alone: labels cannot be searched. "
            "Search one class, by a Keras model that calls the GAN with its label. "
            f"Received: a {type(gan).__name__}"
        )
    images = _check_images(gan, images)
    # All starts at once, so that the result does not depend on `batch_size`.
    first = ops.convert_to_numpy(gan.latents.sample(len(images) * starts, seed))
    search = Search(gan, steps)
    found, errors = search.predict(
        [np.repeat(images, starts, axis=0), first],
        batch_size=min(batch_size, len(first)),
        verbose=0,
    )
    errors = np.asarray(errors, "float64").reshape(-1, starts)
    rows = np.arange(len(images)), errors.argmin(axis=1)
    errors = errors[rows]
    return InferenceViaOptimization(
        value=float(errors.mean()),
        errors=errors,
        latents=np.asarray(found).reshape(-1, starts, *first.shape[1:])[rows],
        n_real=len(images),
        steps=steps,
        starts=starts,
    )


class Search(keras.Model):
    """L-BFGS on latents as a Keras model, so that `predict` compiles it.

    Args:
        gan: the model that is called on latents.
        steps: the number of steps.
    """

    def __init__(self, gan, steps):
        super().__init__()
        self.gan, self.steps = gan, steps
        self.built = True

    def call(self, inputs):
        images, latents = inputs
        axes = tuple(range(1, len(images.shape)))

        def errors(z):
            made = ops.cast(self.gan(z, training=False), "float32")
            return ops.mean(ops.square(made - images), axis=axes)

        return minimize_each(errors, latents, self.steps)


def _check_images(gan, images):
    images = np.asarray(images, "float32")
    shape = getattr(gan, "data_shape", images.shape[1:])
    if images.shape[1:] != tuple(shape) or images.ndim < 2 or not len(images):
        raise ValueError(
            f"`images` must have shape (n, {', '.join(map(str, shape))}) with n >= 1. "
            f"Received: shape {images.shape}"
        )
    if not np.isfinite(images).all():
        raise ValueError("`images` must be finite. Received: NaN or infinity")
    return images
