"""Settings for images: every method trains under each, on batches of its paper."""

import dataclasses

import keras
import numpy as np
import pytest

from keras_mdgan.datasets import DATASETS, dataset
from keras_mdgan.experiments.run import Run
from keras_mdgan.recipes import METHODS, SETTINGS, images, papers, setting_for

OF_KIND = {"images": "cifar10", "stacked": "stacked_mnist"}
PLACES = [
    (OF_KIND[setting.kind], name)
    for name, setting in SETTINGS.items()
    if setting.kind in OF_KIND
]
SEVERAL = [name for name, method in METHODS.items() if method.updates_per_step() > 1]
# Other settings of images differ from `papers` for Mixture Density GANs alone. On JAX
# every step compiles for seconds, and no method's batches depend on the backend.
METHODS_HERE = (
    [*SEVERAL, "mixture_density"] if keras.backend.backend() == "jax" else METHODS
)
QUICK = [("cifar10", "papers", model) for model in METHODS_HERE]
QUICK += [("stacked_mnist", "stacked_quarter", "wasserstein_gp")]
EVERY = [(data, setting, model) for data, setting in PLACES for model in METHODS]


@pytest.fixture(autouse=True)
def made_up_data(monkeypatch, tmp_path):
    """A folder of made-up digits and of small images, for one batch of any method."""
    y = np.arange(320, dtype="uint8") % 10
    for name, shape in (("mnist", (28, 28)), ("cifar10", (8, 8, 3))):
        x = np.random.default_rng(0).integers(0, 256, (320, *shape), dtype="uint8")
        np.savez(tmp_path / f"{name}.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    monkeypatch.setenv("KERAS_MDGAN_DATA", str(tmp_path))
    small = dataclasses.replace(dataset("cifar10"), shape=(8, 8, 3))
    monkeypatch.setitem(DATASETS, "cifar10", small)


def train_one_step(data, setting, model):
    """One step of the papers' batch; returns the sizes that each player saw."""
    # Half the cost for the slowest, which differ from others in their number alone.
    options = {"unroll_steps": 1} if model == "unrolled" else {}
    recipe = papers(data, setting, model, steps=1, options=options)
    gan, seen = recipe.model, {}
    gan.run_eagerly = True  # faster than compiling for one step
    for player in gan.players():
        _watch(gan, player.name, seen)
    history = recipe.fit(verbose=0).history
    assert int(gan.optimizer.iterations.numpy()) == 1
    assert all(np.isfinite(values).all() for values in history.values())
    return gan, seen


def _watch(gan, name, seen):
    loss = getattr(gan, f"{name}_loss")

    def watched(batch):
        seen.setdefault(name, set()).add(keras.tree.flatten(batch)[0].shape[0])
        return loss(batch)

    setattr(gan, f"{name}_loss", watched)


def check(data, setting, model):
    gan, seen = train_one_step(data, setting, model)
    size = SETTINGS[setting].on(dataset(data)).batch_size
    assert set(seen) == {player.name for player in gan.players()}
    assert set.union(*seen.values()) == {size}, seen
    steps = max(player.steps for player in gan.players())
    assert steps == METHODS[model].updates_per_step()


@pytest.mark.parametrize(("data", "setting", "model"), QUICK)
def test_a_step_of_every_method(data, setting, model):
    check(data, setting, model)


@pytest.mark.slow
@pytest.mark.parametrize(("data", "setting", "model"), sorted({*EVERY} - {*QUICK}))
def test_a_step_of_every_method_under_every_setting(data, setting, model):
    check(data, setting, model)


def test_the_epochs_of_a_critic_are_those_of_the_others():
    """Lucic et al. count the critic's batches: so many of them, whatever the method."""
    one = setting_for("papers", "mnist", model="vanilla")
    five = setting_for("papers", "mnist", model="wasserstein_gp")
    assert (one.batch_size, one.steps) == (64, 20 * 937)
    assert (five.batch_size, five.steps) == (320, 20 * 187)
    two = setting_for("papers", "mnist", model="vanilla", options={"critic_steps": 2})
    assert two.batch_size == 128
    run = Run("cifar10", "papers", "wasserstein", seed=0)
    assert (run.resolved.batch_size, run.batches().batch_size) == (320, 320)


@pytest.mark.parametrize(
    ("setting", "model", "options", "generator", "discriminator"),
    [
        # Its own setting gives the unrolled GAN the rates of its own experiment.
        ("stacked_quarter", "unrolled", {}, (1e-4, 0.5, 0.99), (2e-4, 0.5, 0.99)),
        ("stacked_half", "unrolled", {}, (1e-4, 0.5, 0.99), (2e-4, 0.5, 0.99)),
        ("papers", "unrolled", {}, (2e-4, 0.5, 0.999), (2e-4, 0.5, 0.999)),
        ("papers", "packed", {}, (2e-4, 0.5, 0.999), (2e-4, 0.5, 0.999)),
        ("papers", "deligan", {}, (2e-4, 0.5, 0.999), (2e-4, 0.5, 0.999)),
        ("papers", "coulomb", {}, (1e-4, 0.9, 0.999), (1e-4, 0.9, 0.999)),
        ("papers", "dragan", {}, (1e-4, 0.5, 0.9), (1e-4, 0.5, 0.9)),
        ("papers", "spectral_norm", {}, (2e-4, 0.0, 0.9), (2e-4, 0.0, 0.9)),
        ("papers", "gaussian_mixture", {}, (2e-4, 0.5, 0.999), (2e-4, 0.5, 0.999)),
        (
            "papers",
            "gaussian_mixture",
            {"gradient_penalty": 10.0},
            (1e-4, 0.0, 0.9),
            (1e-4, 0.0, 0.9),
        ),
    ],
)
def test_rates(setting, model, options, generator, discriminator):
    data = dataset("cifar10" if setting == "papers" else "stacked_mnist")
    gan = setting_for(setting, data.name).build(model, data, seed=0, options=options)
    for name, wanted in (("generator", generator), ("discriminator", discriminator)):
        member = gan.optimizer[name]
        found = (float(member.learning_rate.numpy()), member.beta_1, member.beta_2)
        assert found == pytest.approx(wanted)
    if model == "unrolled":
        assert gan.unroll_learning_rate is None  # that of the discriminator
        assert gan.real_term


def test_ensembles_know_the_number_of_images():
    setting = setting_for("papers", "cifar10")
    gan = setting.build("bayesian", dataset("cifar10"), seed=0)
    assert gan.data_size == setting.n_points == 50_000


def test_points_divide_their_batch():
    """Published tables were made so."""
    for setting, size in (("plain", 500), ("ours", 250)):
        assert setting_for(setting, "grid", model="wasserstein").batch_size == size
        run = Run("grid", setting, "wasserstein_gp", seed=0)
        assert run.batches().batch_size == size


def test_images_of_ones_own():
    x = np.random.default_rng(0).integers(0, 256, (40, 8, 8)).astype("uint8")
    recipe = images(x, "wasserstein_gp", steps=2, batch_size=4)
    assert recipe.data.batch_size == 20
    recipe.fit(verbose=0)
    assert int(recipe.model.optimizer.iterations.numpy()) == 2
    few = images(x, "wasserstein", steps=1)  # no room for five batches of 64
    assert few.data.batch_size == 40
    with pytest.raises(ValueError, match=r"A batch has 320 samples.*100 samples"):
        papers("mnist", "papers", "wasserstein", n_points=100)


def test_the_recipe_for_images_has_an_augmentation():
    run = Run("cifar10", "compact", "mixture_density", 0, steps=1)
    gan = run.build()
    assert gan.augmentation.flip
    assert gan.penalty_every == 4
    gan.fit(run.batches(), verbose=0)
    copy = type(gan).from_config(gan.get_config())
    assert copy.augmentation.get_config() == gan.augmentation.get_config()
    digits = Run("mnist", "compact", "mixture_density", 0, steps=1)
    assert not digits.build().augmentation.flip
    nearest = {"assignment": "max"}
    run = Run("mnist", "compact", "mixture_density", 0, nearest, steps=1)
    assert run.build().augmentation is None
    for options in ({"augmentation": False}, {}):
        data = "mnist" if options else "stacked_mnist"
        setting = "compact" if options else "stacked_compact"
        gan = Run(data, setting, "mixture_density", 0, options, steps=1).build()
        assert gan.assignment == "balanced"
        assert (gan.augmentation, gan.consistency_weight) == (None, 0.0)
    options = {"assignment": "balanced", "augmentation": True}
    points = Run("ring", "ours", "mixture_density", 0, options, steps=1)
    with pytest.raises(ValueError, match="`augmentation=True` is for images"):
        points.build()


@pytest.mark.parametrize(
    ("options", "learns"), [({}, True), ({"embedding_range": 2.5}, False)]
)
def test_embeddings_far_from_all_corners_still_learn(options, learns):
    """Where the bound of embeddings is flat, one seed of three stayed for ever."""
    run = Run("mnist", "compact", "mixture_density", 0, options, steps=1)
    gan = run.build()
    bias = gan.discriminator.trainable_variables[-1]
    bias.assign(bias.value + 400)
    kernel = gan.discriminator.trainable_variables[0]
    before = keras.ops.convert_to_numpy(kernel.value).copy()
    images = np.random.default_rng(0).uniform(-1, 1, (64, 28, 28, 1)).astype("float32")
    gan.fit(images, batch_size=64, verbose=0)
    after = keras.ops.convert_to_numpy(kernel.value)
    assert np.isfinite(after).all()
    assert (np.abs(after - before).max() > 1e-4) == learns


def test_rates_of_the_compact_settings_fall_by_players():
    gan = setting_for("stacked_compact", "stacked_mnist", 100, "wasserstein_gp").build(
        "wasserstein_gp", dataset("stacked_mnist"), 0
    )
    for player, updates in (("critic", 5), ("generator", 1)):
        schedule = gan.optimizer[player]._learning_rate
        first, last = (float(schedule(step)) for step in (0, 100 * updates))
        assert last == pytest.approx(0.02 * first, rel=1e-3)
        assert float(schedule(50 * updates)) == pytest.approx(0.51 * first, rel=1e-3)
