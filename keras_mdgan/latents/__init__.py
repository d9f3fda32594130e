"""Priors: distributions of the generator's inputs.

A prior is a Keras layer without inputs. It has a config and is saved with the model. It
may have trainable weights, which the generator's player then owns. `sample` takes an
integer seed on the host, or the training step's source of draws.
"""

from keras_mdgan.latents.composed import GaussianMixture, Joint, find_mixture
from keras_mdgan.latents.simple import Categorical, Normal, Prior, Signs, Uniform

__all__ = [
    "Categorical",
    "GaussianMixture",
    "Joint",
    "Normal",
    "Prior",
    "Signs",
    "Uniform",
    "find_mixture",
]
