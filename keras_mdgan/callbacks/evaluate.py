"""Mode coverage while training."""

import keras

from keras_mdgan.metrics import mode_coverage


class EvaluateSamples(keras.callbacks.Callback):
    """Logs `modes`, `modes_strict`, `high_quality`, `kl` and `spread` of samples.

    They appear in the progress bar, in the history and for other callbacks, such as
    `keras.callbacks.ModelCheckpoint(monitor="modes", mode="max")`. With `every > 1`,
    epochs in between repeat the last values.

    Examples:
        >>> import keras_mdgan as km
        >>> callback = EvaluateSamples(km.datasets.grid(), n=2500, every=10)
        >>> callback.every
        10

    Args:
        data: a toy data set with `centers` and `std`.
        n: the number of samples.
        every: evaluate after every so many epochs, and after the last.
        seed: the samples' seed; the same latents each time.
        transform: a function applied to the samples first, for a model trained on
            scaled data.
    """

    def __init__(
        self, data, n: int = 2500, every: int = 1, seed: int = 0, transform=None
    ):
        super().__init__()
        for argument, value in (("n", n), ("every", every)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"`{argument}` must be an integer >= 1. "
                    f"Received: {argument}={value!r}"
                )
        self.data, self.n, self.every, self.seed = data, n, every, seed
        self.transform = transform
        self.values = {}

    def on_epoch_end(self, epoch, logs=None):
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        if (epoch + 1) % self.every == 0 or last or not self.values:
            samples = self.model.sample(self.n, seed=self.seed)
            if self.transform is not None:
                samples = self.transform(samples)
            coverage = mode_coverage(samples, self.data).as_dict()
            names = ("modes", "modes_strict", "high_quality", "kl", "spread")
            self.values = {name: float(coverage[name]) for name in names}
        if logs is not None:
            logs.update(self.values)
