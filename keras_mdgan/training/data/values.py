"""The values of samples: finite floats in the generator's own range."""

import warnings

import keras
import numpy as np
from keras import ops

# Noise leaves some values a little outside. A mistake in scaling leaves more than this
# share of them outside by more than this part of the range.
_SHARE, _PART = 0.05, 0.1


def require_floats(x):
    """Raise for integers: such data are not scaled to the generator's range.

    Raises:
        ValueError: for data of any integer dtype, and for booleans.
    """
    for part in keras.tree.flatten(x):
        dtype = part.dtype.name if isinstance(part, np.ndarray) else None
        dtype = dtype or keras.backend.standardize_dtype(part.dtype)
        if "float" in dtype:
            continue
        if dtype == "uint8":
            raise ValueError(
                "Images must be floats in the generator's range, [-1, 1] for a tanh. "
                "Received: data of dtype uint8. `keras_mdgan.datasets.load(..., "
                'as_="batches")` scales each batch as it is cut, so does '
                "`ShuffledBatches(x, transform=to_unit_range, ...)`, and "
                "`to_unit_range` (of keras_mdgan.datasets too) an array at once"
            )
        raise ValueError(
            "Data must be floats in the generator's range, [-1, 1] for a tanh. "
            f"Received: data of dtype {dtype}. Images in 0..255 become such floats by "
            "`x / 127.5 - 1`, points by `x.astype('float32')`"
        )


def check_finite(x: np.ndarray) -> np.ndarray:
    """The array, if it is not empty and has neither NaN nor infinity.

    Raises:
        ValueError: otherwise.
    """
    if x.ndim == 0 or len(x) == 0:
        raise ValueError(
            f"`x` must be an array of at least one sample. Received: x.shape={x.shape}"
        )
    if isinstance(x, np.ndarray) and np.issubdtype(x.dtype, np.floating):
        bad = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))
        if bad.size:
            raise ValueError(
                f"`x` must be finite. Received: NaN or infinity in {bad.size} of "
                f"{len(x)} samples, the first at index {bad[0]}"
            )
    return x


def check_first_batch(model, x):
    """Raise for NaN or infinity; warn for values that the generator cannot make.

    Only a first batch is looked at, and so training is as fast as without.

    Args:
        model: an `AdversarialModel`. Its generator's range is read from the last
            layers, if there is one.
        x: samples, `(n, ...)`.

    Raises:
        ValueError: for NaN or infinity.
    """
    x = x if isinstance(x, np.ndarray) else ops.convert_to_numpy(x)
    check_finite(x)
    bounds = output_bounds(getattr(model, "generator", None))
    if bounds is None:
        return
    low, high = bounds
    x = x.astype("float32")
    margin = _PART * (high - low)
    outside = float(np.mean((x < low - margin) | (x > high + margin)))
    least, most = float(x.min()), float(x.max())
    # Images in [0, 1] lie inside a tanh's range, but fill only half of it.
    images = x.ndim >= 4
    half = images and low < 0 and least >= 0 and most > 0 and most <= high
    if outside <= _SHARE and not half:
        return
    warnings.warn(
        f"The generator's outputs lie in [{low:g}, {high:g}], and the data of the "
        f"first batch in [{least:g}, {most:g}]: it cannot make them. "
        f"{_mapping(least, most, low, high, images)}",
        UserWarning,
        stacklevel=2,
    )


def _mapping(least, most, low, high, images):
    if not images:
        return (
            f"Scale the data to [{low:g}, {high:g}], or give the generator a larger "
            "`output_range` or linear outputs."
        )
    # The usual ranges of images, the smallest that holds the data.
    if least < 0:
        old = (-1.0, 1.0)
    else:
        old = (0.0, 1.0) if most <= 1 else (0.0, 255.0)
    scale = (high - low) / (old[1] - old[0])
    shift = low - old[0] * scale
    factor = f"x / {1 / scale:g}" if scale < 1 else f"x * {scale:g}"
    sign = f" {'-' if shift < 0 else '+'} {abs(shift):g}" if shift else ""
    return (
        f"If the images are in [{old[0]:g}, {old[1]:g}], `{factor}{sign}` maps them to "
        "the generator's range."
    )


def output_bounds(network) -> tuple[float, float] | None:
    """The bounds of a network's outputs, or `None` if they are not known.

    Known are those of a last activation tanh or sigmoid, also before layers that only
    reshape or rescale, and of `mlp_generator(output_range=...)`.

    Examples:
        >>> from keras_mdgan import networks
        >>> output_bounds(networks.dcgan_generator((28, 28, 1), latent_dim=2))
        (-1.0, 1.0)
        >>> output_bounds(networks.mlp_generator((2,), output_range=6))
        (-6.0, 6.0)
        >>> print(output_bounds(networks.mlp_generator((2,))))
        None
    """
    layers, rescalings = _chain(network), []
    for layer in reversed(layers):
        if isinstance(layer, keras.layers.Rescaling):
            rescalings.append(layer)
            continue
        if isinstance(layer, _RESHAPING):
            continue
        bounds = _of_layer(layer)
        activation = getattr(layer, "activation", None)
        if bounds is None and activation is keras.activations.linear:
            if isinstance(layer, keras.layers.Activation):
                continue
        if bounds is None:
            return None
        for rescaling in reversed(rescalings):
            # Each column may have its own; the bounds are then those of all columns.
            scale, offset = map(np.asarray, (rescaling.scale, rescaling.offset))
            bounds = [b * scale + offset for b in bounds]
        return float(np.min(bounds)), float(np.max(bounds))
    return None


_RESHAPING = (
    keras.layers.Reshape,
    keras.layers.Flatten,
    keras.layers.Permute,
    keras.layers.Cropping2D,
    keras.layers.InputLayer,
)


def _of_layer(layer):
    activation = getattr(layer, "activation", None)
    if hasattr(layer, "output_range"):
        return -layer.output_range, layer.output_range
    if activation is keras.activations.tanh:
        return -1.0, 1.0
    if activation is keras.activations.sigmoid:
        return 0.0, 1.0
    return None


def _chain(network):
    """The layers of a chain, networks within it unfolded; else the network alone."""
    if network is None:
        return []
    if isinstance(network, keras.Sequential):
        return [inner for layer in network.layers for inner in _chain(layer)]
    if isinstance(network, keras.Model) and hasattr(network, "operations"):
        # The last layers of a graph: backwards while each has a single input.
        found, tensor = [], network.outputs
        while len(tensor) == 1:
            operation = tensor[0]._keras_history.operation
            found = [*_chain(operation), *found]
            node = operation._inbound_nodes[tensor[0]._keras_history.node_index]
            tensor = node.input_tensors
            if isinstance(operation, keras.layers.InputLayer):
                break
        return found
    return [network]
