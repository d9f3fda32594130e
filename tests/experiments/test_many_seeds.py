"""Seeds trained at once by one JAX program: the same runs as one by one."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import dataset
from keras_mdgan.experiments import Records, Run, many_seeds, train
from keras_mdgan.experiments.__main__ import main
from keras_mdgan.experiments.many_seeds import train_many_seeds
from keras_mdgan.experiments.measures import PointMeasures
from keras_mdgan.recipes import METHODS, SETTINGS
from keras_mdgan.training.draws import Draws

BACKEND = keras.backend.backend()
on_jax = pytest.mark.skipif(
    BACKEND != "jax", reason="seeds are trained at once on JAX alone"
)
SEEDS = (0, 3)


def runs(steps=30):
    return [Run("ring", "ours", "vanilla", seed, steps=steps) for seed in SEEDS]


def build(model, seed):
    return SETTINGS["ours"].build(model, dataset("ring"), seed)


def models_of(gans):
    from keras_mdgan.training.backends.jax_vmapped import VmappedModels

    return VmappedModels(gans)


def small(cls, outputs, seed, **arguments):
    """With every kind of state: draws of model and layer, momentum, an average."""
    gan = cls(
        km.networks.mlp_generator((2,), hidden=(16,), seed=seed),
        km.networks.mlp_discriminator(
            (2,),
            outputs,
            hidden=(16,),
            preprocessing=[km.layers.InstanceNoise([(0, 1.0), (20, 0.1)], seed=seed)],
            seed=seed + 1,
        ),
        km.latents.Joint([km.latents.Signs(2), km.latents.Uniform(2)]),
        ema_momentum=0.9,
        seed=seed,
        **arguments,
    )
    # Not Adam: it turns the rounding of a gradient near zero into a whole step.
    gan.compile(
        {p.name: keras.optimizers.SGD(0.02, momentum=0.5) for p in gan.players()},
        steps_per_execution=15,
    )
    return gan


@on_jax
@pytest.mark.parametrize(
    ("cls", "outputs", "arguments"),
    [(km.MixtureDensityGAN, 4, {}), (km.WassersteinGANGP, 1, {"critic_steps": 2})],
)
@pytest.mark.parametrize("size", [2**28, 2_000])  # whole epochs, and parts
def test_as_each_seed_alone(cls, outputs, arguments, size, monkeypatch):
    """Weights, optimizers, seeds and logs after two epochs of 15 steps."""
    from keras_mdgan.training.backends import jax_vmapped

    monkeypatch.setattr(jax_vmapped, "_BYTES", size)
    parts = list(jax_vmapped._parts([(np.zeros((15, 20, 2), "float32"),)] * 2))
    assert [len(part[0][0]) for part in parts] == ([15] if size > 2_000 else [6, 6, 3])
    together = [small(cls, outputs, seed, **arguments) for seed in SEEDS]
    sources = [dataset("ring").make().as_dataset(300, 20, seed=seed) for seed in SEEDS]
    models = models_of(together)
    for epoch in range(2):
        logs = models.train_epoch([s.take(15 * epoch, 15) for s in sources])
    models.update_models()
    for i, seed in enumerate(SEEDS):
        alone = small(cls, outputs, seed, **arguments)
        history = alone.fit(sources[i], epochs=2, verbose=0).history
        assert set(history) == set(logs)
        for name, values in history.items():
            assert logs[name][i] == pytest.approx(values[-1], rel=1e-4, abs=1e-5)
        for ours, other in (
            (together[i].variables, alone.variables),
            (together[i].optimizer.variables, alone.optimizer.variables),
        ):
            for a, b in zip(ours, other, strict=True):
                a, b = keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b)
                if a.dtype.kind in "iu":  # seeds, counters: as many draws, the same
                    np.testing.assert_array_equal(a, b)
                else:
                    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@on_jax
def test_draws_at_once_are_the_same_numbers():
    import jax

    generator = keras.random.SeedGenerator(0)
    draws = Draws(generator)

    def draw(state):
        with keras.StatelessScope([(generator.state, state)]) as scope:
            numbers = (
                draws.uniform((50, 2), -1.0, 1.0),
                draws.normal((50, 3)),
                draws.integers((50, 10), 2),
            )
        return numbers, scope.get_current_value(generator.state)

    states = [keras.random.SeedGenerator(seed).state.value for seed in SEEDS]
    together = jax.jit(jax.vmap(draw))(np.stack(states))
    for i, state in enumerate(states):
        alone = jax.jit(draw)(state)
        for a, b in zip(jax.tree.leaves(together), jax.tree.leaves(alone)):
            np.testing.assert_array_equal(a[i], b)


@on_jax
@pytest.mark.parametrize("model", METHODS)
def test_one_program_fits_every_seed(model):
    """No number that depends on the seed is written into a model's program."""
    import jax

    from keras_mdgan.training.backends.jax_vmapped import _variables

    programs = []
    for seed in SEEDS:
        gan = build(model, seed)
        state = tuple([v.value for v in group] for group in _variables(gan))
        x = np.zeros((250, 2), "float32")
        batch = (x, np.zeros(250, "int32")) if gan.uses_labels else x
        made = jax.make_jaxpr(gan.train_step)(state, batch)
        programs.append((str(made.jaxpr), made.consts))
    (text, constants), (other_text, other_constants) = programs
    assert text == other_text
    assert len(constants) == len(other_constants)
    for a, b in zip(constants, other_constants):
        np.testing.assert_array_equal(a, b)


class Small:
    """In a setting's place: small models, and data of 15 steps an epoch."""

    batch_size, n_points, steps_per_epoch = 20, 300, 15

    def __init__(self, steps, broken):
        self.steps, self.broken = steps, broken

    def build(self, model, data, seed, options):
        gan = small(km.VanillaGAN, 1, seed)
        if seed == self.broken:
            first = gan.generator.trainable_variables[0]
            first.assign(first.value * np.nan)
        return gan


@pytest.fixture
def small_setting(monkeypatch):
    """Runs have small models; returns a function that breaks those of one seed."""

    def use(broken=None):
        resolved = property(lambda run_: Small(run_.steps, broken))
        monkeypatch.setattr(Run, "resolved", resolved)

    use()
    return use


@on_jax
def test_records_are_those_of_runs_one_by_one(small_setting, tmp_path, monkeypatch):
    from keras_mdgan.training.backends.jax_vmapped import VmappedModels

    fed, lines = [], []
    train_epoch = VmappedModels.train_epoch
    monkeypatch.setattr(
        VmappedModels, "train_epoch", lambda s, b: (fed.append(b), train_epoch(s, b))[1]
    )
    out = {way: tmp_path / way for way in ("together", "alone")}
    records, failed = train_many_seeds(
        runs(), out["together"], "typed", report=lines.append
    )
    assert not failed
    assert len(lines) == 2 * len(SEEDS)
    for i, run_ in enumerate(runs()):
        alone = train(run_, out["alone"], "typed", report=lambda _: None)
        found = Records(out["together"]).find(run_)
        assert found == records[i]
        assert found.pop("seeds_at_once") == len(SEEDS)
        assert list(found) == list(alone)
        assert list(found["logs"]) == list(alone["logs"])
        assert found["logs"] == pytest.approx(alone["logs"], abs=1e-4)
        assert list(found["evaluations"]) == list(alone["evaluations"])
        for name, values in found["evaluations"].items():
            assert values == pytest.approx(alone["evaluations"][name], abs=0.1)
        same = dataset("ring").make().as_dataset(300, 20, seed=run_.seed)
        for epoch, batches in enumerate(fed):
            for k, x in enumerate(batches[i][0]):
                np.testing.assert_array_equal(x, same.at(15 * epoch + k)[0])
    for folder in map(Records, out.values()):
        assert [r["seed"] for r in folder.read()] == [0, 3]
        assert list(folder.samples()) == ["ours/vanilla"]


@on_jax
def test_whole_samples_are_for_the_end(small_setting, tmp_path, monkeypatch):
    """On the way fewer images are measured: whole evaluations took most of the time."""
    asked = []
    monkeypatch.setattr(
        PointMeasures,
        "samples",
        lambda self, gan, seed, last=True: (
            asked.append((seed, last)),
            gan.sample(2500, seed=seed),
        )[1],
    )
    train_many_seeds(runs(), tmp_path, report=lambda _: None)
    for seed in SEEDS:
        assert [last for s, last in asked if s == seed] == [False, False, True]


@on_jax
def test_a_failed_seed_has_no_record_and_harms_no_other(small_setting, tmp_path):
    small_setting(broken=3)
    lines = []
    records, failed = train_many_seeds(runs(), tmp_path, report=lines.append)
    assert [record["seed"] for record in records] == [0]
    name = "ring/ours/vanilla/seed_3"
    assert list(failed) == [name]
    assert failed[name].endswith("is nan in epoch 1")
    assert sum("FAILED" in line for line in lines) == 1
    assert Records(tmp_path).find(runs()[1]) is None
    assert all(np.isfinite(v) for v in records[0]["logs"].values())


@on_jax
def test_a_seed_whose_samples_are_no_numbers_fails(
    small_setting, tmp_path, monkeypatch
):
    """The last update can spoil weights after finite losses."""
    monkeypatch.setattr(
        PointMeasures,
        "samples",
        lambda self, gan, seed, last=True: np.full(
            (2500, 2), np.nan if seed == 0 else 1.0
        ),
    )
    records, failed = train_many_seeds(runs(steps=15), tmp_path, report=lambda _: None)
    assert [record["seed"] for record in records] == [3]
    assert list(failed.values()) == ["samples are not finite after epoch 1"]


@on_jax
def test_command(small_setting, tmp_path, capsys, monkeypatch):
    """Records, the table, and nothing trained a second time."""
    command = ["run", "ring", "--models", "vanilla", "--seeds", "2", "--steps", "15"]
    command += ["--vmap", "--out", str(tmp_path)]
    assert main(command) == 0
    assert "2/2 runs done" in capsys.readouterr().out
    assert "| vanilla | 2 |" in (tmp_path / "README.md").read_text()
    assert main(command) == 0
    assert "2 runs, 2 recorded before" in capsys.readouterr().out
    command[command.index("2")] = "3"
    monkeypatch.setattr(
        "keras_mdgan.experiments.workers.train_many_seeds",
        lambda same, *_, **__: ([], {r.name: "a NaN" for r in same}),
    )
    assert main(command) == 1
    said = capsys.readouterr().err
    assert said == "ring/ours/vanilla/seed_2 failed and has no record: a NaN\n"


def test_command_refuses_what_it_cannot_do(capsys, monkeypatch):
    with pytest.raises(SystemExit):
        main(["run", "ring", "--vmap", "--jobs", "2"])
    assert "`--vmap` and `--jobs` exclude each other" in capsys.readouterr().err
    monkeypatch.setattr(many_seeds.keras.backend, "backend", lambda: "torch")
    with pytest.raises(SystemExit):
        main(["run", "ring", "--vmap"])
    assert "Received: KERAS_BACKEND=torch" in capsys.readouterr().err
    with pytest.raises(ValueError, match="KERAS_BACKEND=torch"):
        train_many_seeds(runs(), "nowhere")


@on_jax
def test_wrong_runs_are_refused():
    with pytest.raises(ValueError, match="differ in their seeds"):
        train_many_seeds([*runs(), *runs(steps=40)], "nowhere")
    with pytest.raises(ValueError, match="at least one run"):
        train_many_seeds([], "nowhere")
    with pytest.raises(ValueError, match=r"model 1 .* differs from model 0"):
        models_of([build("vanilla", 0), build("mixture_density", 0)])
    with pytest.raises(ValueError, match="one item for each of 1 models"):
        models_of([build("vanilla", 0)]).train_epoch([])
