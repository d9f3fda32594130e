"""Training on TensorFlow: one compiled loop over several batches."""

import contextlib
import functools
import itertools

import keras
import numpy as np
import tensorflow as tf

from keras_mdgan.training.backends import replicas
from keras_mdgan.training.backends import tensorflow_fused as fused
from keras_mdgan.training.checks import has_convolutions
from keras_mdgan.training.data.chunks import next_chunks
from keras_mdgan.training.data.parts import present


def value_and_grad(fn, variables):
    values = [v.value for v in variables]
    if tf.inside_function():
        loss, aux = fn()
        return (loss, aux), _gradients(loss, values)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aux = fn()
    return (loss, aux), _of_tape(tape, loss, values)


def gradient(fn, x):
    if tf.inside_function():
        x = tf.nest.map_structure(tf.identity, x)
        gradients = _gradients(fn(x), tf.nest.flatten(x))
        return tf.nest.pack_sequence_as(x, gradients)
    x = tf.nest.map_structure(tf.convert_to_tensor, x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        result = fn(x)
    return _of_tape(tape, result, x)


def _of_tape(tape, y, x):
    return tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def _gradients(y, x):
    """Gradients in a graph, rounded identically in every run of every trace.

    A tape sums the parts of a variable's gradient in an order that changes from trace
    to trace. `AddN` of three or more inputs sums in an order that changes from run to
    run (it begins with whichever input's memory is free). With either, a resumed run
    would differ in the last bits.
    """
    return tf.gradients(
        y,
        x,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
        aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE,
    )


# With these rewrites of the graph a step differs from run to run. The first joins sums
# of two into an `AddN` (see `_gradients`). The second removes edges that order reads
# and writes. With three players, in one run of ten, a turn then used weights that a
# later turn had already changed.
_REWRITES = ("arithmetic_optimization", "dependency_optimization")


@contextlib.contextmanager
def repeatable():
    """Turn off the rewrites with which a step differs from run to run."""
    options = tf.config.optimizer
    before = options.get_experimental_options()
    options.set_experimental_options(dict.fromkeys(_REWRITES, False))
    try:
        yield
    finally:
        options.set_experimental_options({k: before.get(k, True) for k in _REWRITES})


def apply(optimizer, gradients, variables):
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    # Under a strategy gradients are means over replicas, and the optimizer clips
    # these: Keras would sum them once more, after clipping. On one device Keras
    # sums them too, by a custom gradient, which TensorFlow keeps with its whole graph
    # as long as the process lives: megabytes for each model.
    inner._all_reduce_sum_gradients = list
    if (
        not tf.distribute.has_strategy()
        and tf.inside_function()
        and type(inner).update_step is fused.STOCK_ADAM_STEP
    ):
        inner.update_step = functools.partial(fused.adam_step, inner)
    optimizer.apply(gradients, variables)


batch_norm = fused.batch_norm


class Replica:
    """A replica of `tf.distribute`, seen from within its step."""

    def __init__(self, context):
        self.context = context
        self.index = context.replica_id_in_sync_group
        self.count = context.num_replicas_in_sync

    def mean(self, tensors):
        return self.context.all_reduce(tf.distribute.ReduceOp.MEAN, tensors)

    def gather(self, tensor):
        gathered = self.context.all_gather(tensor, axis=0)
        # `all_gather` loses the static shape, which layers need.
        return tf.ensure_shape(gathered, (None, *tensor.shape[1:]))


def _replica():
    context = tf.distribute.get_replica_context()
    several = context is not None and context.num_replicas_in_sync > 1
    return replicas.use(Replica(context) if several else None)


def outline(fn):
    with keras.StatelessScope():
        return fn()


def snapshot(variables):
    return [v.value.numpy() for v in variables]


alone = contextlib.nullcontext


class StepMixin:
    """`train_step`, `test_step` and a train function with one compiled loop."""

    @property
    def shares(self) -> int:
        """How many replicas a batch is divided among."""
        strategy = self._distribute_strategy
        return 1 if strategy is None else strategy.num_replicas_in_sync

    def train_step(self, data):
        with _replica():
            self.adversarial_step(data)
        return self.log_means.result()

    def test_step(self, data):
        with _replica():
            self.evaluation_step(data)
        return self.log_means.result()

    def make_train_function(self, force=False):
        if self.train_function is not None and not force:
            return
        _forget_kernels()
        if self._distribute_strategy is not None:
            self.train_function = self._distributed_train_function()
            return
        if self.run_eagerly:
            return super().make_train_function(force)

        @tf.autograph.experimental.do_not_convert
        def step(data):
            self.adversarial_step(data)
            return self.log_means.read()

        @tf.autograph.experimental.do_not_convert
        def loop(batches):
            steps = tf.shape(tf.nest.flatten(batches)[0])[0]

            def body(i):
                self.adversarial_step(tf.nest.map_structure(lambda x: x[i], batches))
                return (i + 1,)

            tf.while_loop(lambda i: i < steps, body, (tf.constant(0),))
            return self.log_means.read()

        options = {"jit_compile": self.jit_compile, "reduce_retracing": True}
        if self.jit_compile:
            # A new trace per shape keeps shapes static, as XLA needs them.
            options["reduce_retracing"] = False
        one, many = tf.function(step, **options), tf.function(loop, **options)

        def train_function(iterator):
            steps = self.steps_per_execution
            for chunk in next_chunks(self._source, iterator, steps, _stack):
                run = many if chunk.several else one
                totals = run(tf.nest.map_structure(tf.convert_to_tensor, chunk.data))
            return self.log_means.on_host(totals)

        self.train_function = train_function

    def make_test_function(self, force=False):
        if self.test_function is not None and not force:
            return
        super().make_test_function(force)
        of_keras, steps = self.test_function, self.steps_per_execution
        if self._distribute_strategy is not None:
            return

        def test_function(iterator):
            # Keras' loop fails without a batch. The end of the data must be reported.
            first = next(iterator)
            rest = itertools.islice(iterator, steps - 1)
            return of_keras(itertools.chain([first], rest))

        self.test_function = test_function

    @property
    def strategy_shares(self):
        return None if self._distribute_strategy is None else self.shares

    own_part = None  # one process: the strategy divides each batch
    is_main_process = True

    def begin_together(self):
        """Nothing to do: a strategy gives every replica the same initial variables."""

    def agreed(self, seed: int) -> int:
        return seed

    def has_whole_state(self) -> bool:
        return True

    def _distributed_train_function(self):
        """Steps on a strategy's replicas, one per call: no collectives in a loop."""
        strategy = self._distribute_strategy
        if self.jit_compile:
            raise ValueError(
                "XLA cannot compile a step that is divided by a TensorFlow strategy. "
                'Compile with `jit_compile="auto"` or `False`. Received: '
                "jit_compile=True"
            )

        @tf.autograph.experimental.do_not_convert
        def step(data):
            with _replica():
                self.adversarial_step(data)

        @tf.autograph.experimental.do_not_convert
        def everywhere(data):
            strategy.run(step, args=(data,))

        if not self.run_eagerly:
            everywhere = tf.function(everywhere, reduce_retracing=True)

        def shares_of(batch):
            def share(context):
                index = context.replica_id_in_sync_group
                return tf.nest.map_structure(
                    lambda x: tf.convert_to_tensor(self.share_of(x, index)), batch
                )

            return strategy.experimental_distribute_values_from_function(share)

        def train_function(iterator):
            if self._source is not None:
                iterator = map(shares_of, self._source)
            done = 0
            for _, batch in zip(range(self.steps_per_execution), iterator):
                everywhere(present(batch))
                done += 1
            if not done:
                raise StopIteration
            return self.log_means.on_host(self.log_means.read())

        return train_function

    def compiles_by_default(self, steps_per_execution):
        if self._distribute_strategy is not None:
            return False
        # XLA compiles the whole loop. On a CPU a single step gains little and waits
        # seconds for the compiler, and XLA's convolutions take many times as long as
        # TensorFlow's own.
        has_gpu = bool(tf.config.list_physical_devices("GPU"))
        return has_gpu or (steps_per_execution > 1 and not has_convolutions(self))


def _forget_kernels():
    """Free what TensorFlow keeps of earlier models: kernels for each variable.

    Keras' `clear_session` does it too. Kernels in use are made again.
    """
    from tensorflow.python.eager import context

    context.context().clear_kernel_cache()


def _stack(batches):
    def stack(*arrays):
        if isinstance(arrays[0], np.ndarray):
            return np.stack(arrays)
        return tf.stack(arrays)

    return tf.nest.map_structure(stack, *batches)
