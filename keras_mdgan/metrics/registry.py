"""Extractors by name."""

from collections.abc import Callable
from typing import Any

import keras

from keras_mdgan.metrics.extractors import (
    Extractor,
    FunctionExtractor,
    ModelExtractor,
)
from keras_mdgan.validation import check_choice


def extractor(
    which: Any,
    *,
    layer: str | None = None,
    probabilities: bool = False,
    name: str | None = None,
    version: str | None = None,
) -> Extractor:
    """The extractor of a name, of a Keras model or of a function.

    * `"inception"`: the network that published Frechet distances and inception scores
      of colour images are made with. Gray images are repeated to three channels. Its
      weights (96 MB) are downloaded at first use.
    * `"mnist_classifier"`: a small classifier of 28x28 digits, which ships with the
      package and is the one to use on MNIST. Of a stack of up to three digits each
      channel is classified, and the probabilities are those of all their combinations.

    Examples:
        >>> import numpy as np
        >>> mean = extractor(lambda x: x.mean((1, 2)), name="mean", version="1")
        >>> features = mean.features(np.zeros((3, 4, 4, 1), "uint8"), data="black")
        >>> features.values.shape, features.source.extractor
        ((3, 1), 'mean/1')
        >>> extractor("incption")
        Traceback (most recent call last):
        ValueError: `extractor` must be ... Did you mean 'inception'?

    Args:
        which: a name, `"inception"`, `"mnist_classifier"` or one given to
            `register_extractor`; a Keras model that takes images in [-1, 1]; a function
            of such images, an array `(n, height, width, channels)`; or an `Extractor`.
        layer: of a model, the layer whose output are the features, rather than the
            model's own.
        probabilities: whether a model's output are probabilities of classes. A
            function returns a pair of features and probabilities instead.
        name: a name of one's own for a model or function, in `Source`.
        version: the same for a function's version. A model's are its weights.

    Raises:
        ValueError: if the name is unknown, or an argument is of no use here.
        FileNotFoundError: if the Inception weights are nowhere.
    """
    if isinstance(which, keras.Model):
        _refuse(which, version=version)
        return ModelExtractor(which, layer, probabilities, name)
    _refuse(which, layer=layer, probabilities=probabilities or None)
    if callable(which):
        return FunctionExtractor(which, name, version)
    _refuse(which, name=name, version=version)
    if isinstance(which, Extractor):
        return which
    check_choice("extractor", which, _factories)
    if which not in _made:
        made = _factories[which]()
        known = isinstance(made, Extractor)
        _made[which] = made if known else extractor(made, name=which)
    return _made[which]


def register_extractor(name: str, factory: Callable[[], Any]) -> None:
    """Makes `extractor(name)` return what `factory` makes, once it is asked for.

    Examples:
        >>> register_extractor("pixels", lambda: lambda images: images)
        >>> extractor("pixels").label
        'pixels'

    Args:
        name: a name; one that exists is replaced.
        factory: a function without arguments that returns an `Extractor`, or a Keras
            model or function, whose features then bear this name.

    Raises:
        ValueError: if `name` is no string or `factory` cannot be called.
    """
    if not isinstance(name, str) or not callable(factory):
        raise ValueError(
            "`name` must be a string and `factory` a function without arguments. "
            f"Received: name={name!r}, factory={factory!r}"
        )
    _factories[name] = factory
    _made.pop(name, None)


def _inception():
    from keras_mdgan.metrics.inception_extractor import InceptionExtractor

    return InceptionExtractor()


def _mnist_classifier():
    from keras_mdgan.metrics.mnist_classifier import MNISTClassifier

    return MNISTClassifier()


_factories = {"inception": _inception, "mnist_classifier": _mnist_classifier}
_made: dict[str, Extractor] = {}


def _refuse(which, **arguments):
    for argument, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"`{argument}` has no meaning for {which!r}. "
                f"Received: {argument}={value!r}"
            )
