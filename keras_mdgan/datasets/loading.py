"""The image data sets of the GAN literature, from disk or downloaded."""

from pathlib import Path
from typing import Any

from keras_mdgan.datasets.registry import DATASETS
from keras_mdgan.datasets.serving import check_form, serve
from keras_mdgan.validation import check_choice


def load(
    name: str,
    data_dir: str | Path | None = None,
    split: str = "train",
    as_: str = "numpy",
    *,
    batch_size: int | None = None,
    seed: int = 0,
    size: int | None = None,
    crop: int | None = None,
) -> Any:
    """Loads the images and labels of a data set.

    The data are searched in `data_dir`. Without it, they are searched in the folder of
    the environment variable `KERAS_MDGAN_DATA`, and then Keras downloads them (for
    CelebA, TensorFlow Datasets does). A folder may hold `<name>.npz`, with the arrays
    of `keras.datasets`, or a copy of TensorFlow Datasets. For CelebA, it may hold the
    authors' `img_align_celeba` with its two lists. A damaged file is an error: the
    search does not continue.

    CelebA's images are cropped at the centre, by default to 160 x 160 pixels as in
    Lucic et al. DCGAN and TTUR's published statistics have 108, which shows less hair
    and background. Figures for different crops cannot be compared. The crop is resized
    to 64 x 64 by a bilinear filter without aliasing. Images are decoded once, which
    takes some minutes, and are then memory-mapped; see `image_folder`.

    Images have their channels first if Keras' `image_data_format` says so.

    Examples:
        >>> import tempfile, numpy as np
        >>> folder = tempfile.mkdtemp()
        >>> x, y = np.zeros((3, 28, 28), "uint8"), np.arange(3)
        >>> np.savez(f"{folder}/mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
        >>> images, labels = load("mnist", data_dir=folder)
        >>> images.shape, images.dtype, labels.dtype
        ((3, 28, 28, 1), dtype('uint8'), dtype('int64'))

        For `fit`, images stay bytes until a batch is made and scaled to [-1, 1]:

        >>> batches = load("mnist", folder, as_="batches", batch_size=2, seed=0)
        >>> images, labels = batches[0]
        >>> images.dtype, float(images[0, 0, 0, 0]), labels.shape
        (dtype('float32'), -1.0, (2,))

    Args:
        name: `"mnist"`, `"fashion_mnist"`, `"cifar10"` or `"celeba"`.
        data_dir: a folder with the data.
        split: `"train"` or `"test"`; CelebA also has `"valid"`.
        as_: `"numpy"`, `"tf.data"` or `"batches"`; see below.
        batch_size: samples in a batch, for `as_="batches"`.
        seed: the seed of the batches' order, for `as_="batches"`.
        size: side of CelebA's images; by default 64.
        crop: side of the square to which CelebA's images of 178 x 218 pixels are
            cropped; by default 160.

    Returns:
        For `"numpy"`, images of shape `(n, height, width, channels)`, uint8, and
        labels, int64. Labels are classes `(n,)`, or CelebA's 40 attributes `(n, 40)`, 1
        or 0, in the order of `keras_mdgan.datasets.CELEBA_ATTRIBUTES`. For `"tf.data"`,
        a `tf.data.Dataset` of the same pairs, one at a time. For `"batches"`, a
        `ShuffledBatches` for `fit`, of float32 images in [-1, 1] and labels.

    Raises:
        ValueError: if an argument is unknown or does not apply to this data set, or a
            file is damaged.
        FileNotFoundError: if the data are not in `data_dir`, or are not found and
            cannot be downloaded.

    References:
        Lucic et al., "Are GANs Created Equal? A Large-Scale Study", NeurIPS 2018; the
        crop is in the accompanying code.
        Liu et al., "Deep Learning Face Attributes in the Wild", ICCV 2015 (CelebA).
    """
    # Points and Stacked MNIST are drawn, not loaded; they have their own functions.
    loaded = {k: entry for k, entry in DATASETS.items() if entry.kind == "images"}
    check_choice("name", name, loaded)
    check_choice("split", split, loaded[name].splits)
    check_form(as_, batch_size, seed)
    found = loaded[name].load(data_dir, split, size=size, crop=crop)
    return serve(*found, as_, batch_size, seed)
