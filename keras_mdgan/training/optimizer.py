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
        rates = self._rates()
        self._leader = next((name for name in rates if rates[name] > 0), None)
        self._leader = self._leader or next(iter(rates))
        first = rates[self._leader]
        # Remembered, since a rate of 0 (the start of a warm-up) has no ratio to others.
        self.relative_rates = {k: r / first if first else 1.0 for k, r in rates.items()}

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

    def _rates(self):
        return {
            name: float(keras.ops.convert_to_numpy(member.learning_rate))
            for name, member in self.members.items()
        }

    @property
    def learning_rate(self):
        """The rate of the first player that has one. Setting it scales all rates alike.

        The ratios of the rates stay, also from a rate of 0 on.
        """
        return self.members[self._leader].learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        for name, member in self.members.items():
            own = inner_optimizer(member)._learning_rate
            if isinstance(own, keras.optimizers.schedules.LearningRateSchedule):
                raise TypeError(
                    f"The optimizer of player {name!r} has a learning rate schedule, "
                    "and its rate cannot be set. Received: "
                    f"learning_rate={value!r}"
                )
        value = float(keras.ops.convert_to_numpy(value))
        rates = self._rates()
        first = rates[self._leader]
        if first > 0:
            self.relative_rates = {k: rate / first for k, rate in rates.items()}
        for name, member in self.members.items():
            member.learning_rate = (
                value * rates[name] / first
                if first > 0
                else value * self.relative_rates[name]
            )

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


def inner_optimizer(optimizer):
    """The optimizer itself, also of a `LossScaleOptimizer`."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def compile_config(composite, players) -> dict:
    """What `restored_config` needs to make the optimizers again.

    A Keras optimizer's own config lacks the variables that are excluded from weight
    decay. They are kept by their position among the player's variables.
    """
    undecayed = {}
    for player in players:
        member = inner_optimizer(composite[player.name])
        left_out = [
            i
            for i, variable in enumerate(player.variables)
            if not member._use_weight_decay(variable)
        ]
        if left_out:
            undecayed[player.name] = left_out
    return {
        "optimizer": {k: serialize_optimizer(v) for k, v in composite.members.items()},
        "undecayed": undecayed,
        "relative_rates": dict(composite.relative_rates),
    }


def restored_config(config: Mapping, players) -> tuple[dict, dict]:
    """The arguments of `compile` and the ratios of the rates, from a saved config.

    Files of 0.1.0 have neither excluded variables nor ratios.
    """
    arguments = dict(config)
    undecayed = arguments.pop("undecayed", {})
    rates = arguments.pop("relative_rates", {})
    variables = {player.name: player.variables for player in players}
    members = {}
    for name, serialized in arguments["optimizer"].items():
        members[name] = deserialize_optimizer(serialized)
        if undecayed.get(name):
            left_out = [variables[name][i] for i in undecayed[name]]
            inner = inner_optimizer(members[name])
            inner.exclude_from_weight_decay(var_list=left_out)
    return arguments | {"optimizer": members}, rates


def _copy(optimizer):
    copy = optimizer.from_config(optimizer.get_config())
    # Not in the config, as they name variables.
    for name in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"):
        given = getattr(inner_optimizer(optimizer), name, None)
        if given:
            setattr(inner_optimizer(copy), name, given)
    return copy


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
        ValueError: if the dictionary's names are not the players', one optimizer
            object is given to two players, or an optimizer has `use_ema`.
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
        members = {name: _copy(given) for name in names}
    for name, member in members.items():
        if member.built:
            raise ValueError(
                f"The optimizer of player {name!r} was used before and is bound to "
                "other variables. Give `compile` a fresh one."
            )
        if inner_optimizer(member).use_ema:
            raise ValueError(
                "An optimizer's `use_ema` averages every player's weights, and Keras "
                "would put the averages in the place of weights that are still to "
                "play. Give the model `ema_momentum=...`: it keeps an averaged "
                "generator and samples from it. Received: the optimizer of player "
                f"{name!r} with use_ema=True"
            )
        wrapped = isinstance(member, keras.optimizers.LossScaleOptimizer)
        if mixed_float16 and not wrapped:
            members[name] = keras.optimizers.LossScaleOptimizer(member)
    return members
