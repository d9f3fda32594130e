"""Running code with other values in some variables, keeping what it writes."""

import keras
from keras.src.backend.common.stateless_scope import get_stateless_scope


class RecordingScope(keras.StatelessScope):
    """A scope that sees the values of the scope around it and records its writes.

    Keras' nested scopes do not look at their parent, and code that is differentiated
    or run with other weights needs the writes made inside (batch statistics, seeds)
    handed on.

    Args:
        overrides: pairs of a variable and the value it has inside.
    """

    def __init__(self, overrides=()):
        super().__init__()
        parent = get_stateless_scope()
        if parent is not None:
            self.state_mapping.update(parent.state_mapping)
        self.written = {}
        for variable, value in overrides:
            self.state_mapping[id(variable)] = value

    def add_update(self, update):
        super().add_update(update)
        self.written[id(update[0])] = update


def recorded(fn, overrides=()):
    """`fn()`, the variables it wrote to, and the values it wrote."""
    with RecordingScope(overrides) as scope:
        result = fn()
    variables = [variable for variable, _ in scope.written.values()]
    return result, variables, [value for _, value in scope.written.values()]


def replay(variables, values):
    """Assign: into the enclosing scope, or for real outside one."""
    for variable, value in zip(variables, values):
        variable.assign(value)


def with_values(fn, variables, values):
    """`fn()` with other values in `variables`, which keep their own.

    Gradients flow through the values. Writes to other variables happen.

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
