"""Random changes of images that keep what the images show."""

import keras
from keras import ops

from keras_mdgan.training.draws import Draws
from keras_mdgan.validation import check_bool, check_number, check_seed


@keras.saving.register_keras_serializable("keras_mdgan")
class RandomAffine(keras.layers.Layer):
    """Turns, scales, shears and shifts each image at random, about its centre.

    It is meant for `MixtureDensityGAN(augmentation=...)`: images that differ by such a
    change then belong to one corner. Outside training the layer does nothing. Pixels
    are interpolated linearly.

    An output pixel at `p`, counted from the centre, shows the input at
    `R(a) [[1, s], [0, 1]] diag(u, v) p + t`: rotation by `a`, shear `s`, factors `u`
    and `v`, shift `t`.

    Examples:
        >>> import numpy as np
        >>> layer = RandomAffine(seed=0)
        >>> tuple(layer(np.zeros((4, 28, 28, 1), "float32"), training=True).shape)
        (4, 28, 28, 1)

    Args:
        rotation: the largest angle, in radians.
        zoom: the largest logarithm of the factor of each axis.
        shear: the largest shear.
        shift: the largest shift along each axis, as a share of the image's side.
        flip: whether half of the images are mirrored from left to right.
        fill_value: the value of pixels from outside the image.
        seed: an integer, or `None`.

    Raises:
        ValueError: if a number is negative or not finite.
    """

    def __init__(
        self,
        rotation: float = 0.35,
        zoom: float = 0.2,
        shear: float = 0.35,
        shift: float = 0.1,
        flip: bool = False,
        fill_value: float = -1.0,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.rotation = check_number("rotation", rotation, at_least=0)
        self.zoom = check_number("zoom", zoom, at_least=0)
        self.shear = check_number("shear", shear, at_least=0)
        self.shift = check_number("shift", shift, at_least=0)
        self.flip, self.fill_value = (
            check_bool("flip", flip),
            check_number("fill_value", fill_value),
        )
        self.seed = check_seed(seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.draws = Draws(self.seed_generator)
        self.built = True

    def call(self, images, training=False):
        if not training:
            return images
        return ops.image.affine_transform(
            images, self._transforms(images), fill_value=self.fill_value
        )

    def _transforms(self, images):
        """Eight numbers per image, from output to input pixels, `(n, 8)`."""
        last = keras.config.image_data_format() == "channels_last"
        height, width = images.shape[1:3] if last else images.shape[2:4]
        n = ops.shape(images)[0]
        drawn = ops.convert_to_tensor(self.draws.uniform((n, 7), -1.0, 1.0))
        angle, shear, across, down, right, below, side = ops.unstack(drawn, 7, axis=1)
        angle, shear = angle * self.rotation, shear * self.shear
        u, v = ops.exp(across * self.zoom), ops.exp(down * self.zoom)
        if self.flip:
            u = u * ops.where(side < 0, -1.0, 1.0)
        cos, sin = ops.cos(angle), ops.sin(angle)
        xx, xy = u * cos, v * (shear * cos - sin)
        yx, yy = u * sin, v * (shear * sin + cos)
        x, y = (width - 1) / 2, (height - 1) / 2  # the centre
        to_x = x - xx * x - xy * y + right * self.shift * width
        to_y = y - yx * x - yy * y + below * self.shift * height
        none = ops.zeros_like(angle)
        return ops.stack([xx, xy, to_x, yx, yy, to_y, none, none], axis=1)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "rotation": self.rotation,
            "zoom": self.zoom,
            "shear": self.shear,
            "shift": self.shift,
            "flip": self.flip,
            "fill_value": self.fill_value,
            "seed": self.seed,
        }
