"""Every public model goes through the same checks."""

import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.training.draws import HostDraws

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from battery import ROWS, networks
from process import state_of, train

rows = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def data(n=80, seed=0):
    return km.datasets.ring().sample(n, seed=seed)


def compiled(row, **kwargs):
    compiling = {
        key: kwargs.pop(key)
        for key in ("steps_per_execution", "jit_compile", "run_eagerly")
        if key in kwargs
    }
    model = row.make(seed=3, **kwargs)
    model.compile(**compiling)
    return model


def fresh_process(command, folder, backend=None):
    environment = dict(os.environ, KERAS_BACKEND=backend or keras.backend.backend())
    root = pathlib.Path(__file__).parents[1]
    environment["PYTHONPATH"] = str(root)
    script = root / "tests" / "process.py"
    done = subprocess.run(
        [sys.executable, str(script), command, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_every_public_model_has_a_row():
    public = {
        name
        for name in km.__all__
        if isinstance(getattr(km, name), type)
        and issubclass(getattr(km, name), km.AdversarialModel)
    }
    assert public - {"AdversarialModel", "GAN"} == set(ROWS)


@rows
def test_fit_logs_finite_means_under_the_right_names(row):
    model = compiled(row)
    history = train(model, data(), epochs=2).history
    assert set(history) == {"loss", *row.logs}
    assert all(len(v) == 2 and np.isfinite(v).all() for v in history.values())
    total = sum(np.array(history[k]) for k in history if k.endswith("_loss"))
    np.testing.assert_allclose(history["loss"], total, rtol=1e-5)
    assert int(model.optimizer.iterations.numpy()) == 8


@rows
def test_every_player_moves_and_nothing_else(row):
    model = compiled(row)
    before = {id(v): v.numpy() for v in model.trainable_variables}
    train(model, data())
    owned = {id(v) for player in model.players() for v in player.variables}
    assert owned == set(before)
    # A Wasserstein critic's last bias cancels out of its loss.
    still = [
        v.path
        for v in model.trainable_variables
        if np.array_equal(before[id(v)], v.numpy())
    ]
    assert len(still) <= (1 if row.cls is km.WassersteinGANGP else 0)


@rows
def test_fit_from_tf_data(row):
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices(data()).batch(20, drop_remainder=True)
    model = compiled(row, steps_per_execution=2)
    history = model.fit(dataset, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert int(model.optimizer.iterations.numpy()) == 8
    pairs = tf.data.Dataset.from_tensor_slices((data(), np.arange(80))).batch(20)
    model.fit(pairs, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 12


@rows
def test_samples_are_seeded(row):
    model = compiled(row)
    first, again = model.sample(6, seed=1), model.sample(6, seed=1)
    assert first.shape == (6, 2)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, model.sample(6, seed=2))
    assert not np.allclose(model.sample(6), model.sample(6))
    np.testing.assert_allclose(model.sample(6, seed=1, batch_size=4), first, rtol=1e-5)
    latents = model.latents.sample(6, seed=1)
    np.testing.assert_allclose(model.predict(latents, verbose=0), first, rtol=1e-5)


@rows
def test_evaluate_trains_nothing(row):
    model = compiled(row, steps_per_execution=2)
    before = state_of(model)
    results = model.evaluate(data(), batch_size=20, verbose=0)
    assert set(results) == {"loss", *row.logs}
    assert np.isfinite(list(results.values())).all()
    for name, value in state_of(model).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)
    again = model.evaluate(data(), batch_size=20, verbose=0)
    assert again == results


@rows
def test_config_round_trip(row):
    model = row.make(seed=3)
    config = keras.saving.serialize_keras_object(model)
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is row.cls
    assert copy.get_config() == model.get_config()


@rows
def test_a_repeated_run_is_the_same_run(row):
    first, second = compiled(row), compiled(row)
    for model in (first, second):
        train(model, data())
    for name, value in state_of(first).items():
        np.testing.assert_array_equal(value, state_of(second)[name], err_msg=name)


def test_resume_in_a_fresh_process_is_exact(tmp_path):
    """20 steps = 10 steps, save, fresh process, load, 10 steps; bit for bit."""
    x = data(200)
    np.save(tmp_path / "x.npy", x)
    wanted = {}
    for name, row in ROWS.items():
        model = compiled(row, ema_momentum=0.9)
        train(model, x)
        model.save(tmp_path / f"{name}.keras")
        train(model, x)
        assert int(model.optimizer.iterations.numpy()) == 20
        wanted[name] = state_of(model)
    fresh_process("go_on", tmp_path)
    for name, state in wanted.items():
        with np.load(tmp_path / f"{name}.npz") as got:
            assert set(got.files) == set(state)
            for key in state:
                np.testing.assert_array_equal(got[key], state[key], err_msg=name)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_file_of_this_backend_trains_on_every_other(backend, tmp_path):
    if backend == keras.backend.backend():
        pytest.skip("the resume test covers this backend itself")
    pytest.importorskip(backend)
    x = data(200)
    np.save(tmp_path / "x.npy", x)
    for name, row in ROWS.items():
        model = compiled(row)
        train(model, x)
        model.save(tmp_path / f"{name}.keras")
    fresh_process("go_on", tmp_path, backend)
    for name in ROWS:
        assert (tmp_path / f"{name}.npz").exists()


def test_export_loads_with_tensorflow_alone(tmp_path):
    pytest.importorskip("tensorflow")
    np.save(tmp_path / "x.npy", data())
    latents = HostDraws(0).uniform((4, 3), -1, 1)
    np.save(tmp_path / "latents.npy", latents)
    models = {name: compiled(row, ema_momentum=0.5) for name, row in ROWS.items()}
    for name, model in models.items():
        train(model, data())
        model.export(tmp_path / name)
    fresh_process("export_check", tmp_path)
    for name, model in models.items():
        with np.load(tmp_path / f"{name}.npz") as got:
            wanted = model.predict(latents, verbose=0)
            np.testing.assert_allclose(got["served"], wanted, rtol=1e-4, atol=1e-6)
            embedded = keras.ops.convert_to_numpy(model.embed(data()[:7]))
            np.testing.assert_allclose(got["embedded"], embedded, rtol=1e-4, atol=1e-6)
            np.testing.assert_array_equal(got["first"], got["again"])
            assert got["first"].shape == (5, 2)
            assert not np.allclose(got["first"], got["other"])


@rows
def test_steps_per_execution_changes_nothing(row):
    """Also with a last execution of fewer steps and a smaller last batch."""
    x = data(90 if row.cls is not km.WassersteinGANGP else 100)
    # TensorFlow's XLA draws other numbers than its kernels: compile both alike.
    jit = True if keras.backend.backend() == "tensorflow" else "auto"
    one, three = (
        compiled(row, steps_per_execution=steps, jit_compile=jit) for steps in (1, 3)
    )
    histories = [train(model, x, epochs=2).history for model in (one, three)]
    for name, values in histories[0].items():
        np.testing.assert_allclose(values, histories[1][name], rtol=1e-4, atol=1e-6)
    states = state_of(one), state_of(three)
    for key in states[0]:
        np.testing.assert_allclose(states[0][key], states[1][key], rtol=2e-3, atol=1e-5)


@rows
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(row, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = compiled(row)
        history = train(model, data(), epochs=2).history
        assert np.isfinite(history["loss"]).all()
        for member in model.optimizer.members.values():
            scaled = isinstance(member, keras.optimizers.LossScaleOptimizer)
            assert scaled == (policy == "mixed_float16")
            inner = getattr(member, "inner_optimizer", member)
            assert int(inner.iterations.numpy()) > 0
        assert all(v.dtype == "float32" for v in model.trainable_variables)
    finally:
        keras.config.set_dtype_policy(before)


@rows
def test_wrong_data_is_refused_before_training(row):
    model = compiled(row)
    with pytest.raises(ValueError, match=r"shape \(2,\).*Received.*\(3,\)"):
        model.fit(np.zeros((40, 3), "float32"), batch_size=20, verbose=0)
    with pytest.raises(ValueError, match="NaN or infinity"):
        model.fit(np.full((40, 2), np.nan, "float32"), batch_size=20, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 0


def test_networks_helper_is_deterministic():
    first, second = networks(), networks()
    model = km.VanillaGAN(**first), km.VanillaGAN(**second)
    for a, b in zip(model[0].weights, model[1].weights):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
