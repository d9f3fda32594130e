"""One optimizer for Keras' trainer, which holds one for each player."""

import types
from collections.abc import Mapping

import keras


class CompositeOptimizer(keras.optimizers.Optimizer):
    """Holds one optimizer per player, so that Keras trains and saves all of them.

    Keras' trainers know a single `optimizer`. On JAX only its variables enter the
    compiled step, and callbacks and saving reach nothing else. This one has the
    variables of all its members. They belong to players, not to variable paths, because
    paths change when a model is loaded. Its own `iterations` count training steps.

    Examples:
        >>> import keras
        >>> variable = keras.Variable([1.0])
        >>> both = CompositeOptimizer({"a": keras.optimizers.SGD(0.1)})
        >>> both.build({"a": [variable]})
        >>> both["a"].apply([keras.ops.ones((1,))], [variable])
        >>> round(float(variable.numpy()[0]), 4)
        0.9

    Args:
        members: a dictionary from player names to optimizers.
    """

    def __init__(self, members: Mapping, name="composite_optimizer"):
        # The rate is never used: each member has its own.
        super().__init__(learning_rate=0.0, name=name)
        # Not a dict: Keras' saving walks into dicts, and would write the members a
        # second time.
        self.members = types.MappingProxyType(dict(members))

    def __getitem__(self, player):
        return self.members[player]

    def build(self, variables):
        """Create every member's variables. `variables` maps players to lists."""
        for player, member in self.members.items():
            member.build(variables[player])
        self.built = True

    @property
    def variables(self):
        inner = [v for member in self.members.values() for v in member.variables]
        return self._variables + inner

    def count_step(self):
        """Count one training step (each player's updates are counted by its own)."""
        self._iterations.assign_add(1)

    @property
    def learning_rate(self):
        """The first player's rate. Setting it scales all players' rates alike."""
        return next(iter(self.members.values())).learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        first = float(keras.ops.convert_to_numpy(self.learning_rate))
        for member in self.members.values():
            rate = float(keras.ops.convert_to_numpy(member.learning_rate))
            # From a rate of 0 there is no ratio to keep.
            member.learning_rate = value * rate / first if first > 0 else value

    def apply(self, grads, trainable_variables=None):
        raise RuntimeError(
            "A composite optimizer applies no gradients itself; use the member of a "
            f"player: optimizer[name].apply(...), name one of {list(self.members)}."
        )

    def finalize_variable_values(self, var_list):
        """Nothing to do: the averaged weights are a separate network, see `GAN`."""

    def load_own_variables(self, store):
        if len(store.keys()) != len(self.variables):
            raise ValueError(
                f"The file holds {len(store.keys())} optimizer variables and this "
                f"model's optimizers have {len(self.variables)}: it was written by "
                "a model with other players, networks or optimizers."
            )
        super().load_own_variables(store)

    def get_config(self):
        return {
            "name": self.name,
            "members": {k: serialize_optimizer(v) for k, v in self.members.items()},
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        members = {
            player: deserialize_optimizer(member, custom_objects)
            for player, member in config["members"].items()
        }
        return cls(members, name=config["name"])


def serialize_optimizer(optimizer) -> dict:
    """Serialise an optimizer so that any backend can read it.

    On PyTorch, Keras writes the class `keras.src.backend.torch.optimizers.torch_adam`,
    which does not work on other backends. `keras.optimizers` finds the right class on
    every backend.
    """
    config = keras.saving.serialize_keras_object(optimizer)
    if str(config.get("module", "")).startswith("keras.src.backend."):
        config.update(module="keras.optimizers", registered_name=None)
    inner = config.get("config", {}).get("inner_optimizer")
    if inner is not None:
        config["config"]["inner_optimizer"] = serialize_optimizer(
            optimizer.inner_optimizer
        )
    return config


def deserialize_optimizer(config, custom_objects=None):
    """The optimizer of a config; `keras.optimizers.deserialize` knows not all of them.

    (Lamb, in Keras 3.15.)
    """
    return keras.saving.deserialize_keras_object(config, custom_objects)


def refuse_frozen_later(players, optimizer):
    """Raise if weights were frozen, or thawed, after `compile` made the optimizers.

    The file would hold state of weights that a loaded model's optimizers do not have.
    """
    for player in players:
        member = optimizer[player.name]
        member = getattr(member, "inner_optimizer", member)
        built = {id(variable) for variable in member._trainable_variables}
        if built != {id(variable) for variable in player.variables}:
            raise ValueError(
                f"The trainable weights of player {player.name!r} have changed since "
                "`compile`: a model saved like this could not be loaded. Call "
                f"`compile` again first. Received: {len(player.variables)} trainable "
                f"weights, and an optimizer of {len(built)}"
            )


def member_optimizers(optimizer, players, mixed_float16=False) -> dict:
    """One optimizer per player, from the `optimizer` argument of `compile`.

    Args:
        optimizer: a dictionary with one optimizer (or name, or config) for each
            player, or one optimizer, which is copied for every player.
        players: the players.
        mixed_float16: wrap each member in its own `LossScaleOptimizer`.

    Raises:
        ValueError: if the dictionary's names are not the players', or one
            optimizer object is given to two players.
    """
    names = [player.name for player in players]
    if isinstance(optimizer, Mapping) and "class_name" not in optimizer:
        if set(optimizer) != set(names):
            raise ValueError(
                "`optimizer` must name every player once. Expected: "
                f"{sorted(names)}. Received: {sorted(map(str, optimizer))}"
            )
        members = {name: keras.optimizers.get(optimizer[name]) for name in names}
        if len({id(member) for member in members.values()}) < len(members):
            raise ValueError(
                "`optimizer` gives the same optimizer object to two players; an "
                "optimizer keeps state for one set of variables, so make one each."
            )
    else:
        given = keras.optimizers.get(optimizer)
        members = {name: given.from_config(given.get_config()) for name in names}
    for name, member in members.items():
        if member.built:
            raise ValueError(
                f"The optimizer of player {name!r} was used before and is bound to "
                "other variables. Give `compile` a fresh one."
            )
        wrapped = isinstance(member, keras.optimizers.LossScaleOptimizer)
        if mixed_float16 and not wrapped:
            members[name] = keras.optimizers.LossScaleOptimizer(member)
    return members
