"""Training on PyTorch: the step is recorded once, then replayed without Keras."""

import contextlib
import functools

import keras
import torch

from keras_mdgan.training.backends import replicas
from keras_mdgan.training.backends.torch_replay import Replay
from keras_mdgan.training.data.parts import present


def value_and_grad(fn, variables):
    with torch.enable_grad():
        loss, aux = fn()
        values = [v.value for v in variables]
        if values and loss.requires_grad:
            gradients = torch.autograd.grad(
                loss, values, allow_unused=True, materialize_grads=True
            )
        else:  # PyTorch refuses a loss that uses no variable
            gradients = [torch.zeros_like(x) for x in values]
    # Logs must not keep the autograd graph alive.
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
    # A tensor inside a graph stays in it, so that an outer gradient passes through.
    return x if x.requires_grad else x.detach().requires_grad_(True)


def apply(optimizer, gradients, variables):
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    step = getattr(type(inner), "_parallel_update_step", None)
    # By its module: the class has no public name.
    if getattr(step, "__module__", "").endswith(".torch_adam"):
        inner._parallel_update_step = functools.partial(_adam_step, inner)
    with torch.no_grad():
        optimizer.apply(gradients, variables)


def _adam_step(optimizer, gradients, variables, learning_rate):
    """Keras' step of Adam in one pass over the weights' memory."""
    weights = [v.value for v in variables]
    moments = [
        [slots[optimizer._get_variable_index(v)].value for v in variables]
        for slots in (optimizer._momentums, optimizer._velocities)
    ]
    tensors = (*weights, *gradients, *moments[0], *moments[1])
    # The kernel walks through memory and takes no strides.
    contiguous = all(x.is_contiguous() for x in (*weights, *moments[0], *moments[1]))
    one_kind = len({(x.dtype, x.device) for x in tensors}) == 1
    if optimizer.amsgrad or not (contiguous and one_kind):
        step = type(optimizer)._parallel_update_step
        return step(optimizer, gradients, variables, learning_rate)
    count = (optimizer.iterations.value + 1).to(torch.float32)
    corrections = [
        1 - torch.pow(b, count) for b in (optimizer.beta_1, optimizer.beta_2)
    ]
    rate = learning_rate * torch.sqrt(corrections[1]) / corrections[0]
    # PyTorch adds epsilon after the correction of the second moment, Keras before it.
    # After very many steps the kernel corrects nothing: `rate` already does.
    many = torch.full((), 1e12, device=weights[0].device)
    torch._fused_adam_(
        weights,
        [g.contiguous() for g in gradients],
        *moments,
        [],
        [many] * len(weights),
        lr=rate,
        beta1=optimizer.beta_1,
        beta2=optimizer.beta_2,
        weight_decay=0.0,
        eps=optimizer.epsilon,
        amsgrad=False,
        maximize=False,
    )


def batch_norm(x, gamma, beta, axis, epsilon):
    if x.dtype not in (torch.float32, torch.bfloat16, torch.float16):
        return None
    outputs, mean, inverse = torch.native_batch_norm(
        x.movedim(axis, 1), gamma, beta, None, None, True, 0.0, epsilon
    )
    return outputs.movedim(1, axis), mean, inverse**-2 - epsilon


def outline(fn):
    with keras.StatelessScope():
        return fn()


def snapshot(variables):
    return [v.value.detach().to("cpu", copy=True) for v in variables]


repeatable = alone = contextlib.nullcontext


class _Sum(torch.autograd.Function):
    """The sum over processes, which can be differentiated any number of times."""

    @staticmethod
    def forward(ctx, x):
        # `all_reduce` writes in place, and needs contiguous memory.
        total = x.clone(memory_format=torch.contiguous_format)
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient):
        return _Sum.apply(gradient)


class Replica:
    """A process of `torch.distributed` that holds a copy of the model."""

    def __init__(self):
        self.index = torch.distributed.get_rank()
        self.count = torch.distributed.get_world_size()

    def mean(self, tensors):
        # Joined to one vector: one collective instead of one per tensor.
        sizes = [x.numel() for x in tensors]
        flat = torch.cat([x.reshape(-1).to(torch.float32) for x in tensors])
        means = torch.split(_Sum.apply(flat) / self.count, sizes)
        return [m.reshape(x.shape).to(x.dtype) for m, x in zip(means, tensors)]

    def gather(self, tensor):
        # As a sum of padded parts, so that the gradient is that of `_Sum`.
        before = tensor.new_zeros((self.index * len(tensor), *tensor.shape[1:]))
        after = tensor.new_zeros(
            ((self.count - 1 - self.index) * len(tensor), *tensor.shape[1:])
        )
        return _Sum.apply(torch.cat([before, tensor, after]))


class StepMixin:
    """`train_step`, `test_step` and a train function that replays a recording."""

    @property
    def shares(self) -> int:
        """How many processes of `torch.distributed` a batch is divided among."""
        distributed = torch.distributed
        if distributed.is_available() and distributed.is_initialized():
            return distributed.get_world_size()
        return 1

    def train_step(self, data):
        self.adversarial_step(data)
        return self.log_means.on_host(self.log_means.read())

    def test_step(self, data):
        self.evaluation_step(data)
        return self.log_means.on_host(self.log_means.read())

    def make_train_function(self, force=False):
        if self.train_function is not None and not force:
            return
        step = self.adversarial_step
        if self.shares > 1:
            self.train_function = self._distributed_train_function()
            return
        if self.jit_compile:
            step = torch.compile(step)
        elif not self.run_eagerly:
            step = Replay(self)

        def train_function(batches):
            for data in batches:
                step(
                    keras.tree.map_structure(keras.ops.convert_to_tensor, present(data))
                )
            return self.log_means.on_host(self.log_means.read())

        self.train_function = train_function

    def _distributed_train_function(self):
        replica = Replica()

        def train_function(batches):
            for data in batches:
                data = keras.tree.map_structure(
                    keras.ops.convert_to_tensor, present(data)
                )
                with replicas.use(replica):
                    self.adversarial_step(data)
            totals = self.log_means.read().clone()
            torch.distributed.all_reduce(totals)
            return self.log_means.on_host(totals)

        return train_function

    def _get_metrics_result_or_logs(self, logs):
        # `logs` are means over the whole batch; `log_means` here are of a share.
        return logs if self.shares > 1 else super()._get_metrics_result_or_logs(logs)

    strategy_shares = None

    @property
    def own_part(self):
        """A function that picks this process's part of a batch, or `None` for all."""
        if self.shares == 1:
            return None
        return lambda batch: self.share_of(batch, torch.distributed.get_rank())

    @property
    def is_main_process(self) -> bool:
        """Whether this is the process that writes files."""
        return self.shares == 1 or torch.distributed.get_rank() == 0

    def has_whole_state(self) -> bool:
        return True

    def begin_together(self):
        """Copy the first process's weights, optimizers and random states to all."""
        for variable in (*self.variables, *self.optimizer.variables):
            torch.distributed.broadcast(variable.value.data, 0)

    def agreed(self, seed: int) -> int:
        """The first process's seed, on every process."""
        if self.shares == 1:
            return seed
        device = self.optimizer.iterations.value.device
        value = torch.tensor(seed, dtype=torch.int64, device=device)
        torch.distributed.broadcast(value, 0)
        return int(value)

    def compiles_by_default(self, steps_per_execution):
        return False

    # Keras refuses several steps per execution on PyTorch. The train function above
    # loops over them. These methods take one batch at a time instead.
    def evaluate(self, *args, **kwargs):
        with _one_step_per_execution(self):
            return super().evaluate(*args, **kwargs)

    def predict(self, *args, **kwargs):
        with _one_step_per_execution(self):
            return super().predict(*args, **kwargs)

    def test_on_batch(self, *args, **kwargs):
        with _one_step_per_execution(self):
            return super().test_on_batch(*args, **kwargs)

    def predict_on_batch(self, x):
        # Without `_one_step_per_execution`, which another thread would see.
        self.eval()
        with torch.no_grad():
            return keras.tree.map_structure(
                keras.ops.convert_to_numpy, self.predict_step((x,))
            )


class _one_step_per_execution:
    def __init__(self, model):
        self.model, self.steps = model, model.steps_per_execution

    def __enter__(self):
        self.model.steps_per_execution = 1

    def __exit__(self, *error):
        self.model.steps_per_execution = self.steps
