"""A model after Ctrl-C, after an error in a step, and with several threads."""

import concurrent.futures
import contextlib
import gc
import os
import signal
import threading
import time

import numpy as np
import pytest

import keras_mdgan as km
from support.process import state_of


@pytest.fixture(autouse=True)
def no_garbage_collection():
    """A signal may arrive in JAX's callback of the collector, where Python drops it."""
    gc.disable()
    yield
    gc.enable()


def gan(**kwargs):
    model = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(8,), seed=0),
        km.networks.mlp_discriminator((2,), hidden=(8,), seed=1),
        km.latents.Uniform(2),
        seed=0,
    )
    model.compile(**kwargs)
    return model


def steps(model):
    return int(model.optimizer.iterations.numpy())


def whole(model):
    """Whether every player has made as many updates as the model has made steps."""
    members = model.optimizer.members.values()
    return {int(m.iterations.numpy()) for m in members} == {steps(model)}


def ctrl_c_after(seconds):
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()


SOURCE = km.datasets.ring().as_dataset(800, 20, seed=0)


def fit_to(model, total):
    return model.fit(SOURCE, steps_per_epoch=total - steps(model), verbose=0)


@pytest.mark.parametrize("executions", [1, 8])
def test_ctrl_c_in_fit_costs_no_step(executions):
    """Interrupted ten times, a run ends as one that was not, bit for bit."""
    model = gan(steps_per_execution=executions)
    fit_to(model, 40)
    random = np.random.default_rng(0)
    for _ in range(10):
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012
            ctrl_c_after(random.uniform(0.0, 0.05))
            while True:
                fit_to(model, steps(model) + 80)
        assert whole(model)
    end = -(-steps(model) // 40) * 40 + 40
    fit_to(model, end)
    other = gan(steps_per_execution=executions)
    fit_to(other, end)
    for name, value in state_of(other).items():
        np.testing.assert_array_equal(state_of(model)[name], value)


def test_ctrl_c_in_sample_and_evaluate():
    model, random = gan(), np.random.default_rng(1)
    x = km.datasets.ring().sample(500, seed=0)
    before = model.sample(3000, seed=0)
    model.evaluate(x, verbose=0)
    for work in (lambda: model.sample(3000), lambda: model.evaluate(x, verbose=0)):
        for _ in range(8):
            with pytest.raises(KeyboardInterrupt):  # noqa: PT012
                ctrl_c_after(random.uniform(0.0, 0.02))
                end = time.monotonic() + 60
                while time.monotonic() < end:
                    work()
    np.testing.assert_array_equal(model.sample(3000, seed=0), before)
    assert np.isfinite(fit_to(model, 20).history["loss"]).all()


def test_any_exception_in_fit_leaves_a_usable_model():
    """A time limit by a signal of one's own may come in the middle of a step."""

    class OutOfTime(Exception):
        pass

    def stop(number, frame):
        raise OutOfTime

    model, random = gan(), np.random.default_rng(2)
    fit_to(model, 40)
    previous = signal.signal(signal.SIGALRM, stop)
    try:
        for _ in range(10):
            # One may also come between the blocks, on a busy machine.
            with contextlib.suppress(OutOfTime):
                with pytest.raises(Exception):  # noqa: B017, PT012 (JAX may wrap it)
                    # Again and again: JAX may swallow the first.
                    signal.setitimer(
                        signal.ITIMER_REAL, random.uniform(0.001, 0.05), 0.2
                    )
                    while True:
                        fit_to(model, steps(model) + 40)
                signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert np.isfinite(model.sample(10, seed=0)).all()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert np.isfinite(fit_to(model, steps(model) + 40).history["loss"]).all()


def batches(bad, at):
    data = np.ones((20, 2), "float32")
    for i in range(at):
        yield (data * i,)
    yield (bad,)


@pytest.mark.parametrize("at", [0, 3])
@pytest.mark.parametrize("bad", [np.ones((20, 3), "float32"), {"x": np.ones((20, 2))}])
def test_a_wrong_batch_costs_no_step_before_it(at, bad):
    model, other = gan(), gan()
    with pytest.raises(Exception):  # noqa: B017 (see `tests/test_errors.py`)
        model.fit(batches(bad, at), steps_per_epoch=at + 1, verbose=0)
    if at:
        good = batches(np.ones((20, 2), "float32"), at)
        other.fit(good, steps_per_epoch=at, verbose=0)
    for name, value in state_of(other).items():
        np.testing.assert_array_equal(state_of(model)[name], value)
    assert np.isfinite(fit_to(model, at + 20).history["loss"]).all()


@pytest.mark.parametrize("executions", [1, 4])
def test_several_threads_sample(executions):
    model = gan(steps_per_execution=executions)
    alone = [model.sample(50 + i, seed=i) for i in range(8)]

    def sample(i):
        return [model.sample(50 + i, seed=i) for _ in range(10)]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for i, samples in enumerate(pool.map(sample, range(8))):
            for found in samples:
                np.testing.assert_array_equal(found, alone[i])
    assert model.steps_per_execution == executions


def test_a_player_may_be_frozen_whole():
    model = gan()
    model.generator.trainable = False
    model.compile()
    before = [v.numpy() for v in model.generator.weights]
    assert np.isfinite(fit_to(model, 20).history["loss"]).all()
    for variable, value in zip(model.generator.weights, before):
        if not variable.path.endswith("seed_generator_state"):
            np.testing.assert_array_equal(variable.numpy(), value)
