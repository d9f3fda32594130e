"""Any GAN of the zoo on CIFAR-10.

    KERAS_BACKEND=jax python examples/cifar10.py --model mixture_density
    python examples/cifar10.py --smoke               # a look at everything, in a minute

The default is our recipe, 20 passes over the images. The papers' networks and budget,
`--setting papers`, 100 epochs in batches of 64, want a GPU: on one core they take most
of a day. The measures at the end are those of the Inception network of 2015, FIDs that
compare with published ones; its weights are downloaded at first use.
"""

import image_training

if __name__ == "__main__":
    image_training.run("cifar10", __doc__)
