"""Decoding image files to arrays of one size."""

import concurrent.futures
import io
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import keras
import numpy as np

# Images that are decoded at once, before they are written to the file.
BLOCK = 512
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


def decode(
    source: Path | bytes, name: str, size: int, crop: int | None, channels: int = 3
) -> np.ndarray:
    """One image, cropped at its centre and resized: `(size, size, channels)`, uint8.

    The crop is the square of `crop` x `crop` pixels at the centre. If it cannot be
    exactly at the centre, it is half a pixel up and left. With `None` it is the largest
    square. Pillow's bilinear filter resizes it to `size` x `size`. This filter averages
    over all pixels that a new pixel covers (a triangle twice as wide as the new pixel),
    so there is no aliasing. Images are rotated according to their EXIF data.
    Transparency is dropped.

    Args:
        source: a file, or its contents.
        name: the image's name in errors.
        size: side of the result.
        crop: side of the square, or `None`.
        channels: 3 for colour, 1 for grey.

    Raises:
        ValueError: if it is not an intact JPEG, PNG or WebP image, has 16 or 32 bits
            per channel, or is smaller than `crop`. The message names the image.
    """
    from PIL import Image, ImageOps

    mode = {3: "RGB", 1: "L"}[channels]
    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(file, formats=sorted(set(FORMATS.values()))) as image:
            image.load()
            deep = image.mode.startswith(("I", "F"))
            ImageOps.exif_transpose(image, in_place=True)
            if not deep and image.mode != mode:
                # Pillow warns when it drops the transparency of a palette.
                if "transparency" in image.info:
                    image = image.convert("RGBA")
                image = image.convert(mode)
    except Exception as error:  # Pillow has no common error for damaged files
        raise ValueError(f"{name} is damaged, or no JPEG, PNG or WebP: {error}") from (
            error
        )
    if deep:
        raise ValueError(f"{name} must have 8 bits a channel. Received: {image.mode!r}")
    side = min(image.size) if crop is None else crop
    if side > min(image.size):
        raise ValueError(
            f"`crop` must fit every image. Received: crop={crop} and {name} of "
            f"{image.width} x {image.height} pixels"
        )
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side))
    image = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(image).reshape(size, size, channels)


def decoded_blocks(
    sources: Iterable[tuple[str, Path | bytes]],
    n: int,
    size: int,
    crop: int | None,
    channels: int = 3,
) -> Iterator[np.ndarray]:
    """Many images in order, in blocks `(k, size, size, channels)`.

    A progress bar is shown if there is more than one block.

    Args:
        sources: pairs of a name and a file or its contents.
        n: the number of images, for the progress bar.
        size: see `decode`.
        crop: see `decode`.
        channels: see `decode`.
    """
    sources = iter(sources)
    bar = keras.utils.Progbar(n, unit_name="image", verbose=int(n > BLOCK))
    # Threads are enough: Pillow decodes and resizes without Python's lock.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        while block := list(itertools.islice(sources, BLOCK)):
            images = pool.map(
                lambda pair: decode(pair[1], pair[0], size, crop, channels), block
            )
            images = np.stack(list(images))
            bar.add(len(images))
            yield images
