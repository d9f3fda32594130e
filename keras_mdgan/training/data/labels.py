"""Labels: one integer a sample, from 0 to the number of classes - 1."""

import keras
import numpy as np
from keras import ops


def of_shape(model, y, size=None):
    """Labels in the shape that the model's losses take, checked for shape and dtype.

    Labels of shape `(n, 1)`, as `keras.datasets` gives them, become `(n,)`. As they
    are, a comparison with `(n,)` classes would broadcast to `(n, n)`.

    Args:
        model: a compiled `AdversarialModel` that uses labels.
        y: an array or a tensor.
        size: the number of samples that the labels belong to.

    Raises:
        ValueError: for another shape, or for classes that are no integers.
    """
    if not hasattr(y, "dtype") or not hasattr(y, "shape"):
        y = np.asarray(y)  # batches may be lists
    if len(y.shape) == 0:
        raise ValueError(f"{_wanted(model)} Received: y={y}, one number")
    kind = keras.backend.standardize_dtype(y.dtype) if _numeric(y) else str(y.dtype)
    wanted = model.label_shape
    if not _numeric(y):
        raise ValueError(
            f"{_wanted(model)} Received: y of dtype {kind}. "
            "`np.unique(y, return_inverse=True)[1]` numbers such classes"
        )
    n = size if isinstance(size, int) else None
    if n is not None and y.shape[0] is not None and y.shape[0] != n:
        raise ValueError(
            f"`x` and `y` must have the same length. Received: {n} and {y.shape[0]}"
        )
    shape = tuple(y.shape[1:])
    if shape == (*wanted, 1):
        y = y.reshape(-1) if isinstance(y, np.ndarray) else ops.squeeze(y, -1)
    elif shape != wanted:
        hint = ""
        if len(shape) == len(wanted) + 1:
            hint = ". `y.argmax(-1)` gives the classes of one-hot labels"
        raise ValueError(
            f"{_wanted(model)} Received: y of shape {('n', *shape)}{hint}".replace(
                "'n'", "n"
            )
        )
    if model.n_classes is not None and "int" not in kind:
        raise ValueError(
            f"{_wanted(model)} Received: y of dtype {kind}. "
            "`y.astype('int32')` makes integers of whole numbers"
        )
    return y


def of_arrays(model, x, y):
    """The labels of whole arrays, checked for their length, shape and values."""
    if y is None or not model.uses_labels:
        return y
    y = of_shape(model, y, len(x))
    check_values(model, y)
    return y


def refuse_text(model, y):
    """Raise for labels that are no numbers, if the model uses none."""
    if isinstance(y, np.ndarray) and not (model.uses_labels or _numeric(y)):
        raise ValueError(
            f"{type(model).__name__} uses no labels: leave out `y`. "
            f"Received: y of dtype {y.dtype}"
        )


def check_values(model, y):
    """Raise unless all labels are classes of the model.

    Raises:
        ValueError: if a label is below 0, or not below the number of classes.
    """
    if model.n_classes is None:
        return
    y = y if isinstance(y, np.ndarray) else ops.convert_to_numpy(y)
    if y.size and (y.min() < 0 or y.max() >= model.n_classes):
        raise ValueError(
            f"{_wanted(model)} Received: y with values from {y.min()} to {y.max()}"
        )


def as_classes(argument, labels, n, n_classes) -> np.ndarray:
    """Labels as an array `(n,)` of int32, if each is a class.

    Examples:
        >>> as_classes("labels", 3, n=2, n_classes=10)
        array([3, 3], dtype=int32)

    Args:
        argument: name of the argument, for the message.
        labels: integers `(n,)` or `(n, 1)`, or one integer for all.
        n: the number of labels.
        n_classes: labels are below this number.

    Raises:
        ValueError: for another shape or dtype, or a label that is no class.
    """
    given = labels if hasattr(labels, "dtype") else np.asarray(labels)
    array = ops.convert_to_numpy(given)
    if array.shape == (n, 1):
        array = array[:, 0]
    wanted = (
        f"`{argument}` must be one integer from 0 to {n_classes - 1}, or {n} of them, "
        f"of shape ({n},)."
    )
    if array.dtype.kind not in "iu" or array.shape not in ((), (n,)):
        hint = ""
        if array.shape == (n, n_classes) and n_classes > 1:
            hint = ". `labels.argmax(-1)` gives the classes of one-hot labels"
        raise ValueError(
            f"{wanted} Received: {argument} of dtype {array.dtype} and shape "
            f"{array.shape}{hint}"
        )
    if array.min() < 0 or array.max() >= n_classes:
        raise ValueError(
            f"{wanted} Received: {argument} from {array.min()} to {array.max()}"
        )
    return np.array(np.broadcast_to(array, (n,)), "int32")


def _numeric(y):
    return not isinstance(y, np.ndarray) or y.dtype.kind in "fiub"


def _wanted(model):
    shape = str(("n", *model.label_shape)).replace("'n'", "n")
    if model.n_classes is None:
        return f"`y` of {type(model).__name__} must be numbers of shape {shape}."
    return (
        f"`y` of {type(model).__name__} must be integers from 0 to "
        f"{model.n_classes - 1}, of shape {shape}."
    )
