"""The players of an adversarial game."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from keras_mdgan.validation import is_integer


@dataclasses.dataclass(frozen=True)
class Player:
    """Networks that minimise one loss together.

    A player named `critic` minimises `model.critic_loss(batch)` over the trainable
    variables of its `networks`. It uses the optimizer of the same name in `compile`.

    Examples:
        >>> import keras
        >>> network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> player = Player("critic", [network], steps=5)
        >>> len(player.variables)
        2

    Args:
        name: the player's name, a Python identifier.
        networks: layers, models or latents whose trainable variables it owns.
        steps: updates per training step. A training batch is cut into one part per
            step of the busiest player. A player with `k` steps sees the first `k`
            parts, one after the other.

    Raises:
        ValueError: if `name` is not an identifier, `networks` is empty or `steps`
            is not a positive integer.
    """

    name: str
    networks: Sequence[Any]
    steps: int = 1

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValueError(
                "`name` of a player must be a Python identifier. "
                f"Received: name={self.name!r}"
            )
        if not self.networks:
            raise ValueError(f"Player {self.name!r} has no networks.")
        if not is_integer(self.steps):
            raise ValueError(
                f"`steps` of player {self.name!r} must be an integer >= 1. "
                f"Received: steps={self.steps!r}"
            )
        object.__setattr__(self, "steps", int(self.steps))  # the class is frozen

    @property
    def variables(self) -> list:
        """The trainable variables of the networks, each once."""
        unique = {
            id(v): v for network in self.networks for v in network.trainable_variables
        }
        return list(unique.values())
