"""Figures of samples, losses, embeddings and images.

Every function returns a `matplotlib.figure.Figure`, which notebooks display. With a
`path` it also saves the figure, in the format of the suffix. The first figure imports
Matplotlib, and no function changes the state of pyplot.
"""

from keras_mdgan.plotting.corners import corners
from keras_mdgan.plotting.curves import histogram, loss_curves
from keras_mdgan.plotting.distances import distance_panel
from keras_mdgan.plotting.embeddings import (
    embedding,
    embedding_panel,
    principal_components,
)
from keras_mdgan.plotting.heatmap import heat_maps
from keras_mdgan.plotting.image_grids import (
    image_grid,
    image_panel,
    save_gif,
    tile_images,
)
from keras_mdgan.plotting.points import density, describe, panel, scatter

__all__ = [
    "corners",
    "density",
    "describe",
    "distance_panel",
    "embedding",
    "embedding_panel",
    "heat_maps",
    "histogram",
    "image_grid",
    "image_panel",
    "loss_curves",
    "panel",
    "principal_components",
    "save_gif",
    "scatter",
    "tile_images",
]
