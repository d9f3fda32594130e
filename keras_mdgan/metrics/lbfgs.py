"""L-BFGS for many small problems at once, in `keras.ops`."""

from collections.abc import Callable

from keras import ops

from keras_mdgan.training.backends.engine import gradient

_MEMORY = 10


def minimize_each(fn: Callable, start, steps: int):
    """Minimises each problem of a batch by L-BFGS from its own start.

    Every step evaluates `fn` at one trial point for each problem. A trial point with a
    sufficient decrease (Armijo's condition) is accepted, and the next direction is
    tried at full length. Otherwise a shorter step is tried next. So no problem waits
    for another, and no value ever increases.

    Args:
        fn: a function from `(n, dim)` to `(n,)`; each value depends only on its row.
        start: the initial points, `(n, dim)`, float32.
        steps: the number of steps.

    Returns:
        The best points, `(n, dim)`, and their values, `(n,)`.

    References:
        Liu and Nocedal, "On the limited memory BFGS method for large scale
        optimization", 1989, algorithm 2.1.
        Nocedal and Wright, "Numerical Optimization", 2006, algorithm 7.4.
    """

    def evaluated(z):
        return ops.stop_gradient(fn(z)), ops.stop_gradient(gradient(fn, z))

    def step(_, state):
        z, value, slope, direction, length, moves, bends = state
        trial = z + length * direction
        new_value, new_slope = evaluated(trial)
        expected = ops.minimum(_dot(direction, slope), 0.0) * length
        change = ops.expand_dims(new_value - value, -1)
        better = change <= 1e-4 * expected
        # The minimum of the parabola through both values and the slope, within bounds.
        part = -0.5 * expected / ops.maximum(change - expected, 1e-30)
        part = ops.where(ops.isfinite(change), ops.clip(part, 0.1, 0.5), 0.1)
        move, bend = trial - z, new_slope - slope
        # Without positive curvature the approximate Hessian would not be positive.
        convex = _dot(move, bend) > 1e-7 * _dot(bend, bend)
        moves = _remembered(moves, move, better & convex)
        bends = _remembered(bends, bend, better & convex)
        z = ops.where(better, trial, z)
        value = ops.where(better[:, 0], new_value, value)
        slope = ops.where(better, new_slope, slope)
        direction = ops.where(better, _direction(slope, moves, bends), direction)
        length = ops.where(better, 1.0, part * length)
        return z, value, slope, direction, length, moves, bends

    value, slope = evaluated(start)
    memory = ops.zeros((_MEMORY, *ops.shape(start)), "float32")
    size = ops.sqrt(_dot(slope, slope))
    direction = -slope / ops.maximum(size, 1e-30)
    state = start, value, slope, direction, ops.ones_like(size), memory, memory
    return ops.fori_loop(0, steps, step, state)[:2]


def _dot(a, b):
    return ops.sum(a * b, axis=-1, keepdims=True)


def _remembered(memory, vector, chosen):
    """The memory without its first vector and with a new one, for chosen problems."""
    moved = ops.concatenate([memory[1:], ops.expand_dims(vector, 0)], axis=0)
    return ops.where(chosen, moved, memory)


def _direction(slope, moves, bends):
    """Minus the approximate inverse Hessian times the slope, in two loops."""
    products = _dot(moves, bends)
    known = products > 0  # empty slots of the memory are 0 and must have no effect
    weights = ops.where(known, 1.0 / ops.where(known, products, 1.0), 0.0)
    steps = []
    for i in reversed(range(_MEMORY)):
        step = weights[i] * _dot(moves[i], slope)
        slope = slope - step * bends[i]
        steps.append(step)
    squares = _dot(bends[-1], bends[-1])
    full = squares > 0
    slope = slope * ops.where(full, products[-1] / ops.where(full, squares, 1.0), 1.0)
    for i, step in zip(range(_MEMORY), reversed(steps)):
        slope = slope + moves[i] * (step - weights[i] * _dot(bends[i], slope))
    return -slope
