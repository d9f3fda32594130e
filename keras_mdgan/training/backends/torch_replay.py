"""A training step on PyTorch, recorded as a graph of tensor operations.

On PyTorch, Keras' layers cost more Python time than a small network's arithmetic (a
profile is in `results/benchmarks`). `make_fx` therefore records the step once for each
batch shape, gradients and optimizers included. From then on the graph runs: the same
operations on the same tensors, without a layer, a scope or an autograd tape.

A recording is only used if its result agrees with that of the step. Some steps cannot
be recorded (Dropout, or Python code that reads tensor values): these run without a
recording. Step and recording agree up to rounding, not always to the last bit. The
first batch of a shape is therefore replayed like every other; otherwise a resumed run
would differ.
"""

import keras
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from keras_mdgan.training import draws


class _Recorder:
    """Draws as usual and records requests and values."""

    def __init__(self):
        self.requests, self.values = [], []

    def draw(self, *request):
        value = draws.draw(*request)
        self.requests.append(request)
        self.values.append(value)
        return value


class _Player:
    """Answers draws from a list."""

    def __init__(self, values):
        self.values = iter(values)

    def draw(self, *request):
        return next(self.values)


class Replay:
    """Runs a model's `adversarial_step`, from a recording if possible."""

    def __init__(self, model):
        self.model = model
        self.recordings = {}

    def __call__(self, data):
        flat = keras.tree.flatten(data)
        key = tuple((tuple(x.shape), x.dtype, x.device) for x in flat)
        if key not in self.recordings:
            self.recordings[key] = _record(self.model, data)
        self.recordings[key](data)


def _record(model, data):
    """A function of the batch with the same effect as `adversarial_step`."""
    variables = _state(model)
    before = [v.value.detach().clone() for v in variables]
    recorder = _Recorder()
    with draws.use_tape(recorder):
        expected = _isolated_step(model, data, variables, _clone(before))
    requests = recorder.requests
    # Numbers are drawn outside the graph, so the graph must not advance the states of
    # the seed generators too.
    drawn_from = {id(generator.state) for generator, *_ in requests}
    kept = [i for i, v in enumerate(variables) if id(v) not in drawn_from]
    variables, before, expected = (
        [values[i] for i in kept] for values in (variables, before, expected)
    )

    def step(state, batch, drawn):
        batch = keras.tree.pack_sequence_as(data, batch)
        with draws.use_tape(_Player(drawn)):
            return _isolated_step(model, batch, variables, state)

    flat = keras.tree.flatten(data)
    try:
        graph = make_fx(step)(_clone(before), flat, recorder.values)
        _simplify(graph)
        got = _clone(before)
        _run(graph, got, flat, recorder.values)
    except Exception:
        # Python that reads tensor values cannot be recorded, and PyTorch does not
        # document the exception's type. If the step itself is wrong, it raises its own
        # error when it now runs without a recording.
        return model.adversarial_step
    if not all(map(_agree, got, expected)):
        return model.adversarial_step

    draw_all = _draw_all if _draws_agree(requests, recorder.values) else _draw_each

    def replay(data):
        drawn = draw_all(requests)
        state = [v._value for v in variables]
        _run(graph, state, keras.tree.flatten(data), drawn)

    return replay


def _draw_each(requests):
    return [draws.draw(*request) for request in requests]


@torch.no_grad()
def _draw_all(requests):
    """The draws of `_draw_each`, but each generator's state is read and written once.

    For each draw Keras seeds a generator with the sum of its state's two numbers, and
    adds one to the second. These are five small tensor operations per draw: they cost
    more than the numbers.
    """
    states = {id(generator): generator.state._value for generator, *_ in requests}
    seeds = {key: sum(state.tolist()) for key, state in states.items()}
    counts = dict.fromkeys(states, 0)
    values = []
    for seed_generator, kind, shape, arguments in requests:
        key = id(seed_generator)
        device = states[key].device
        generator = torch.Generator(device=device)
        generator.manual_seed((seeds[key] + counts[key]) & 0xFFFFFFFF)
        counts[key] += 1
        options = {"generator": generator, "device": device}
        if kind == "uniform":
            low, high = arguments
            values.append((high - low) * torch.rand(shape, **options) + low)
        elif kind == "normal":
            values.append(torch.normal(0.0, 1.0, shape, **options))
        else:
            high = arguments[0]
            values.append(torch.randint(0, high, shape, dtype=torch.int32, **options))
    for key, state in states.items():
        state[1] += counts[key]
    return values


def _draws_agree(requests, wanted):
    """Whether `_draw_all` gives Keras' numbers. The states are unchanged afterwards."""
    generators = {id(request[0]): request[0] for request in requests}.values()
    before = [generator.state._value.detach().clone() for generator in generators]
    try:
        got = _draw_all(requests)
        return all(map(torch.equal, got, wanted))
    finally:
        for generator, value in zip(generators, before):
            generator.state.assign(value)


def _state(model):
    every = (*model.variables, *model.optimizer.variables, *model.metrics_variables)
    return list({id(v): v for v in every}.values())


def _clone(tensors):
    return [x.clone() for x in tensors]


def _isolated_step(model, data, variables, values):
    """The variables' values after a step from `values`; may change these in place."""
    values = [x.detach().requires_grad_(v.trainable) for v, x in zip(variables, values)]
    with keras.StatelessScope(list(zip(variables, values))) as scope:
        model.adversarial_step(data)
    return [scope.get_current_value(v).detach() for v in variables]


@torch.no_grad()
def _run(graph, state, batch, drawn):
    pairs = zip(state, graph(state, batch, drawn))
    changed = [(old, new) for old, new in pairs if new is not old]
    if changed:
        # Into the variables' own tensors, in one call for all of them.
        torch._foreach_copy_(*map(list, zip(*changed)))


def _simplify(graph):
    """Remove operations that only autograd needed, and copies of constants."""
    aten = torch.ops.aten
    for node in list(graph.graph.nodes):
        if node.target in (aten.detach.default, aten.lift_fresh_copy.default):
            node.replace_all_uses_with(node.args[0])
            graph.graph.erase_node(node)
    graph.graph.eliminate_dead_code()
    graph.recompile()


def _agree(a, b):
    return a.dtype == b.dtype and torch.allclose(
        a, b, rtol=1e-4, atol=1e-6, equal_nan=True
    )
