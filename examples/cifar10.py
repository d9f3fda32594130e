"""Any GAN of the zoo on CIFAR-10.

    KERAS_BACKEND=jax python examples/cifar10.py --model mixture_density
    python examples/cifar10.py --smoke               # a look at everything, in a minute

The papers' budget, 100 epochs in batches of 64, wants a GPU: on one core it takes most
of a day. The measures at the end are those of the Inception network of 2015, FIDs that
compare with published ones; its weights are downloaded at first use.
"""

import image_training

if __name__ == "__main__":
    image_training.run("cifar10", __doc__)
