"""Figures during training, one file per epoch."""

import os
import pathlib

import keras
import numpy as np
from keras import ops

from keras_mdgan.validation import check_integer, check_seed


class _Figure(keras.callbacks.Callback):
    """Calls `draw(path, epoch)` after every `every` epochs and after the last."""

    def __init__(self, folder: str | os.PathLike, every: int = 1, seed: int = 0):
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.every, self.seed = check_integer("every", every), check_seed(seed)
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

    Examples:
        >>> SampleGrid("runs/mnist", rows=8).n
        64

    Args:
        folder: the folder for `epoch_00001.png` and so on.
        rows: the grid has `rows * rows` images, always from the same latents.
        every: draw after every `every` epochs, and after the last.
        seed: the latents' seed.
    """

    def __init__(self, folder, rows: int = 8, every: int = 1, seed: int = 0):
        super().__init__(folder, every, seed)
        self.rows = check_integer("rows", rows)
        self.n = self.rows * self.rows

    def draw(self, path, epoch):
        from keras_mdgan import plotting

        images = self.model.sample(self.n, seed=self.seed)
        plotting.image_grid(images, rows=self.rows, path=path)


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
    """

    animation = True

    def __init__(
        self, data, folder, n: int = 2500, every: int = 1, seed: int = 0, transform=None
    ):
        super().__init__(folder, every, seed)
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
    """

    def __init__(self, x, labels, folder, every: int = 1):
        super().__init__(folder, every)
        self.x, self.labels = np.asarray(x, "float32"), np.asarray(labels)

    def draw(self, path, epoch):
        from keras_mdgan import plotting

        embeddings = ops.convert_to_numpy(self.model.embed(self.x))
        mixture = getattr(self.model, "mixture_real", None)
        vertices = None if mixture is None else mixture.vertices
        plotting.embedding(embeddings, self.labels, vertices, path=path)


def _read(path):
    from PIL import Image

    return np.asarray(Image.open(path).convert("RGB"))
