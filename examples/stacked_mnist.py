"""Any GAN of the zoo on Stacked MNIST: a thousand modes of three digits.

    KERAS_BACKEND=tensorflow python examples/stacked_mnist.py
    KERAS_BACKEND=jax python examples/stacked_mnist.py --setting stacked_quarter
    python examples/stacked_mnist.py --smoke         # a look at everything, in a minute

The default is our recipe, 14,000 steps, about an hour on one core. `--setting` chooses
other networks: `stacked_big`, the DCGAN of VEEGAN's experiment, or the unrolled GAN's
with a discriminator of half or a quarter of the width, with which GANs lose modes more
easily. At the end the MNIST classifier labels each channel of
25,000 generated images: how many of the 1,000 combinations are there, and how far are
their shares from equal ones?
"""

import image_training

if __name__ == "__main__":
    image_training.run("stacked_mnist", __doc__)
