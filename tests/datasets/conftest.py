import numpy as np
import pytest
from PIL import Image

from keras_mdgan.datasets import CELEBA_ATTRIBUTES

# Train, valid and test, in the order of the files.
CODES = [0, 0, 1, 0, 2, 2, 0, 1, 0, 0]


def smooth_image(generator, width=178, height=218):
    """Noise that JPEG and a resizer can work with."""
    small = generator.integers(0, 256, (8, 8, 3), dtype="uint8")
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def celeba_folder(tmp_path):
    """Ten images in CelebA's layout, and their attributes, 1 or 0."""
    return write_celeba(tmp_path / "celeba_data")


def write_celeba(root):
    generator = np.random.default_rng(0)
    (root / "img_align_celeba").mkdir(parents=True)
    names = [f"{i + 1:06}.jpg" for i in range(len(CODES))]
    for name in names:
        smooth_image(generator).save(root / "img_align_celeba" / name, quality=90)
    (root / "list_eval_partition.txt").write_text(
        "".join(f"{name} {code}\n" for name, code in zip(names, CODES))
    )
    attributes = generator.integers(0, 2, (len(names), 40))
    lines = [str(len(names)), " ".join(CELEBA_ATTRIBUTES) + " "]
    for name, row in zip(names, attributes):
        lines.append(name + "".join(f"{2 * value - 1:3}" for value in row))
    (root / "list_attr_celeba.txt").write_text("\n".join(lines) + "\n")
    return root, attributes
