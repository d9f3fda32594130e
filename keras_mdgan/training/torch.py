"""Training on PyTorch: the step recorded once and replayed without Keras' Python."""

import contextlib

import keras
import torch

from keras_mdgan.training.batches import present
from keras_mdgan.training.torch_replay import Replay


def value_and_grad(fn, variables):
    with torch.enable_grad():
        loss, aux = fn()
        gradients = torch.autograd.grad(
            loss,
            [v.value for v in variables],
            allow_unused=True,
            materialize_grads=True,
        )
    aux = keras.tree.map_structure(
        lambda x: x.detach() if isinstance(x, torch.Tensor) else x, aux
    )
    return (loss.detach(), aux), gradients


def gradient(fn, x):
    with torch.enable_grad():
        x = keras.tree.map_structure(_differentiable, x)
        gradients = torch.autograd.grad(
            fn(x).sum(),
            keras.tree.flatten(x),
            create_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
    return keras.tree.pack_sequence_as(x, gradients)


def _differentiable(x):
    x = keras.ops.convert_to_tensor(x)
    return x if x.requires_grad else x.detach().requires_grad_(True)


def apply(optimizer, gradients, variables):
    with torch.no_grad():
        optimizer.apply(gradients, variables)


def outline(fn):
    with keras.StatelessScope():
        return fn()


def snapshot(variables):
    return [v.value.detach().to("cpu", copy=True) for v in variables]


repeatable = contextlib.nullcontext


class StepMixin:
    """`train_step`, `test_step` and a train function that replays a recording."""

    def train_step(self, data):
        self.adversarial_step(data)
        return self.log_means.of_totals(self.log_means.totals.value.detach())

    def test_step(self, data):
        self.evaluation_step(data)
        return self.log_means.of_totals(self.log_means.totals.value.detach())

    def make_train_function(self, force=False):
        if self.train_function is not None and not force:
            return
        step = self.adversarial_step
        if self.jit_compile:
            step = torch.compile(step)
        elif not self.run_eagerly:
            step = Replay(self)

        def train_function(batches):
            for data in batches:
                step(
                    keras.tree.map_structure(keras.ops.convert_to_tensor, present(data))
                )
            return self.log_means.of_totals(self.log_means.totals.value.detach())

        self.train_function = train_function

    def compiles_by_default(self, steps_per_execution):
        return False

    # Keras refuses several steps at once on PyTorch. Training loops over them above;
    # the others go through one batch at a time.
    def evaluate(self, *args, **kwargs):
        with _one_step_per_execution(self):
            return super().evaluate(*args, **kwargs)

    def predict(self, *args, **kwargs):
        with _one_step_per_execution(self):
            return super().predict(*args, **kwargs)

    def test_on_batch(self, *args, **kwargs):
        with _one_step_per_execution(self):
            return super().test_on_batch(*args, **kwargs)

    def predict_on_batch(self, *args, **kwargs):
        with _one_step_per_execution(self):
            return super().predict_on_batch(*args, **kwargs)


class _one_step_per_execution:
    def __init__(self, model):
        self.model, self.steps = model, model.steps_per_execution

    def __enter__(self):
        self.model.steps_per_execution = 1

    def __exit__(self, *error):
        self.model.steps_per_execution = self.steps
