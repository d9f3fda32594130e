"""Reading `.keras` files with the path in every error."""

import os
import zipfile

import keras


def load_model(path: str | os.PathLike, **kwargs):
    """`keras.saving.load_model` whose errors name the file and the reason.

    The whole file is read and checked before anything is built from it, so a damaged
    file is never half loaded. Nothing is unpickled.

    Examples:
        >>> load_model("nowhere.keras")
        Traceback (most recent call last):
        FileNotFoundError: There is no model at nowhere.keras

    Args:
        path: a `.keras` file.
        **kwargs: arguments of `keras.saving.load_model`.

    Returns:
        The model, compiled as it was when it was saved.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not a `.keras` file, is damaged, or holds another model's
            variables.
    """
    path = os.fspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"There is no model at {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = set(archive.namelist())
    except Exception as error:  # of zipfile, zlib and struct: no one kind
        raise ValueError(f"{path} is damaged or no .keras file: {error}") from error
    if damaged is not None:
        raise ValueError(f"{path} is damaged: {damaged} in it cannot be read")
    missing = {"config.json", "metadata.json", "model.weights.h5"} - names
    if missing:
        raise ValueError(
            f"{path} is no .keras file of a whole model: it has no {sorted(missing)}"
        )
    try:
        return keras.saving.load_model(path, **kwargs)
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded: {error}") from error
