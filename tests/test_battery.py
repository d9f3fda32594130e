"""Every public model goes through the same checks.

Building a training program costs a second to ten, so the checks of a row share two
models, trained or not: `trained` takes one step an execution, `several_steps` four.
A test that changes one puts it back.
"""

import dataclasses
import functools
import inspect
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.saving import saved_model
from support import PYTHONPATH
from support.battery import ROWS, Row, networks, samples, slug
from support.process import state_of, train, variables_of

BACKEND = keras.backend.backend()
rows = pytest.mark.parametrize("name", ROWS)


@dataclasses.dataclass(frozen=True)
class Trained:
    """A model that went ten steps, in two epochs."""

    row: Row
    model: km.GAN
    data: tuple
    start: dict
    history: dict
    after: dict

    def go_to(self, state):
        put(self.model, state)
        return self.model


def put(model, state):
    for variable, value in zip(variables_of(model), state.values(), strict=True):
        variable.assign(value)


def same(state, wanted, err_msg):
    assert set(state) == set(wanted)
    for key, value in state.items():
        np.testing.assert_array_equal(value, wanted[key], err_msg=f"{err_msg} {key}")


def compiled(row, ema_momentum=0.9, **compiling):
    model = row.make(seed=3, ema_momentum=ema_momentum)
    model.compile(**compiling)
    return model


@functools.cache
def _trained(name):
    row = ROWS[name]
    model = compiled(row)
    data, start = samples(model, 100), state_of(model)
    history = train(model, data).history
    return Trained(row, model, data, start, history, state_of(model))


@pytest.fixture
def trained(name):
    found = _trained(name)
    yield found
    found.go_to(found.after)


@functools.cache
def several_steps(name):
    return compiled(ROWS[name], steps_per_execution=4)


def fresh_process(command, folder, backend=None):
    done = subprocess.run(
        [sys.executable, "-m", "support.process", command, str(folder)],
        env=dict(os.environ, KERAS_BACKEND=backend or BACKEND, PYTHONPATH=PYTHONPATH),
        capture_output=True,
        text=True,
    )
    where = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"{command} of {where}: {done.stderr[-3000:]}"


def test_every_public_model_has_a_row():
    public = {
        value
        for value in (getattr(km, name) for name in km.__all__)
        if isinstance(value, type) and issubclass(value, km.AdversarialModel)
    }
    assert public - {km.AdversarialModel, km.GAN, km.ConditionalGAN} == {
        row.cls for row in ROWS.values()
    }
    for name, row in ROWS.items():
        assert name.split(" ")[0] == row.cls.__name__


@rows
def test_fit_logs_finite_means_under_the_right_names(name, trained):
    history = trained.history
    assert set(history) == {"loss", *trained.row.logs}
    assert all(len(v) == 2 and np.isfinite(v).all() for v in history.values())
    total = sum(np.array(history[k]) for k in history if k.endswith("_loss"))
    np.testing.assert_allclose(history["loss"], total, rtol=1e-5)
    assert int(trained.model.optimizer.iterations.numpy()) == 10


@rows
def test_every_player_moves_and_nothing_else(name, trained):
    model = trained.model
    owned = {id(v) for player in model.players() for v in player.variables}
    assert owned == {id(v) for v in model.trainable_variables}
    pairs = zip(variables_of(model), trained.start.values(), trained.after.values())
    still = [v.path for v, a, b in pairs if id(v) in owned and np.array_equal(a, b)]
    assert len(still) <= trained.row.still, still


@rows
def test_a_repeated_run_is_the_same_run(name, trained):
    same(state_of(compiled(trained.row)), trained.start, "as made")
    model = trained.go_to(trained.start)
    history = train(model, trained.data).history
    same(state_of(model), trained.after, "after training")
    assert history == trained.history


@rows
def test_fit_from_tf_data(name, trained):
    tf = pytest.importorskip("tensorflow")
    model = several_steps(name)
    put(model, trained.start)
    data = samples(model, 80)
    data = data if model.uses_labels else data[0]
    dataset = tf.data.Dataset.from_tensor_slices(data).batch(20, drop_remainder=True)
    history = model.fit(dataset, epochs=2, verbose=0).history
    assert all(np.isfinite(v).all() for v in history.values())
    assert int(model.optimizer.iterations.numpy()) == 8


def test_labels_that_come_with_the_data_are_left_aside():
    tf = pytest.importorskip("tensorflow")
    model = several_steps("VanillaGAN")
    start, steps = state_of(model), int(model.optimizer.iterations.numpy())
    (data,) = samples(model, 80)
    states = []
    for each in ((data, np.arange(80)), data):
        put(model, start)
        model.fit(tf.data.Dataset.from_tensor_slices(each).batch(20), verbose=0)
        assert int(model.optimizer.iterations.numpy()) == steps + 4
        states.append(state_of(model))
    same(*states, "labels left aside")


@rows
def test_samples_are_seeded(name, trained):
    model = trained.model
    first, again = model.sample(6, seed=1), model.sample(6, seed=1)
    assert first.shape == (6, 2)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, model.sample(6, seed=2))
    assert not np.allclose(model.sample(6), model.sample(6))
    np.testing.assert_allclose(model.sample(6, seed=1, batch_size=4), first, rtol=1e-5)
    inputs = model.generator_inputs(6, seed=1)
    latents = keras.tree.flatten(inputs)[0]
    assert latents.shape == (6, *model.latents.shape)
    np.testing.assert_allclose(model.predict(inputs, verbose=0), first, rtol=1e-5)


@rows
def test_evaluate_trains_nothing(name, trained):
    model = several_steps(name)
    put(model, trained.after)
    results = model.evaluate(*samples(model), batch_size=20, verbose=0)
    assert set(results) == {"loss", *trained.row.logs}
    assert np.isfinite(list(results.values())).all()
    same(state_of(model), trained.after, "after evaluate")
    again = model.evaluate(*samples(model), batch_size=20, verbose=0)
    assert again == results


@rows
def test_config_round_trip(name):
    row = ROWS[name]
    model = row.make(seed=3)
    config = keras.saving.serialize_keras_object(model)
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is row.cls
    assert copy.get_config() == model.get_config()


@rows
def test_config_has_every_argument(name):
    """A forgotten line of `get_config` would give a loaded model the default."""
    config, arguments = ROWS[name].make(seed=3).get_config(), set()
    for cls in ROWS[name].cls.__mro__:
        if cls.__module__.startswith("keras_mdgan") and "__init__" in vars(cls):
            parameters = inspect.signature(cls.__init__).parameters.values()
            arguments |= {p.name for p in parameters if p.kind != p.VAR_KEYWORD}
    # Other entries say these two: the discriminator's outputs, the latents' config.
    derived = {"components", "dynamic"}
    assert arguments - {"self", *derived} <= set(config)


@rows
def test_steps_per_execution_changes_nothing(name, trained):
    """Also with a last execution of fewer steps and a smaller last batch."""
    one, four = trained.model, several_steps(name)
    if BACKEND == "tensorflow":
        # XLA draws other numbers than TensorFlow's kernels: compile both alike.
        four = compiled(trained.row, steps_per_execution=4, jit_compile=False)
        if trained.row.float16:
            one, four = compiled(trained.row, jit_compile=True), several_steps(name)
    data = samples(one, trained.row.uneven)
    histories, states = [], []
    for model in (one, four):
        put(model, trained.start)
        histories.append(train(model, data).history)
        states.append(state_of(model))
    for key, values in histories[0].items():
        np.testing.assert_allclose(
            values, histories[1][key], rtol=1e-4, atol=1e-6, err_msg=key
        )
    for key in states[0]:
        np.testing.assert_allclose(
            states[0][key], states[1][key], rtol=2e-3, atol=1e-5, err_msg=key
        )


@rows
def test_wrong_data_is_refused_before_training(name, trained):
    model, labels = trained.model, trained.data[1:]
    x = trained.data[0]

    def refused(match, x, *labels, batch_size=20):
        with pytest.raises(ValueError, match=match):
            model.fit(x, *labels, batch_size=batch_size, verbose=0)

    shape = r"shape \(2,\).*Received.*\(3,\)"
    refused(shape, np.zeros((100, 3), "float32"), *labels)
    refused("NaN or infinity", np.full((100, 2), np.nan, "float32"), *labels)
    if labels:
        refused("needs labels", x)
    if model.batch_multiple > 1:
        refused("must be divisible by", x, *labels, batch_size=25)
    same(state_of(model), trained.after, "after refused data")


MIXED = [
    pytest.param(name, f"mixed_{kind}", id=f"{name}-{kind}")
    for name, row in ROWS.items()
    for kind in ("bfloat16", *["float16"] * row.float16)
]


@pytest.mark.parametrize(("name", "policy"), MIXED)
def test_mixed_precision(name, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = compiled(ROWS[name], ema_momentum=None)
        start = [np.array(v.numpy()) for v in model.trainable_variables]
        history = train(model, samples(model)).history
        assert all(np.isfinite(v).all() for v in history.values())
        for member in model.optimizer.members.values():
            scaled = isinstance(member, keras.optimizers.LossScaleOptimizer)
            assert scaled == (policy == "mixed_float16")
            inner = getattr(member, "inner_optimizer", member)
            assert int(inner.iterations.numpy()) > 0
        assert all(v.dtype == "float32" for v in model.trainable_variables)
        moved = [
            np.isfinite(v.numpy()).all() and not np.array_equal(v.numpy(), w)
            for v, w in zip(model.trainable_variables, start)
        ]
        assert moved.count(False) <= ROWS[name].still
    finally:
        keras.config.set_dtype_policy(before)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with every row's model after ten steps, and the data."""
    folder = tmp_path_factory.mktemp("files")
    x, y = km.datasets.ring().sample_with_labels(100, seed=0)
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    for name in ROWS:
        found = _trained(name)
        found.go_to(found.after).save(folder / f"{slug(name)}.keras")
    return folder


def test_resume_in_a_fresh_process_is_exact(files):
    """20 steps = 10 steps, save, fresh process, load, 10 steps; bit for bit."""
    fresh_process("go_on", files)
    for name in ROWS:
        found = _trained(name)
        model = found.go_to(found.after)
        train(model, found.data)
        assert int(model.optimizer.iterations.numpy()) == 20
        with np.load(files / BACKEND / f"{slug(name)}.npz") as got:
            loaded = {k[7:]: got[k] for k in got.files if k.startswith("loaded_")}
            ended = {k: got[k] for k in got.files if not k.startswith("loaded_")}
        same(loaded, found.after, f"{name}, as loaded:")
        same(ended, state_of(model), f"{name}, after 20 steps:")


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_file_of_this_backend_trains_on_every_other(backend, files):
    if backend == BACKEND:
        pytest.skip("the resume test covers this backend itself")
    pytest.importorskip(backend)
    fresh_process("go_on", files, backend)
    for name in ROWS:
        found = _trained(name)
        with np.load(files / backend / f"{slug(name)}.npz") as got:
            for key, value in found.after.items():
                wanted = f"{name}, variable {key}"
                np.testing.assert_array_equal(
                    got[f"loaded_{key}"], value, err_msg=wanted
                )
                assert np.isfinite(got[key]).all(), wanted


def test_export_loads_with_tensorflow_alone(tmp_path):
    pytest.importorskip("tensorflow")
    models = {name: _trained(name).go_to(_trained(name).after) for name in ROWS}
    inputs, folders = {}, {}
    x = _trained("VanillaGAN").data[0]
    np.save(tmp_path / "x.npy", x)
    for name, model in models.items():
        inputs[name] = model.generator_inputs(4, seed=0)
        named = dict(zip(("latents", "labels"), keras.tree.flatten(inputs[name])))
        np.savez(tmp_path / f"{slug(name)}_inputs.npz", **named)
        folders[name] = tmp_path / f"{slug(name)}_work"
        folders[name].mkdir()
    # `export` itself starts a process for each model.
    models["VanillaGAN"].export(tmp_path / "VanillaGAN")
    rest = [name for name in ROWS if name != "VanillaGAN"]
    saved_model._write_all({folders[name]: models[name] for name in rest})
    for name in rest:
        (folders[name] / "saved_model").rename(tmp_path / slug(name))
    fresh_process("export_check", tmp_path)
    for name, model in models.items():
        with np.load(tmp_path / f"{slug(name)}.npz") as got:
            embedded = keras.ops.convert_to_numpy(model.embed(x[:7]))
            for key, wanted in (
                ("served", model.predict(inputs[name], verbose=0)),
                ("by_name", got["served"]),
                ("embedded", embedded),
            ):
                np.testing.assert_allclose(
                    got[key], wanted, rtol=1e-4, atol=1e-6, err_msg=f"{name} {key}"
                )
            np.testing.assert_array_equal(got["first"], got["again"], err_msg=name)
            assert got["first"].shape == (5, 2), name
            assert not np.allclose(got["first"], got["other"]), name
            if isinstance(model, km.ConditionalGAN):
                # One seed gives the same latents for any labels.
                same_label = inputs[name][1] == inputs[name][1][0]
                found = np.isclose(got["first_of"], got["of_one"]).all(axis=-1)
                np.testing.assert_array_equal(found, same_label, err_msg=name)


def test_networks_helper_is_deterministic():
    first, second = networks(), networks()
    model = km.VanillaGAN(**first), km.VanillaGAN(**second)
    for a, b in zip(model[0].weights, model[1].weights):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
