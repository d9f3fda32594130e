"""Embeddings of labels."""

import keras
from keras import ops

from keras_mdgan.validation import check_integer, check_seed


@keras.saving.register_keras_serializable("keras_mdgan")
class ClassEmbedding(keras.layers.Layer):
    """A learned vector for each class.

    The vectors begin as `N(0, 1)`, the scale of latents. `keras.layers.Embedding` is
    for large vocabularies: its gradient is a sum of scattered rows. On a GPU the order
    of this sum differs from run to run, and a resumed run would differ too. Here a
    product with the one-hot label gives a dense gradient.

    Examples:
        >>> import numpy as np
        >>> layer = ClassEmbedding(10, 4)
        >>> tuple(layer(np.array([3, 3, 9])).shape)
        (3, 4)

    Args:
        n_classes: the number of classes.
        dim: the dimension of the vectors.
        seed: an integer for the first vectors, or `None`.

    Call arguments:
        labels: integers `(batch_size,)` from 0 to `n_classes - 1`. Another number has
            the zero vector, because compiled code cannot raise: `fit` and `sample`
            check labels.

    Raises:
        ValueError: if `n_classes` or `dim` is not a positive integer.
    """

    def __init__(self, n_classes: int, dim: int, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.n_classes = check_integer("n_classes", n_classes)
        self.dim = check_integer("dim", dim)
        self.seed = check_seed(seed)

    def build(self, input_shape):
        self.embeddings = self.add_weight(
            shape=(self.n_classes, self.dim),
            initializer=keras.initializers.RandomNormal(stddev=1.0, seed=self.seed),
            name="embeddings",
        )
        self.built = True

    def call(self, labels):
        # Not `one_hot`: on PyTorch it reads values, and then no step can be recorded.
        labels = ops.expand_dims(ops.cast(labels, "int32"), -1)
        chosen = ops.equal(labels, ops.arange(self.n_classes, dtype="int32"))
        return ops.matmul(ops.cast(chosen, self.compute_dtype), self.embeddings)

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.dim)

    def get_config(self):
        return {
            **super().get_config(),
            "n_classes": self.n_classes,
            "dim": self.dim,
            "seed": self.seed,
        }
