"""Files that TensorBoard reads: images, scalars, hyperparameters and embeddings.

They are written with TensorBoard's own parts. None of these imports TensorFlow, which
would take seconds, and memory of a GPU, on another backend.
"""

import csv
import itertools
import json
import os
import pathlib
import socket
import time
from collections.abc import Mapping

import numpy as np

from keras_mdgan.files import replaced_when_written

_numbers = itertools.count()
VERTEX = "vertex"


def require_tensorboard(argument: str = "tensorboard") -> None:
    """Raises an error that says what to install if there is no TensorBoard.

    Raises:
        ImportError: if TensorBoard is not installed.
    """
    try:
        import tensorboard.compat.proto.event_pb2
        import tensorboard.summary.writer.record_writer  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"`{argument}` needs TensorBoard, which TensorFlow brings: "
            'pip install "keras-mdgan[tensorboard]"'
        ) from error


class EventFile:
    """An event file of TensorBoard. Every summary is on disk when its call returns.

    Examples:
        >>> import tempfile
        >>> events = EventFile(tempfile.mkdtemp())
        >>> events.scalars({"modes": 25.0}, step=0)
        >>> events.path.name.startswith("events.out.tfevents.")
        True

    Args:
        folder: the folder of a run, which the first summary makes.

    Raises:
        ImportError: if TensorBoard is not installed.
    """

    def __init__(self, folder: str | os.PathLike):
        require_tensorboard()
        # As TensorBoard names them: it reads a folder's files in the order of time.
        name = f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}"
        self.path = pathlib.Path(folder) / f"{name}.{os.getpid()}.{next(_numbers)}"

    def image(self, tag: str, png: bytes, step: int) -> None:
        """Adds an image, the bytes of a PNG file."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        image = Summary.Image(encoded_image_string=png, colorspace=3)
        # Bytes 16 to 24 of a PNG file are its width and height.
        image.width = int.from_bytes(png[16:20], "big")
        image.height = int.from_bytes(png[20:24], "big")
        self._write(Summary(value=[Summary.Value(tag=tag, image=image)]), step)

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Adds a number under each name."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=k, simple_value=v) for k, v in values.items()]
        self._write(Summary(value=values), step)

    def hyperparameters(self, values: Mapping) -> None:
        """Begins a session of the HParams dashboard.

        Sessions with the same hyperparameters, as those of several seeds, are a group.
        """
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        known = {
            k: v if isinstance(v, (bool, int, float, str)) else str(v)
            for k, v in values.items()
        }
        self._write(hparams_pb(known), 0)

    def end_of_session(self) -> None:
        """Ends what `hyperparameters` began, with success."""
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

        end = plugin_data_pb2.SessionEndInfo(
            status=api_pb2.STATUS_SUCCESS, end_time_secs=time.time()
        )
        data = plugin_data_pb2.HParamsPluginData(session_end_info=end)
        value = Summary.Value(
            tag=metadata.SESSION_END_INFO_TAG,
            metadata=metadata.create_summary_metadata(data),
            tensor=metadata.NULL_TENSOR,
        )
        self._write(Summary(value=[value]), 0)

    def _write(self, summary, step):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter

        self.path.parent.mkdir(parents=True, exist_ok=True)
        event = Event(wall_time=time.time(), step=step, summary=summary)
        # Opened for each summary: a copied callback (a tuner copies them) or a killed
        # run then leaves nothing behind.
        with open(self.path, "ab") as file:
            writer = RecordWriter(file)
            if not file.tell():
                version = Event(wall_time=time.time(), file_version="brain.Event:2")
                writer.write(version.SerializeToString())
            writer.write(event.SerializeToString())


def write_embeddings(
    folder: str | os.PathLike,
    embeddings: np.ndarray,
    labels: np.ndarray,
    vertices: np.ndarray | None = None,
    images: np.ndarray | None = None,
    name: str = "embeddings",
) -> None:
    """Writes embeddings for TensorBoard's projector.

    The folder receives `projector_config.pbtxt`, and in a folder `name` the points
    (`tensors.tsv`), their labels (`metadata.tsv`) and with images `sprite.png`.

    Args:
        folder: the folder of a run.
        embeddings: `(n, dim)`.
        labels: `(n,)`.
        vertices: points `(n_vertices, dim)`, which follow the embeddings with the
            labels `vertex 0`, `vertex 1` and so on.
        images: what was embedded, if that are images, as for `plotting.tile_images`.
        name: the name of the embeddings.
    """
    folder = pathlib.Path(folder)
    points, labels = np.asarray(embeddings, "float32"), [str(x) for x in labels]
    if vertices is not None:
        points = np.concatenate([points, np.asarray(vertices, "float32")])
        labels += [f"{VERTEX} {k}" for k in range(len(vertices))]
    lines = [
        f"tensor_name: {json.dumps(name)}",
        f"tensor_path: {json.dumps(f'{name}/tensors.tsv')}",
        f"metadata_path: {json.dumps(f'{name}/metadata.tsv')}",
    ]
    with replaced_when_written(folder / name / "tensors.tsv") as beside:
        np.savetxt(beside, points, fmt="%.7g", delimiter="\t")
    with replaced_when_written(folder / name / "metadata.tsv") as beside:
        with open(beside, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, delimiter="\t", lineterminator="\n")
            rows.writerows([label] for label in labels)
    if images is not None:
        height, width = images.shape[1:3]
        with replaced_when_written(folder / name / "sprite.png") as beside:
            _sprite(images, len(points)).save(beside, format="PNG")
        dims = f"single_image_dim: {width}\n    single_image_dim: {height}"
        sprite = json.dumps(f"{name}/sprite.png")
        lines.append(f"sprite {{\n    image_path: {sprite}\n    {dims}\n  }}")
    # Last: TensorBoard looks for the others when it is there.
    with replaced_when_written(folder / "projector_config.pbtxt") as beside:
        beside.write_text("embeddings {\n  " + "\n  ".join(lines) + "\n}\n")


def _sprite(images, n):
    """The images in rows of a square, white where a point has none."""
    from PIL import Image

    from keras_mdgan.plotting import tile_images

    rows = int(np.ceil(np.sqrt(n)))
    missing = np.ones((rows * rows - len(images), *images.shape[1:]), images.dtype)
    if images.dtype == np.uint8:
        missing *= 255
    tiles = tile_images(np.concatenate([images, missing]), rows=rows, gap=0)
    return Image.fromarray(tiles)
