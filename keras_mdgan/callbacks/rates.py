"""Learning rates among the logs."""

import keras
from keras import ops


class LearningRates(keras.callbacks.Callback):
    """Logs each player's learning rate, as `generator_learning_rate` and so on.

    They appear in the history and in the logs of the callbacks after this one, which
    otherwise know a single rate. `fit` adds this callback if there is a
    `keras.callbacks.TensorBoard`. Put it before `WandbMetricsLogger`, `MlflowCallback`
    or `CSVLogger`.

    Examples:
        >>> import keras_mdgan as km
        >>> recipe = km.recipes.points("ring", "vanilla", steps=40)
        >>> history = recipe.fit([LearningRates()], verbose=0).history
        >>> [name for name in history if "rate" in name]
        ['discriminator_learning_rate', 'generator_learning_rate']
    """

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            for name, member in self.model.optimizer.members.items():
                rate = float(ops.convert_to_numpy(member.learning_rate))
                logs[f"{name}_learning_rate"] = rate


def with_rates(callbacks: list) -> list:
    """The callbacks, with a `LearningRates` if one of them writes for TensorBoard."""
    kinds = [type(callback) for callback in callbacks]
    wanted = any(issubclass(kind, keras.callbacks.TensorBoard) for kind in kinds)
    there = any(issubclass(kind, LearningRates) for kind in kinds)
    return [LearningRates(), *callbacks] if wanted and not there else callbacks
