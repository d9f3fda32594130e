"""Finding and reading the weights of the Inception network of 2015-12-05."""

import hashlib
import os
from pathlib import Path

import keras
import numpy as np

from keras_mdgan.saving.state_dict import read_state_dict

WEIGHTS_VARIABLE = "KERAS_MDGAN_INCEPTION"
NAME = "pt_inception-2015-12-05-6726825d.pth"
URL = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{NAME}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"


def find_weights(path: str | os.PathLike | None = None) -> Path:
    """The file of weights; Keras downloads it (96 MB) unless a file is named.

    Examples:
        >>> find_weights("nowhere.pth")
        Traceback (most recent call last):
        FileNotFoundError: The Inception network needs its weights. There is no file ...

    Args:
        path: a file of weights. The default is the file in the environment variable
            `KERAS_MDGAN_INCEPTION`. If that is unset, it is the public release of
            pytorch-fid in Keras' folder, `~/.keras/keras_mdgan`, and its sha256 is
            checked. torch-fidelity's release is the same file.

    Raises:
        FileNotFoundError: if there is no such file, or it cannot be downloaded.
    """
    named = path if path is not None else os.environ.get(WEIGHTS_VARIABLE)
    if named:
        if Path(named).is_file():
            return Path(named)
        looked = f"There is no file at {named}"
    else:
        try:
            where = {"cache_subdir": "keras_mdgan", "file_hash": SHA256}
            return Path(keras.utils.get_file(NAME, URL, **where))
        except Exception as error:  # offline, Keras raises a bare Exception
            looked = f"They could not be downloaded ({error})"
    raise FileNotFoundError(
        f"The Inception network needs its weights. {looked}. Fetch {URL} on a machine "
        f"with a network and name the file in {WEIGHTS_VARIABLE}. For digits the "
        'extractor "mnist_classifier" ships with the package and is the usual choice.'
    )


def version_of(path: Path) -> str:
    """`"v1"` for the public weights, else a part of the file's sha256.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "mine.npz"
        >>> _ = path.write_bytes(b"weights")
        >>> version_of(path)
        '9a129038'
    """
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return "v1" if digest == SHA256 else digest[:8]


def load_weights(network: keras.Model, path: str | os.PathLike) -> None:
    """Gives a network of `inception_2015_12_05` its weights.

    Examples:
        >>> load_weights(None, "weights.pkl")
        Traceback (most recent call last):
        ValueError: The Inception network's weights must be ... Received: weights.pkl

    Args:
        network: the model.
        path: a `.pth` file of PyTorch, which is never unpickled; an `.npz` file with
            the same names; or a `.weights.h5` file of `network.save_weights`.

    Raises:
        ValueError: if the file has another format, is damaged, or lacks a tensor.
    """
    path = Path(path)
    if path.name.endswith(".weights.h5"):
        _load(path, lambda: network.load_weights(path))
    elif path.suffix == ".pth":
        state = read_state_dict(path)
        _load(path, lambda: assign(network, state))
    elif path.suffix == ".npz":
        _load(path, lambda: assign(network, _read_npz(path)))
    else:
        raise ValueError(
            "The Inception network's weights must be a .pth, .npz or .weights.h5 file. "
            f"Received: {path}"
        )


def assign(network: keras.Model, state: dict[str, np.ndarray]) -> None:
    """Sets the weights from a state dictionary, with normalisations folded in.

    Let a convolution have the kernel `w`, and the normalisation after it mean `m`,
    variance `v`, scale `s` and offset `b`. Both together are a convolution with kernel
    `r w` and bias `b - r m`, where `r = s / sqrt(v + 0.001)`. The product is computed
    in float64.
    """
    values = []
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            # Keras' torch backend allows no dot in a name.
            name = layer.name.replace("_branch", ".branch", 1)
            kernel = state[f"{name}.conv.weight"].astype("float64")
            mean, variance, offset = (
                state[f"{name}.bn.{part}"].astype("float64")
                for part in ("running_mean", "running_var", "bias")
            )
            # The network of 2015 has no scale; its copies have one that is all ones.
            scale = state.get(f"{name}.bn.weight", np.ones(1))
            ratio = scale / np.sqrt(variance + 1e-3)
            kernel = np.transpose(kernel, (2, 3, 1, 0)) * ratio
            values.append((layer, [kernel, offset - ratio * mean]))
        elif layer.name == "fc":
            values.append((layer, [state["fc.weight"].T]))
    for layer, arrays in values:
        layer.set_weights([array.astype("float32") for array in arrays])


def _load(path, load):
    try:
        load()
    except KeyError as error:
        raise ValueError(f"{path} has no tensor {error}") from error
    except Exception as error:
        raise ValueError(
            f"{path} is damaged, or holds the weights of another network: {error}"
        ) from error


def _read_npz(path):
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
