"""The zoo: one file per GAN."""

from keras_mdgan.models.adversarially_learned_inference import (
    AdversariallyLearnedInference,
)
from keras_mdgan.models.bayesian import BayesianGAN
from keras_mdgan.models.began import BEGAN
from keras_mdgan.models.conditional_mixture_density import (
    ConditionalMixtureDensityGAN,
)
from keras_mdgan.models.coulomb import CoulombGAN
from keras_mdgan.models.deligan import DeliGAN
from keras_mdgan.models.dragan import DRAGAN
from keras_mdgan.models.energy_based import EnergyBasedGAN
from keras_mdgan.models.gaussian_mixture import GaussianMixtureGAN
from keras_mdgan.models.geometric import GeometricGAN
from keras_mdgan.models.infogan import InfoGAN
from keras_mdgan.models.manifold_diffusion import ManifoldDiffusionGAN
from keras_mdgan.models.mixture_density import MixtureDensityGAN
from keras_mdgan.models.mode_regularized import ModeRegularizedGAN
from keras_mdgan.models.multi_adversarial import MultiAdversarialGAN
from keras_mdgan.models.multi_modal import MultiModalGAN
from keras_mdgan.models.packed import PackedGAN
from keras_mdgan.models.projection import ProjectionGAN
from keras_mdgan.models.relativistic import RelativisticGAN
from keras_mdgan.models.spectral_norm import SpectralNormGAN
from keras_mdgan.models.unrolled import UnrolledGAN
from keras_mdgan.models.vanilla import VanillaGAN
from keras_mdgan.models.veegan import VEEGAN
from keras_mdgan.models.wasserstein import WassersteinGAN
from keras_mdgan.models.wasserstein_gp import WassersteinGANGP

__all__ = [
    "BEGAN",
    "DRAGAN",
    "VEEGAN",
    "AdversariallyLearnedInference",
    "BayesianGAN",
    "ConditionalMixtureDensityGAN",
    "CoulombGAN",
    "DeliGAN",
    "EnergyBasedGAN",
    "GaussianMixtureGAN",
    "GeometricGAN",
    "InfoGAN",
    "ManifoldDiffusionGAN",
    "MixtureDensityGAN",
    "ModeRegularizedGAN",
    "MultiAdversarialGAN",
    "MultiModalGAN",
    "PackedGAN",
    "ProjectionGAN",
    "RelativisticGAN",
    "SpectralNormGAN",
    "UnrolledGAN",
    "VanillaGAN",
    "WassersteinGAN",
    "WassersteinGANGP",
]
