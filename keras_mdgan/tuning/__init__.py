"""KerasTuner hypermodels: clusters and variance of MD-GAN, and any GAN of the zoo.

`keras_mdgan.tuning` is imported on first use. It needs `keras_tuner`, which needs
`tensorboard` on the TensorFlow backend.
"""

from keras_mdgan.tuning.any_gan import AnyGAN
from keras_mdgan.tuning.clusters import ClustersAndVariance
from keras_mdgan.tuning.grid_search import GridSearch, GridSearchOracle
from keras_mdgan.tuning.hypermodel import GANHyperModel
from keras_mdgan.tuning.tables import table

__all__ = [
    "AnyGAN",
    "ClustersAndVariance",
    "GANHyperModel",
    "GridSearch",
    "GridSearchOracle",
    "table",
]
