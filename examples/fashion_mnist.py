"""Any GAN of the zoo on Fashion-MNIST.

    KERAS_BACKEND=jax python examples/fashion_mnist.py --model mixture_density
    python examples/fashion_mnist.py --smoke         # a look at everything, in a minute

The default is our recipe, 20 passes over the images, about an hour on one core.
`--setting` chooses the papers' networks, components and variances. The measures at the
end use the features of the MNIST classifier: they tell runs apart, and are no FIDs.
"""

import image_training

if __name__ == "__main__":
    image_training.run("fashion_mnist", __doc__)
