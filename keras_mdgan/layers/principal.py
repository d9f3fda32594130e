"""Principal components of the data as coordinates, computed once and then fixed."""

import keras
import numpy as np
from keras import ops

from keras_mdgan.validation import check_bool, is_integer

_register = keras.saving.register_keras_serializable("keras_mdgan")


@_register
class PrincipalComponents(keras.layers.Layer):
    """Splits data into leading principal components and the residual.

    The layer is for data with many dimensions but few directions of large variance.
    Two things go wrong with such data. Noise as wide as the distance between modes
    hides the modes if it acts in all dimensions. A learning rate that is right for the
    few wide directions is too large for the others.

    The layer maps `(..., dim)` to `(..., k + dim)`. First come the `k` leading
    components, each divided by its standard deviation. Then come the `dim` coordinates
    of the residual, divided by the root mean square of the residuals and multiplied by
    `rest`. Use it as the first layer of a discriminator, followed by
    `InstanceNoise(knots, features=k)`: then only the wide directions get noise.

    With `inverse=True` the layer maps `(..., k + dim)` back to `(..., dim)`. Use it as
    the last layer of a generator: outputs of about 1 then make data of the right size
    in every direction. The two layers are inverse to each other if the residual part of
    the inputs is orthogonal to the components. A generator's outputs need not be.

    Mean, directions and standard deviations are weights. `adapt` sets them from
    training data, and training does not change them. So the layer is like Keras'
    `Normalization`, but for correlated coordinates. The weights are saved with the
    model; the config holds only the sizes.

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
        components: the number of leading components, `k`.
        rest: factor of the residual's coordinates, above 0.
        inverse: whether to map components to data.

    Raises:
        ValueError: if `components` is not from 1 to `dim - 1`, or `rest` is not above
            0.
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
        self.rest, self.inverse = float(rest), check_bool("inverse", inverse)
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
        """The number of leading components that hold a given share of the variance.

        Args:
            x: training data `(n, dim)`.
            share: the share of the variance, above 0 and below 1.
        """
        if not 0 < share < 1:
            raise ValueError(
                f"`share` must be above 0 and below 1. Received: share={share}"
            )
        variances, _ = _principal(np.asarray(x, dtype="float64"))
        shares = np.cumsum(variances) / np.sum(variances)
        return int(np.searchsorted(shares, share)) + 1

    def adapt(self, x: np.ndarray):
        """Sets the layer's weights from data `(n, dim)`. Call it before training.

        Raises:
            ValueError: if the shape is wrong, or the residual has no variance.
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
    # `eigh` sorts from the smallest on; rounding can make the smallest negative.
    variances, directions = np.linalg.eigh(np.cov(x, rowvar=False, bias=True))
    return np.maximum(variances[::-1], 0.0), directions[:, ::-1]
