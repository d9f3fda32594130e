"""Searches with KerasTuner: small, real, on this backend."""

import keras_tuner
import numpy as np
import pytest

import keras_mdgan as km
from support import battery

MODES = keras_tuner.Objective("modes", "max")


def small_networks(**kwargs):
    return {
        "generator": lambda seed: km.networks.mlp_generator(
            (2,), 2.0, hidden=(8,), seed=seed
        ),
        "discriminator": lambda outputs, seed: km.networks.mlp_discriminator(
            (2,), outputs, hidden=(8,), seed=seed
        ),
        "epochs": 2,
        "batch_size": 5_000,
        **kwargs,
    }


def clusters(**kwargs):
    options = {"components": (4, 6), "variances": (0.16, 0.25), **kwargs}
    return km.tuning.ClustersAndVariance(
        km.datasets.ring(), **small_networks(**options)
    )


def search(tuner, hypermodel, tmp_path, objective=MODES, **kwargs):
    found = tuner(
        hypermodel, objective, directory=tmp_path, project_name="search", **kwargs
    )
    found.search(verbose=0)
    return found


def test_grid_search_trains_every_cell_and_the_best_samples(tmp_path):
    tuner = search(km.tuning.GridSearch, clusters(), tmp_path)
    values, components, variances = km.tuning.table(tuner, "high_quality")
    assert (components, variances) == ([4, 6], [0.16, 0.25])
    assert values.shape == (2, 2)
    assert np.isfinite(values).all()
    best = tuner.get_best_models()[0]
    assert best.components == tuner.get_best_hyperparameters()[0]["components"]
    assert best.mixture_fake.variance == best.mixture_real.variance
    # The weights are those that were measured.
    coverage = km.metrics.mode_coverage(best.sample(2500, seed=0), km.datasets.ring())
    trial = tuner.oracle.get_best_trials()[0]
    assert coverage.modes == trial.metrics.get_statistics("modes")["mean"]
    assert coverage.kl == pytest.approx(trial.metrics.get_statistics("kl")["mean"])


def test_trials_of_a_grid_do_not_wait_for_each_other(tmp_path):
    """Several workers ask before any has ended; there is one trial for each cell."""
    tuner = km.tuning.GridSearch(
        clusters(), MODES, directory=tmp_path, project_name="search"
    )
    started = [tuner.oracle.create_trial(f"tuner{i}") for i in range(5)]
    assert [trial.status for trial in started] == ["RUNNING"] * 4 + ["IDLE"]
    cells = {tuple(t.hyperparameters.values.values()) for t in started[:4]}
    assert len(cells) == 4
    for trial in started[:4]:
        tuner.oracle.update_trial(trial.trial_id, {"modes": 1.0})
        trial.status = "COMPLETED"
        tuner.oracle.end_trial(trial)
    assert tuner.oracle.create_trial("tuner0").status == "STOPPED"


@pytest.mark.host
@pytest.mark.filterwarnings("ignore:The vertices of:UserWarning")
@pytest.mark.parametrize("tuner", ["RandomSearch", "BayesianOptimization"])
def test_other_tuners_and_objectives(tuner, tmp_path):
    hypermodel = clusters(
        assignments=("max", "mixture"),
        scales=("unit_norm", "unit_edge"),
        variances_fake=(0.2, 0.25),
        generator_rates=(1e-3, 2e-3),
        discriminator_rates=(1e-3, 2e-4),
        epochs=1,
    )
    kl = keras_tuner.Objective("kl", "min")
    tuner = search(
        getattr(keras_tuner, tuner), hypermodel, tmp_path, kl, max_trials=3, seed=2
    )
    names = {p.name for p in tuner.oracle.get_space().space}
    assert names == {
        "components",
        "variance",
        "variance_fake",
        "assignment",
        "scale",
        "generator_rate",
        "discriminator_rate",
    }
    assert len(tuner.oracle.trials) == 3
    chosen = tuner.get_best_hyperparameters()[0]
    gan = hypermodel.build(chosen)
    assert gan.mixture_fake.variance == chosen["variance_fake"]
    rate = float(gan.optimizer["discriminator"].learning_rate.numpy())
    assert rate == pytest.approx(chosen["discriminator_rate"])


@pytest.mark.host
def test_hyperband_goes_on_with_the_best(tmp_path):
    """It says how long to train; a trial of the next round has its weights already."""
    tuner = search(
        keras_tuner.Hyperband, clusters(), tmp_path, max_epochs=4, factor=2, seed=0
    )
    trials = tuner.oracle.trials.values()
    values = {trial.trial_id: trial.hyperparameters.values for trial in trials}
    assert {each["tuner/epochs"] for each in values.values()} == {1, 2, 4}
    for trial in trials:
        steps = int(tuner.load_model(trial).optimizer.iterations.numpy())
        alone = values[trial.trial_id]["tuner/round"] == 0
        # Two an epoch: its own, and those of the trial that it goes on from.
        assert steps >= (2 if alone else 4)


@pytest.mark.host
def test_means_over_seeds(tmp_path):
    """Each seed has networks and data of its own; the trial has their mean."""
    seen = []

    def evaluate(gan):
        seen.append((gan.seed, float(gan.sample(4, seed=0).sum())))
        return {"score": float(gan.seed)}

    hypermodel = clusters(
        components=(4,), variances=(0.25,), seeds=3, evaluate=evaluate, every=1
    )
    score = keras_tuner.Objective("score", "max")
    tuner = search(keras_tuner.RandomSearch, hypermodel, tmp_path, score, max_trials=1)
    # The first, before training, is for the names of the measures.
    assert [seed for seed, _ in seen] == [0, 0, 0, 1, 1, 2, 2]
    assert len({total for _, total in seen}) == 7
    assert tuner.oracle.get_best_trials()[0].score == 1.0
    # The best epoch of any seed: here the last seed's.
    sample = tuner.get_best_models()[0].sample(4, seed=0)
    assert float(sample.sum()) in [total for seed, total in seen if seed == 2]


@pytest.mark.parametrize(
    ("objective", "evaluate", "message"),
    [
        ("mode", None, r"Received: objective='mode'. Did you mean 'modes'"),
        (["kl", "fid"], None, r"'kl', 'loss', .*Received: objective='fid'"),
        ("modes", lambda gan: {"score": 0.0}, r"'score'. Received: objective='modes'"),
    ],
)
def test_a_wrong_objective_ends_the_search_before_a_trial_trains(
    objective, evaluate, message, tmp_path, monkeypatch
):
    def fit(self, *args, **kwargs):
        raise AssertionError("a trial trains")

    monkeypatch.setattr(km.MixtureDensityGAN, "fit", fit)
    names = [objective] if isinstance(objective, str) else objective
    objectives = [keras_tuner.Objective(name, "max") for name in names]
    wanted = objectives[0] if len(objectives) == 1 else objectives
    with pytest.raises(ValueError, match=message):
        search(km.tuning.GridSearch, clusters(evaluate=evaluate), tmp_path, wanted)


def test_any_gan(tmp_path):
    def parts(seed):
        return (
            km.networks.mlp_generator((2,), 2.0, hidden=(8,), seed=seed),
            km.networks.mlp_discriminator((2,), hidden=(8,), seed=seed + 1),
            km.latents.Uniform(2),
        )

    hypermodel = km.tuning.AnyGAN(
        np.random.default_rng(0).normal(size=(64, 2)).astype("float32"),
        {
            "vanilla": lambda seed: km.VanillaGAN(*parts(seed), seed=seed),
            "geometric": lambda seed: km.GeometricGAN(*parts(seed), seed=seed),
        },
        epochs=1,
        batch_size=32,
        evaluate=lambda gan: {"width": float(np.std(gan.sample(50, seed=0)))},
    )
    width = keras_tuner.Objective("width", "max")
    tuner = search(km.tuning.GridSearch, hypermodel, tmp_path, width)
    kinds = {t.hyperparameters["model"] for t in tuner.oracle.trials.values()}
    assert kinds == {"vanilla", "geometric"}
    best = tuner.get_best_models()[0]
    assert isinstance(best, (km.VanillaGAN, km.GeometricGAN))


@pytest.mark.host
@pytest.mark.parametrize(("kind", "stop_at"), [("grid", 1), ("grid", 3), ("random", 2)])
def test_an_interrupted_search_goes_on(tmp_path, stop_at, kind):
    """What was finished is not trained again, and no cell is left out."""
    trained = []

    def evaluate(gan):
        if not int(gan.optimizer.iterations.numpy()):
            return {"score": 0.0}  # only its name is asked for
        trained.append((gan.components, gan.mixture_real.variance))
        if len(trained) == stop_at:
            raise KeyboardInterrupt
        return {"score": float(gan.components)}

    def tuner():
        options = {"directory": tmp_path, "project_name": "search", "seed": 3}
        hypermodel = clusters(evaluate=evaluate, epochs=1)
        score = keras_tuner.Objective("score", "max")
        if kind == "grid":
            return km.tuning.GridSearch(hypermodel, score, **options)
        return keras_tuner.RandomSearch(hypermodel, score, max_trials=4, **options)

    with pytest.raises(KeyboardInterrupt):
        tuner().search(verbose=0)
    again = tuner()
    again.search(verbose=0)
    assert sorted(set(trained)) == [(4, 0.16), (4, 0.25), (6, 0.16), (6, 0.25)]
    assert len(trained) == 5  # the one that was interrupted, a second time
    assert len(again.oracle.trials) == 4
    assert again.get_best_hyperparameters()[0]["components"] == 6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: clusters(epochs=0), "`epochs` must be an integer >= 1"),
        (lambda: clusters(components=()), "`components`: there is nothing to choose"),
        (
            lambda: km.tuning.ClustersAndVariance(np.zeros((8, 2))),
            "`evaluate` must be a function",
        ),
        (
            lambda: km.tuning.ClustersAndVariance(
                np.zeros((8, 4, 4, 1)), evaluate=lambda gan: {}
            ),
            "`generator` and `discriminator` must be given",
        ),
        (
            lambda: km.tuning.AnyGAN(km.datasets.ring(), {}),
            "`models` must not be empty",
        ),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_it_is_imported_when_asked_for():
    with pytest.raises(AttributeError, match="no attribute 'tunning'"):
        _ = km.tunning
    assert km.tuning.ClustersAndVariance.__module__ == "keras_mdgan.tuning.clusters"


@pytest.mark.parametrize("as_arrays", [False, True])
def test_labels_reach_a_model_that_uses_them(as_arrays, tmp_path):
    data, options = km.datasets.ring(), {}
    if as_arrays:
        data = data.sample_with_labels(100, seed=0)
        options = {"evaluate": lambda gan: {"modes": 1.0}}
    models = {"projection": lambda seed: km.ProjectionGAN(**battery.projecting(8))}
    hypermodel = km.tuning.AnyGAN(data, models, epochs=1, batch_size=50, **options)
    tuner = search(km.tuning.GridSearch, hypermodel, tmp_path)
    assert tuner.oracle.get_best_trials()[0].score >= 0
