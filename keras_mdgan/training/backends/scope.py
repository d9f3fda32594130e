"""Running code with temporary values in some variables, and recording its writes."""

import keras
from keras.src.backend.common.stateless_scope import get_stateless_scope


class RecordingScope(keras.StatelessScope):
    """A scope that sees the values of its parent scope and records its own writes.

    Keras' nested scopes do not read their parent. When code is differentiated or run
    with temporary weights, its writes (batch statistics, seeds) must reach the parent.

    Args:
        overrides: pairs of a variable and its value inside the scope.
        collect_losses: whether `losses` gathers what layers add.
    """

    def __init__(self, overrides=(), collect_losses: bool = False):
        super().__init__(collect_losses=collect_losses)
        parent = get_stateless_scope()
        if parent is not None:
            self.state_mapping.update(parent.state_mapping)
        self.written = {}
        for variable, value in overrides:
            self.state_mapping[id(variable)] = value

    def add_update(self, update):
        super().add_update(update)
        self.written[id(update[0])] = update

    def recorded(self):
        """The variables that were written to, and the written values."""
        variables = [variable for variable, _ in self.written.values()]
        return variables, [value for _, value in self.written.values()]


def recorded(fn, overrides=()):
    """`fn()`, the variables that it wrote to, and the written values."""
    with RecordingScope(overrides) as scope:
        result = fn()
    return result, *scope.recorded()


def replay(variables, values):
    """Assign the values: in the enclosing scope, or to the variables outside one."""
    for variable, value in zip(variables, values):
        variable.assign(value)


def with_values(fn, variables, values):
    """`fn()` with temporary values in `variables`, which are unchanged afterwards.

    Gradients flow through the values. Writes to other variables take effect.

    Examples:
        >>> import keras
        >>> v = keras.Variable(2.0, trainable=False)
        >>> float(with_values(lambda: v * 3.0, [v], [keras.ops.ones(())])), float(v)
        (3.0, 2.0)

    Args:
        fn: a function without arguments.
        variables: Keras variables.
        values: a tensor for each of them.
    """
    result, written, new = recorded(fn, list(zip(variables, values)))
    replay(written, new)
    return result
