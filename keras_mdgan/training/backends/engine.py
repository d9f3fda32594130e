"""The backend's functions to differentiate, to apply gradients and to run a step.

Each of `tensorflow.py`, `jax.py` and `torch.py` has the same names:

* `value_and_grad(fn, variables)`: `fn()` returns `(loss, aux)`; gives
  `(loss, aux), gradients`. Gradients of variables that the loss does not use are zeros;
* `gradient(fn, x)`: the gradient of the sum of `fn(x)` with respect to `x`, a tensor or
  a list of tensors. It can be differentiated again (gradient penalties, unrolling);
* `apply(optimizer, gradients, variables)`;
* `batch_norm(x, gamma, beta, axis, epsilon)`: outputs, means and variances of a batch
  from a single operation, or `None` where there is none for this `x`;
* `outline(fn)`: the result of `fn()`, or only its shapes. It changes no state;
* `snapshot(variables)`: copies of their values on the host, made quickly;
* `repeatable()`: a context in which compiled steps round identically in every run;
* `alone()`: a context for work of only one of several processes, such as saving;
* `has_replicas`: whether replicas run the step (see `replicas.py`), or one program;
* `divides_evaluation`: whether `evaluate` also divides batches among devices;
* `StepMixin`: how Keras' trainer runs `adversarial_step` on this backend.
"""

import importlib

import keras

_NAMES = ("tensorflow", "jax", "torch")
if keras.backend.backend() not in _NAMES:
    raise ImportError(
        "keras_mdgan trains on the backends tensorflow, jax and torch. "
        f"Received: KERAS_BACKEND={keras.backend.backend()}"
    )
_module = importlib.import_module(f"{__package__}.{keras.backend.backend()}")

value_and_grad = _module.value_and_grad
gradient = _module.gradient
apply = _module.apply
batch_norm = _module.batch_norm
outline = _module.outline
snapshot = _module.snapshot
repeatable = _module.repeatable
alone = _module.alone
has_replicas = keras.backend.backend() != "jax"
divides_evaluation = keras.backend.backend() != "torch"
StepMixin = _module.StepMixin
