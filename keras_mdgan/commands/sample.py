"""`keras-mdgan sample`: samples of a trained generator, as a figure or files."""

import pathlib

import numpy as np

import keras_mdgan as km
from keras_mdgan.commands.sources import model_of
from keras_mdgan.metrics.image_bytes import to_bytes
from keras_mdgan.validation import check_integer


def add_arguments(sub) -> None:
    """Add the command's arguments to its parser."""
    sub.add_argument("model", help="a preset's name, a folder or a .keras file")
    sub.add_argument("-n", type=int, default=64, help="how many; default: 64")
    sub.add_argument("--seed", type=int, default=0, help="default: 0")
    sub.add_argument("--corner", type=int, help="samples of one corner of an MD-GAN")
    sub.add_argument(
        "--label", type=int, help="samples of one class, of a model trained with labels"
    )
    sub.add_argument(
        "--out",
        type=pathlib.Path,
        default="samples.png",
        help="a figure .png, an array .npz, or a folder for one file per image; "
        "default: samples.png",
    )


def run(options) -> None:
    """Draw samples and write them."""
    n = check_integer("-n", options.n)
    check_integer("--seed", options.seed, at_least=0)
    gan, given = model_of(options.model), {}
    conditional = isinstance(gan, km.ConditionalGAN)
    if options.label is not None:
        # A SavedModel's sampler itself refuses labels if it has no classes.
        if isinstance(gan, km.GAN) and not conditional:
            raise ValueError(
                "`--label` is for models that were trained with labels. "
                f"Received: a {type(gan).__name__}"
            )
        given = {"labels": options.label}
    if options.corner is not None:
        if not isinstance(gan, km.MixtureDensityGAN) or conditional:
            raise ValueError(
                "`--corner` is for Mixture Density GANs with their discriminator. "
                f"Received: a {type(gan).__name__}"
            )
        given = {"corner": options.corner}
    samples = np.asarray(gan.sample(n, seed=options.seed, **given))
    write(samples, options.out)
    print(options.out)


def write(samples: np.ndarray, out: pathlib.Path) -> None:
    """Write samples as `out` says.

    Args:
        samples: float32 `(n, *data_shape)`.
        out: a path that ends in `.png` for a figure, in `.npz` for the array
            `x_train`, or a folder for images, `00000.png` and so on.

    Raises:
        ValueError: if points are to be files, or `out` ends otherwise.
    """
    out, images = pathlib.Path(out), samples.ndim == 4
    if out.suffix not in ("", ".png", ".npz") or (out.suffix == "" and not images):
        raise ValueError(
            "`--out` must be a .png or .npz file, or for images a folder. "
            f"Received: {out}"
        )
    folder = out if out.suffix == "" else out.parent
    folder.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".npz":
        np.savez(out, x_train=to_bytes(samples) if images else samples)
    elif out.suffix == "":
        from PIL import Image

        digits = max(5, len(str(len(samples) - 1)))
        for index, image in enumerate(to_bytes(samples)):
            image = image[..., 0] if image.shape[-1] == 1 else image
            Image.fromarray(image).save(out / f"{index:0{digits}}.png")
    elif images:
        km.plotting.image_grid(samples, path=out)
    else:
        km.plotting.scatter(samples, path=out)
