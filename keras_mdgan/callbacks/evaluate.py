"""Mode coverage during training."""

import keras

from keras_mdgan.metrics import label_accuracy, mode_coverage
from keras_mdgan.metrics.modes import MODE_FIGURES, nearest_centers
from keras_mdgan.training import ConditionalGAN
from keras_mdgan.validation import check_integer, check_seed

# The count of the tables comes first: the progress line has room for two or three.
_NAMES = tuple(dict.fromkeys(("modes_strict", "high_quality", "kl", *MODE_FIGURES)))


class EvaluateSamples(keras.callbacks.Callback):
    """Logs `modes`, `modes_strict`, `high_quality`, `kl` and `spread` of samples.

    They appear in the progress bar, in the history and in the logs of other callbacks,
    such as `keras.callbacks.ModelCheckpoint(monitor="modes", mode="max")`. With
    `every > 1`, epochs in between repeat the last values.

    For a `ConditionalGAN` whose classes are the modes it also logs `label_accuracy`:
    the share of samples that are nearest to the mode that was asked for.

    Examples:
        >>> import keras_mdgan as km
        >>> callback = EvaluateSamples(km.datasets.grid(), n=2500, every=10)
        >>> callback.every
        10

    Args:
        data: a toy data set with `centers` and `std`.
        n: the number of samples.
        every: evaluate after every `every` epochs, and after the last.
        seed: the samples' seed; every evaluation uses the same latents.
        transform: a function applied to the samples first, for a model trained on
            scaled data.
    """

    def __init__(
        self, data, n: int = 2500, every: int = 1, seed: int = 0, transform=None
    ):
        super().__init__()
        self.data, self.seed = data, check_seed(seed)
        self.n, self.every = check_integer("n", n), check_integer("every", every)
        self.transform = transform
        self.values = {}

    def on_epoch_end(self, epoch, logs=None):
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        # Also after the first epoch: a log must exist from then on.
        if (epoch + 1) % self.every == 0 or last or not self.values:
            samples = self.model.sample(self.n, seed=self.seed)
            if self.transform is not None:
                samples = self.transform(samples)
            coverage = mode_coverage(samples, self.data).as_dict()
            self.values = {name: float(coverage[name]) for name in _NAMES}
            self.values |= self._of_labels(samples)
        if logs is not None:
            logs.update(self.values)

    def _of_labels(self, samples):
        n_modes = len(self.data.centers)
        conditional = isinstance(self.model, ConditionalGAN)
        if not conditional or self.model.n_classes != n_modes:
            return {}
        _, labels = self.model.generator_inputs(self.n, self.seed)
        nearest, _ = nearest_centers(samples, self.data.centers)
        return {"label_accuracy": float(label_accuracy(labels, nearest, n_modes))}
