"""Coordinates of the data's own: principal components, measured once, then fixed."""

import keras
import numpy as np
from keras import ops

from keras_mdgan.validation import is_integer

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class PrincipalComponents(keras.layers.Layer):
    """Splits data into leading principal components and what is left of them.

    For data of many dimensions that vary in a few: there, noise that is as wide as
    modes are apart drowns them if it has all dimensions, and a rate that is right for
    the few wide directions shakes all others. Here the `k` leading components come
    first, each divided by its standard deviation, then the `dim` coordinates of the
    residual, divided by the root mean square of the residuals and multiplied by
    `rest`: `(..., dim)` becomes `(..., k + dim)`. As the first layer of a
    discriminator, with `InstanceNoise(knots, features=k)` behind it, noise meets the
    wide directions alone.

    With `inverse=True` the layer goes back, from `(..., k + dim)` to `(..., dim)`:
    as the last layer of a generator, it lets outputs of about 1 make data of the
    right size in every direction. The two undo each other for inputs whose residual
    part is orthogonal to the components; a generator's need not be.

    Mean, directions and deviations are weights that `adapt` sets from training data
    and nothing trains: like Keras's `Normalization`, but for correlated coordinates.
    They are saved with the model; the config has the sizes alone.

    Examples:
        >>> import numpy as np
        >>> x = np.random.default_rng(0).normal(size=(500, 3)) * [10.0, 0.1, 0.1]
        >>> split = PrincipalComponents(3, components=1)
        >>> split.adapt(x)
        >>> y = ops.convert_to_numpy(split(x.astype("float32")))
        >>> y.shape, round(float(y[:, 0].std()), 3)
        ((500, 4), 1.0)
        >>> PrincipalComponents.count(x, share=0.95)
        1

    Args:
        dim: dimension of the data.
        components: how many leading components, `k`.
        rest: factor of the residual's coordinates. Above 0.
        inverse: whether to go from components to data.

    Raises:
        ValueError: if `components` is not from 1 to `dim - 1` or `rest` not above 0.
    """

    def __init__(
        self,
        dim: int,
        components: int,
        rest: float = 1.0,
        inverse: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not is_integer(dim) or not is_integer(components) or components >= dim:
            raise ValueError(
                "`dim` and `components` must be integers, `components` at least 1 and "
                "less than `dim`. "
                f"Received: dim={dim!r}, components={components!r}"
            )
        if not (np.isfinite(rest) and rest > 0):
            raise ValueError(
                f"`rest` must be finite and above 0. Received: rest={rest}"
            )
        self.dim, self.components = int(dim), int(components)
        self.rest, self.inverse = float(rest), bool(inverse)
        self.mean = self._fixed("mean", (dim,), "zeros")
        self.directions = self._fixed("directions", (dim, components), "orthogonal")
        self.stddevs = self._fixed("stddevs", (components,), "ones")
        self.residual = self._fixed("residual", (), "ones")
        self.built = True

    def _fixed(self, name, shape, initializer):
        return self.add_weight(
            shape=shape, initializer=initializer, trainable=False, name=name
        )

    @staticmethod
    def count(x: np.ndarray, share: float) -> int:
        """How many leading components hold a share of the variance of `(n, dim)` data.

        Args:
            x: training data.
            share: above 0 and below 1.
        """
        if not 0 < share < 1:
            raise ValueError(
                f"`share` must be above 0 and below 1. Received: share={share}"
            )
        variances, _ = _principal(np.asarray(x, dtype="float64"))
        shares = np.cumsum(variances) / np.sum(variances)
        return int(np.searchsorted(shares, share)) + 1

    def adapt(self, x: np.ndarray):
        """Sets the layer's weights from data `(n, dim)`: call it before training.

        Raises:
            ValueError: if the shape is wrong, or the components hold all variance.
        """
        x = np.asarray(x, dtype="float64")
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(
                f"`x` must have shape (n, {self.dim}). Received: x.shape={x.shape}"
            )
        variances, directions = _principal(x)
        leading, left = np.split(variances, [self.components])
        if not (leading[-1] > 0 and np.mean(left) > 1e-12 * leading[0]):
            raise ValueError(
                "`x` must vary in more directions than `components`. "
                f"Received: components={self.components} and the variances "
                f"{leading[-1]:.3g} of the last and {np.mean(left):.3g} of the others"
            )
        self.mean.assign(x.mean(axis=0))
        self.directions.assign(directions[:, : self.components])
        self.stddevs.assign(np.sqrt(leading))
        self.residual.assign(np.sqrt(np.mean(left)))

    def call(self, inputs):
        mean, directions, stddevs, residual = (
            ops.cast(weight, inputs.dtype)
            for weight in (self.mean, self.directions, self.stddevs, self.residual)
        )
        back = ops.transpose(directions)
        if self.inverse:
            leading = inputs[..., : self.components] * stddevs
            left = inputs[..., self.components :] * (residual / self.rest)
            return mean + ops.matmul(leading, back) + left
        centered = inputs - mean
        leading = ops.matmul(centered, directions)
        left = (centered - ops.matmul(leading, back)) * (self.rest / residual)
        return ops.concatenate([leading / stddevs, left], axis=-1)

    def compute_output_shape(self, input_shape):
        width = self.dim if self.inverse else self.components + self.dim
        return (*input_shape[:-1], width)

    def get_config(self):
        return {
            **super().get_config(),
            "dim": self.dim,
            "components": self.components,
            "rest": self.rest,
            "inverse": self.inverse,
        }


def _principal(x):
    """Variances, the largest first, and directions as columns."""
    variances, directions = np.linalg.eigh(np.cov(x, rowvar=False, bias=True))
    return np.maximum(variances[::-1], 0.0), directions[:, ::-1]
