"""Presets: trained models as folders of config, weights, metadata and card."""

import contextlib
import difflib
import errno
import hashlib
import json
import os
from pathlib import Path

import keras

from keras_mdgan.files import folder_replaced_when_written, to_disk
from keras_mdgan.saving.registered import check_registered
from keras_mdgan.saving.shipped import shipped_folders

CONFIG, METADATA = "config.json", "metadata.json"
WEIGHTS, CARD = "model.weights.h5", "README.md"
GRAPH = "saved_model.pb"  # of a SavedModel
# A whole new preset on its way into the folder; see `_finish`.
READY = ".ready"
HUB = "hf://"
FORMAT = 1


class Presets:
    """`save_to_preset` and `from_preset` of models."""

    def save_to_preset(self, folder: str | os.PathLike, card: str | None = None):
        """Write the model as a preset for sampling and sharing, without optimizers.

        The folder gets `config.json`, `model.weights.h5`, `metadata.json` with the
        checksums of both, and `README.md`. All are written to a temporary folder, which
        is then renamed: after an error or a kill, `from_preset` reads either the old
        preset or the new one.

        Examples:
            `gan.save_to_preset("ring")`, then
            `keras_mdgan.MixtureDensityGAN.from_preset("./ring")`.

        Args:
            folder: the folder to write. Other files in it are unchanged.
            card: the text of `README.md`. The default is a short text, and only if the
                folder has no `README.md`.
        """
        self.stop_before_saving_nan()
        if not self.is_main_process:
            return
        from keras_mdgan.training.backends import engine

        folder = Path(folder)
        config = keras.saving.serialize_keras_object(self)
        for key in ("compile_config", "build_config"):
            config.pop(key, None)
        metadata = {
            "format": FORMAT,
            "class": type(self).__name__,
            "keras_version": keras.__version__,
            "parameters": self.count_params(),
        }
        _finish(folder)
        new_card = card is not None or not (folder / CARD).exists()
        with engine.alone(), folder_replaced_when_written(folder / READY) as ready:
            ready.mkdir()
            keras.Model.save_weights(self, ready / WEIGHTS)
            (ready / CONFIG).write_text(json.dumps(config, indent=1) + "\n")
            if new_card:
                (ready / CARD).write_text(card or _short_card(folder.name, metadata))
            metadata["weights_sha256"] = sha256(ready / WEIGHTS)
            metadata["config_sha256"] = sha256(ready / CONFIG)
            (ready / METADATA).write_text(json.dumps(metadata, indent=1) + "\n")
        _finish(folder)

    @classmethod
    def from_preset(cls, preset: str | os.PathLike, load_weights: bool = True):
        """A model from a preset.

        The checksum of the weights is compared before anything is built. Only classes
        that are registered with Keras are executed. The model is not compiled: call
        `compile` to train it further.

        Examples:
            >>> import keras_mdgan as km
            >>> gan = km.MixtureDensityGAN.from_preset("ring")
            >>> gan.sample(16, seed=0).shape
            (16, 2)

        Args:
            preset: a folder; the name of a preset that ships with the package; or
                `hf://user/name`, which `huggingface_hub` downloads.
            load_weights: `False` for the architecture with new weights.

        Returns:
            A model of this class, or of a subclass.

        Raises:
            FileNotFoundError: if there is no such folder, or it lacks a file.
            ValueError: if the preset is damaged, has another class, or needs a class
                that is not registered; or if no preset of this name ships.
            ImportError: for `hf://` without `huggingface_hub`.
        """
        folder = _folder(preset, cls)
        metadata, config = (_read_json(folder, name) for name in (METADATA, CONFIG))
        _check_sum(folder, CONFIG, metadata)
        if load_weights:
            _check_sum(folder, WEIGHTS, metadata)
        check_registered(config, folder / CONFIG)
        try:
            model = keras.saving.deserialize_keras_object(config, safe_mode=True)
        except Exception as error:
            raise ValueError(f"{folder / CONFIG} cannot be built: {error}") from error
        if not isinstance(model, cls):
            raise ValueError(
                f"The preset {os.fspath(preset)!r} is a {type(model).__name__}. "
                f"Received: {cls.__name__}.from_preset"
            )
        if load_weights:
            try:
                model.load_weights(_file(folder, WEIGHTS))
            except Exception as error:
                raise ValueError(
                    f"{folder / WEIGHTS} does not fit the preset's config: {error}"
                ) from error
        return model


def shipped_presets(cls=None) -> dict[str, Path]:
    """The presets that ship with the package: folders by name.

    Examples:
        >>> "ring_mixture_density" in shipped_presets()
        True

    Args:
        cls: a class. Only presets of it or of its subclasses are returned, by their
            registered names.
    """
    found = {
        name: folder
        for name, folder in shipped_folders().items()
        if _file(folder, METADATA).exists()
    }
    if cls is None:
        return found
    names = {each.__name__ for each in (cls, *_subclasses(cls))}
    return {n: f for n, f in found.items() if _read_json(f, METADATA)["class"] in names}


def sha256(path: str | os.PathLike) -> str:
    """The checksum of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder(preset, cls):
    if str(preset).startswith(HUB):
        return _download(str(preset).removeprefix(HUB))
    shipped = shipped_presets(cls)
    matches = [n for n in shipped if n == preset or n.startswith(f"{preset}_")]
    # A folder with the name of a preset but without its files does not hide the preset.
    if Path(preset).is_dir() and (
        _file(Path(preset), METADATA).exists() or not matches
    ):
        return Path(preset)
    if len(matches) == 1:
        return shipped[matches[0]]
    if isinstance(preset, os.PathLike) or os.sep in str(preset):
        raise FileNotFoundError(f"There is no preset at {os.fspath(preset)}")
    _refuse_saved_models(preset)
    nearest = difflib.get_close_matches(str(preset), shipped, n=1, cutoff=0.4)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise ValueError(
        f"`preset` must be a folder, {HUB}user/name, or one that ships for "
        f"{cls.__name__}: {', '.join(map(repr, shipped)) or 'none'}. "
        f"Received: preset={preset!r}.{hint}"
    )


def _refuse_saved_models(name):
    """Raise if a name or folder is that of a SavedModel, which is no model of Keras."""
    found = {n: f for n, f in shipped_folders().items() if (f / GRAPH).exists()}
    found = {n: f for n, f in found.items() if not (f / METADATA).exists()}
    matches = [n for n in found if n == str(name) or n.startswith(f"{name}_")]
    if matches or (Path(name) / GRAPH).exists():
        given = matches[0] if matches else os.fspath(name)
        raise ValueError(
            f"{given!r} is a SavedModel, which draws samples and cannot be trained: "
            f"`keras_mdgan.load_sampler({given!r})` loads it. "
            f"Received: preset={os.fspath(name)!r}"
        )


def _download(name):
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(
            f"{HUB}{name} needs huggingface_hub: pip install huggingface_hub"
        ) from error
    return Path(huggingface_hub.snapshot_download(name))


def _read_json(folder, name):
    path = _file(folder, name)
    if not path.exists():
        _refuse_saved_models(folder)
        raise FileNotFoundError(f"{folder} is no preset: it has no {name}")
    try:
        content = json.loads(path.read_text())
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} is damaged: it holds no dictionary")
    return content


def _file(folder, name):
    """Where a preset's file is: on its way, after a kill in `_finish`, or in place."""
    ready = folder / READY / name
    return ready if ready.exists() else folder / name


def _finish(folder):
    """Move the files of a whole new preset into place."""
    ready = folder / READY
    while ready.exists():
        # Another thread or process may do the same at once, with newer files.
        with contextlib.suppress(FileNotFoundError):
            for path in ready.iterdir():
                os.replace(path, folder / path.name)
            to_disk(folder)
            try:
                ready.rmdir()
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:
                    raise


def _check_sum(folder, name, metadata):
    path = _file(folder, name)
    if not path.exists():
        raise FileNotFoundError(f"{folder} is no whole preset: it has no {name}")
    key = "weights_sha256" if name == WEIGHTS else "config_sha256"
    if key == "config_sha256" and key not in metadata:
        return  # of version 0.1.0
    found, wanted = sha256(path), metadata.get(key)
    if found != wanted:
        raise ValueError(
            f"{path} is damaged, or belongs to another preset: its sha256 is {found}, "
            f"and {METADATA} says {wanted}"
        )


def _subclasses(cls):
    for each in cls.__subclasses__():
        yield each
        yield from _subclasses(each)


def _short_card(name, metadata):
    return (
        f"# {name}\n\nA `keras_mdgan.{metadata['class']}` of "
        f"{metadata['parameters']:,} parameters, saved by Keras "
        f"{metadata['keras_version']}.\n\n"
        "    import keras_mdgan as km\n"
        f'    gan = km.{metadata["class"]}.from_preset("path/to/{name}")\n'
        "    gan.sample(16, seed=0)\n"
    )
