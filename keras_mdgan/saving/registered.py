"""A check that a config only makes registered classes and Keras' own."""

from typing import Any

import keras

# Keras' class names for values such as shapes, dtypes and numbers.
_PLAIN = {
    "__tensor__",
    "__numpy__",
    "__bytes__",
    "__ellipsis__",
    "__tuple__",
    "__set__",
    "__typespec__",
    "slice",
}


def check_registered(config: Any, path) -> None:
    """Raises if a config names anything but registered classes and Keras' own.

    `keras.saving.deserialize_keras_object` would import any module that a config names.

    Args:
        config: a config of `serialize_keras_object`.
        path: the config's file, for the error.

    Raises:
        ValueError: if it names another class, a function, or a lambda.
    """
    if isinstance(config, dict):
        name = config.get("class_name")
        if name is not None and "config" in config and not _allowed(name, config):
            module = config.get("module")
            raise ValueError(
                f"{path} asks for {module}.{name}, which is not registered with "
                "Keras. If it is yours, register it by keras.saving."
                "register_keras_serializable and import its module first"
            )
        for part in config.values():
            check_registered(part, path)
    elif isinstance(config, list | tuple):
        for part in config:
            check_registered(part, path)


def _allowed(name, config):
    if name in _PLAIN:
        return True
    registered = config.get("registered_name")
    if registered and keras.saving.get_registered_object(registered) is not None:
        return True
    module = str(config.get("module") or "")
    return name not in ("__lambda__", "Lambda", "function") and (
        module == "keras" or module.startswith("keras.")
    )
