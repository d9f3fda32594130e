"""Extractors by name."""

import functools
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
    """The extractor for a name, a Keras model or a function.

    * `"inception"`: the network of published Frechet distances and inception scores of
      colour images. Gray images are repeated to three channels. Its weights (96 MB) are
      downloaded at first use.
    * `"mnist_classifier"`: a small classifier of 28x28 digits that ships with the
      package. Use it on MNIST. In a stack of up to three digits each channel is
      classified, and the probabilities are those of all combinations.
    * `"fashion_mnist_classifier"` and `"cifar10_classifier"`: those of Fashion-MNIST's
      clothes (28x28) and of CIFAR-10's things (32x32x3), which also ship.

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
        layer: the layer of a model whose outputs are the features. The default is the
            model's output.
        probabilities: whether a model's outputs are probabilities of classes. A
            function returns a pair of features and probabilities instead.
        name: the name of a model or function in `Source`.
        version: the version of a function in `Source`. A model's version is computed
            from its weights.

    Raises:
        ValueError: if the name is unknown, or an argument does not apply to `which`.
        FileNotFoundError: if the Inception weights are not found.
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
    """Makes `extractor(name)` return the result of `factory`, called at first use.

    Examples:
        >>> register_extractor("pixels", lambda: lambda images: images)
        >>> extractor("pixels").label
        'pixels'

    Args:
        name: the extractor's name. An existing extractor of that name is replaced.
        factory: a function without arguments that returns an `Extractor`, or a Keras
            model or function. The features of these have `name` in their `Source`.

    Raises:
        ValueError: if `name` is not a string or `factory` is not callable.
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
    from keras_mdgan.metrics.classifiers import MNISTClassifier

    return MNISTClassifier()


def _shipped(name):
    from keras_mdgan.metrics.classifiers import ShippedClassifier

    return ShippedClassifier(name)


_factories = {
    "inception": _inception,
    "mnist_classifier": _mnist_classifier,
    **{
        name: functools.partial(_shipped, name)
        for name in ("fashion_mnist_classifier", "cifar10_classifier")
    },
}
_made: dict[str, Extractor] = {}


def _refuse(which, **arguments):
    for argument, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"`{argument}` has no meaning for {which!r}. "
                f"Received: {argument}={value!r}"
            )
