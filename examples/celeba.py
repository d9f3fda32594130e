"""Any GAN of the zoo on CelebA, centre crops of 64x64.

    KERAS_BACKEND=jax python examples/celeba.py --model mixture_density
    python examples/celeba.py --smoke                # a look at everything, in a minute

The data are read from a folder in the original layout, or a TFDS copy, in the folder
that the environment variable KERAS_MDGAN_DATA names, or downloaded by TFDS; see
`keras_mdgan.datasets.load`. They are decoded once, which takes some minutes. The
default is our recipe, 20 passes over the images; `--setting papers` has the papers'
networks and 40 passes. Both want a GPU.
"""

import image_training

if __name__ == "__main__":
    image_training.run("celeba", __doc__)
