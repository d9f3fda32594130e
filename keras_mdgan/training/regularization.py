"""Regularizers, and losses that layers add: a part of the loss of their player."""

import contextlib

import keras
from keras import ops
from keras.src.backend.common import global_state
from keras.src.layers.layer import CallContext

from keras_mdgan.training.backends import engine
from keras_mdgan.training.backends.scope import RecordingScope, replay


def of_weights(variables):
    """The sum of the variables' regularizers, a scalar, or `None` without any.

    Examples:
        >>> import keras
        >>> dense = keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(3.0))
        >>> dense.build((None, 1))
        >>> _ = dense.kernel.assign([[2.0]])
        >>> total = of_weights(dense.trainable_variables)
        >>> float(keras.ops.convert_to_numpy(total))
        12.0
    """
    found = [v.regularizer(v.value) for v in variables if v.regularizer is not None]
    return _sum(found)


def of_player(player, compute, adds_losses: bool):
    """The result of `compute()`, and what is to be added to the player's loss.

    Keras collects the losses of a call of a model. Here a loss calls networks several
    times, those of other players too. All calls count, and only the layers of the
    player.

    Args:
        player: the `Player` whose loss `compute` is.
        compute: a function without arguments.
        adds_losses: whether layers of the player add losses, see `adding_players`.
            Without, nothing is collected.

    Returns:
        The result, and a scalar or `None`.
    """
    if not adds_losses:
        return compute(), of_weights(player.variables)
    layers = _layers(player)
    for layer in layers:
        layer._clear_losses()
    with RecordingScope(collect_losses=True) as scope, _one_call():
        result = compute()
        known = {key for layer in layers for key in layer._loss_ids}
        added = [loss for loss in scope.losses if id(loss) in known]
        weights = of_weights(player.variables)
    replay(*scope.recorded())
    return result, _sum([*added, *([] if weights is None else [weights])])


def adding_players(players, loss_of, batch) -> frozenset[str]:
    """The names of the players whose layers add losses, found by a trial.

    Args:
        players: the players.
        loss_of: computes a player's loss, given the player and a batch.
        batch: a batch. No state changes.
    """
    found = set()

    def trial(player):
        with RecordingScope(collect_losses=True) as scope, _one_call():
            loss_of(player, batch)
            if scope.losses:
                found.add(player.name)

    for player in players:
        if any(map(_may_add, _layers(player))):
            engine.outline(lambda: trial(player))  # noqa: B023  (called at once)
    return frozenset(found)


def _may_add(layer):
    # The layers of Keras and of this package add nothing else.
    known = type(layer).__module__.split(".")[0] in ("keras", "keras_mdgan")
    return not known or layer.activity_regularizer is not None


@contextlib.contextmanager
def _one_call():
    """Calls of networks as parts of one call: none forgets what another one added."""
    name = "current_call_ctx"
    before = global_state.get_global_attribute(name)
    global_state.set_global_attribute(name, CallContext(entry_layer=None))
    try:
        yield
    finally:
        global_state.set_global_attribute(name, before)


def _layers(player):
    layers = [n for n in player.networks if isinstance(n, keras.layers.Layer)]
    return [inner for layer in layers for inner in layer._flatten_layers()]


def _sum(scalars):
    if not scalars:
        return None
    return sum(ops.cast(scalar, "float32") for scalar in scalars)
