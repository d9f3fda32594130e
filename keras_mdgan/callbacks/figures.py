"""Figures during training, one file per epoch."""

import os
import pathlib

import keras
import numpy as np
from keras import ops

from keras_mdgan.callbacks.summaries import EventFile, write_embeddings
from keras_mdgan.training import ConditionalGAN
from keras_mdgan.validation import check_integer, check_seed

MOST_CLASSES = 20  # rows of a grid


class _Figure(keras.callbacks.Callback):
    """Calls `draw(path, epoch)` after every `every` epochs and after the last."""

    tag = "samples"  # of the images for TensorBoard

    def __init__(
        self,
        folder: str | os.PathLike,
        every: int = 1,
        seed: int = 0,
        tensorboard: str | os.PathLike | None = None,
    ):
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.every, self.seed = check_integer("every", every), check_seed(seed)
        self.tensorboard = tensorboard and pathlib.Path(tensorboard)
        self._events = tensorboard and EventFile(tensorboard)
        self.paths = []

    def on_epoch_end(self, epoch, logs=None):
        if not self.model.is_main_process:
            return
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        if (epoch + 1) % self.every and not last:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"epoch_{epoch + 1:05d}.png"
        self.draw(path, epoch + 1)
        self.paths.append(path)
        if self._events is not None:
            # The step is that of Keras' `TensorBoard`, which counts epochs from 0.
            self._events.image(self.tag, path.read_bytes(), epoch)

    def draw(self, path, epoch):
        raise NotImplementedError

    def on_train_end(self, logs=None):
        if self.animation and len(self.paths) > 1:
            from keras_mdgan import plotting

            frames = [_read(path) for path in self.paths]
            plotting.save_gif(frames, self.folder / "training.gif", fps=8)

    animation = False


class SampleGrid(_Figure):
    """Writes a grid of generated images.

    That of a `ConditionalGAN` has a row for each class: the same latents in each row,
    and so in a column.

    Examples:
        >>> SampleGrid("runs/mnist", rows=8).n
        64

    Args:
        folder: the folder for `epoch_00001.png` and so on.
        rows: the grid has `rows * rows` images, always from the same latents; for a
            `ConditionalGAN`, `rows` images of each class.
        every: draw after every `every` epochs, and after the last.
        seed: the latents' seed.
        tensorboard: a folder in which the figures are also written as images for
            TensorBoard, such as the `log_dir` of `keras.callbacks.TensorBoard`.

    Raises:
        ImportError: if `tensorboard` is given and TensorBoard is not installed.
    """

    def __init__(
        self,
        folder,
        rows: int = 8,
        every: int = 1,
        seed: int = 0,
        tensorboard: str | os.PathLike | None = None,
    ):
        super().__init__(folder, every, seed, tensorboard)
        self.rows = check_integer("rows", rows)
        self.n = self.rows * self.rows

    def draw(self, path, epoch):
        from keras_mdgan import plotting

        if not isinstance(self.model, ConditionalGAN):
            images = self.model.sample(self.n, seed=self.seed)
            plotting.image_grid(images, rows=self.rows, path=path)
            return
        # More rows would not be seen.
        classes = range(min(self.model.n_classes, MOST_CLASSES))
        every = [self.model.sample(self.rows, self.seed, labels=k) for k in classes]
        names = [str(k) for k in classes]
        plotting.image_grid(
            np.concatenate(every), rows=len(classes), names=names, path=path
        )


class ScatterPlot(_Figure):
    """Writes a scatter plot of 2-D samples over the true modes, and an animation.

    Examples:
        >>> import keras_mdgan as km
        >>> ScatterPlot(km.datasets.ring(), "runs/ring").n
        2500

    Args:
        data: a toy data set with `centers` and `std`.
        folder: the folder for `epoch_00001.png` and so on, and for `training.gif` at
            the end.
        n: the number of samples.
        every: draw after every `every` epochs, and after the last.
        seed: the latents' seed.
        transform: a function applied to the samples first.
        tensorboard: a folder in which the figures are also written as images for
            TensorBoard, such as the `log_dir` of `keras.callbacks.TensorBoard`.

    Raises:
        ImportError: if `tensorboard` is given and TensorBoard is not installed.
    """

    animation = True

    def __init__(
        self,
        data,
        folder,
        n: int = 2500,
        every: int = 1,
        seed: int = 0,
        transform=None,
        tensorboard: str | os.PathLike | None = None,
    ):
        super().__init__(folder, every, seed, tensorboard)
        self.data, self.transform = data, transform
        self.n = check_integer("n", n)

    def draw(self, path, epoch):
        from keras_mdgan import plotting

        samples = self.model.sample(self.n, seed=self.seed)
        if self.transform is not None:
            samples = self.transform(samples)
        plotting.scatter(samples, self.data, title=f"epoch {epoch}", path=path)


class EmbeddingPlot(_Figure):
    """Writes the discriminator's embeddings of real data in their principal plane.

    This is figure 3 (k-o) of the paper. Samples of one mode have one colour. The
    vertices of the mixture, if the model has one, are stars.

    Examples:
        >>> import keras_mdgan as km
        >>> x, labels = km.datasets.grid().sample_with_labels(500, seed=0)
        >>> EmbeddingPlot(x, labels, "runs/embeddings").every
        1

    Args:
        x: data `(n, *data_shape)`.
        labels: integers `(n,)`.
        folder: the folder for `epoch_00001.png` and so on.
        every: draw after every `every` epochs, and after the last.
        tensorboard: a folder in which the figures are also written as images for
            TensorBoard, such as the `log_dir` of `keras.callbacks.TensorBoard`.
            It also receives the embeddings themselves for TensorBoard's projector, with
            labels, vertices and, of images, their pictures.

    Raises:
        ImportError: if `tensorboard` is given and TensorBoard is not installed.
    """

    tag = "embeddings"

    def __init__(
        self,
        x,
        labels,
        folder,
        every: int = 1,
        tensorboard: str | os.PathLike | None = None,
    ):
        super().__init__(folder, every, tensorboard=tensorboard)
        self.x, self.labels = np.asarray(x, "float32"), np.asarray(labels)

    def draw(self, path, epoch):
        from keras_mdgan import plotting

        embeddings = ops.convert_to_numpy(self.model.embed(self.x))
        mixture = getattr(self.model, "mixture_real", None)
        vertices = None if mixture is None else mixture.vertices
        plotting.embedding(embeddings, self.labels, vertices, path=path)
        if self.tensorboard is not None:
            images = self.x if self.x.ndim == 4 else None
            write_embeddings(
                self.tensorboard, embeddings, self.labels, vertices, images
            )


class EmbeddingPanel(keras.callbacks.Callback):
    """Writes one figure of the embeddings at several epochs.

    This is figure 3 (k-o) of the paper, with generated data below the real data. The
    file is written at each of the epochs, so an interrupted run leaves what it has. A
    run that resumes starts a new figure.

    Examples:
        >>> import keras_mdgan as km
        >>> x, labels = km.datasets.grid().sample_with_labels(500, seed=0)
        >>> EmbeddingPanel(x, labels, "embeddings.png", epochs=(0, 1, 150)).epochs
        (0, 1, 150)

    Args:
        x: data `(n, *data_shape)`.
        labels: integers `(n,)`.
        path: the file of the figure.
        epochs: the numbers of epochs after which data are embedded; 0 is before
            training. One column each.
        seed: the seed of the `n` generated samples.
        batch_size: how many samples the networks take at once.

    Attributes:
        samples: the generated samples `(n, *data_shape)` of each column, by its title:
            figure 3 (f-j), drawn by `plotting.panel` or `plotting.image_panel`.

    Raises:
        ValueError: if an argument is not as described.
    """

    def __init__(self, x, labels, path, epochs, seed: int = 0, batch_size: int = 500):
        super().__init__()
        self.x, self.labels = np.asarray(x, "float32"), np.asarray(labels)
        self.path = pathlib.Path(path)
        self.epochs = tuple(check_integer("epochs", e, at_least=0) for e in epochs)
        if not self.epochs or len(self.labels) != len(self.x):
            raise ValueError(
                "`epochs` must not be empty, and `labels` must have one label a sample."
                f" Received: {len(self.epochs)} epochs, {len(self.labels)} labels of "
                f"{len(self.x)} samples"
            )
        self.seed = check_seed(seed)
        self.batch_size = check_integer("batch_size", batch_size)
        self.real, self.generated, self.samples = {}, {}, {}

    def on_train_begin(self, logs=None):
        self.real, self.generated, self.samples = {}, {}, {}
        if self.model.optimizer is not None and self._steps() == 0:
            self._add(0)

    def on_epoch_end(self, epoch, logs=None):
        self._add(epoch + 1)

    def _steps(self):
        return int(ops.convert_to_numpy(self.model.optimizer.iterations))

    def _add(self, epoch):
        if epoch not in self.epochs or not self.model.is_main_process:
            return
        from keras_mdgan import plotting

        samples = self.model.sample(len(self.x), self.seed, self.batch_size)
        name = f"epoch {epoch}"
        self.samples[name] = samples
        self.real[name] = self._embed(self.x)
        self.generated[name] = self._embed(samples)
        mixture = getattr(self.model, "mixture_real", None)
        plotting.embedding_panel(
            self.real,
            self.labels,
            self.generated,
            None if mixture is None else mixture.vertices,
            path=self.path,
        )

    def _embed(self, x):
        parts = range(0, len(x), self.batch_size)
        parts = [self.model.embed(x[i : i + self.batch_size]) for i in parts]
        return np.concatenate([ops.convert_to_numpy(part) for part in parts])


def _read(path):
    from PIL import Image

    return np.asarray(Image.open(path).convert("RGB"))
