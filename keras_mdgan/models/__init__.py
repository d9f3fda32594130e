"""The zoo: one file a GAN."""

from keras_mdgan.models.mixture_density import MixtureDensityGAN
from keras_mdgan.models.vanilla import VanillaGAN
from keras_mdgan.models.wasserstein_gp import WassersteinGANGP

__all__ = ["MixtureDensityGAN", "VanillaGAN", "WassersteinGANGP"]
