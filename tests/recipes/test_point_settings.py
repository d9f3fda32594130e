"""Settings for points keep what the recorded results were made with."""

import keras
import pytest

import keras_mdgan as km
from keras_mdgan.datasets import dataset
from keras_mdgan.recipes import METHODS, points, setting_for
from keras_mdgan.recipes.point_settings import recorded_optimizers

ADAM = (1e-3, 0.5, 0.999)
# Rates and betas of the discriminator and the generator; RMSprop and SGHMC have none.
OF_OTHERS = {
    "adversarially_learned_inference": [(1e-4, 0.5, 0.999)] * 2,
    "began": [(1e-4, 0.9, 0.999)] * 2,
    "bayesian": [(1e-2, None, None)] * 2,
    "dragan": [(1e-4, 0.5, 0.999)] * 2,
    "geometric": [(2e-4, None, None)] * 2,
    "infogan": [(2e-4, 0.5, 0.999), ADAM],
    "projection": [(2e-4, 0.0, 0.9)] * 2,
    "relativistic": [(2e-4, 0.0, 0.99)] * 2,
    "spectral_norm": [(2e-4, 0.0, 0.999)] * 2,
    "unrolled": [(1e-4, 0.5, 0.999), ADAM],
    "wasserstein": [(5e-5, None, None)] * 2,
    "wasserstein_gp": [(1e-4, 0.0, 0.9)] * 2,
}


def numbers(optimizer):
    config = optimizer.get_config()
    rate = config["learning_rate"]
    rate = rate["config"]["initial_learning_rate"] if isinstance(rate, dict) else rate
    return (pytest.approx(rate), config.get("beta_1"), config.get("beta_2"))


def test_no_method_is_forgotten():
    assert set(OF_OTHERS) <= set(METHODS)


@pytest.mark.filterwarnings("ignore:The vertices of")  # of the authors' mixture
@pytest.mark.parametrize("model", METHODS)
def test_plain_has_the_recorded_rates(model):
    gan = setting_for("plain", "grid", steps=40).build(model, dataset("grid"), seed=0)
    wanted = OF_OTHERS.get(model, [ADAM] * 2)
    found = [gan.optimizer[player.name] for player in gan.players()]
    assert [numbers(found[0]), numbers(found[-1])] == wanted


def test_a_class_of_ones_own_keeps_its_optimizers():
    class Own(km.VanillaGAN):
        def default_optimizers(self):
            return {p.name: keras.optimizers.SGD(0.1) for p in self.players()}

    gan = Own(
        km.networks.mlp_generator((2,)),
        km.networks.mlp_discriminator((2,)),
        km.latents.Uniform(2),
    )
    found = recorded_optimizers(gan).values()
    assert all(isinstance(optimizer, keras.optimizers.SGD) for optimizer in found)


@pytest.mark.parametrize("setting", ["plain", "ours", "authors", "search", "no_noise"])
def test_options_of_the_recorded_results(setting):
    def build(model):
        return setting_for(setting, "ring").build(model, dataset("ring"), seed=0)

    unrolled = build("unrolled")
    assert (unrolled.unroll_learning_rate, unrolled.real_term) == (1e-4, False)
    assert build("spectral_norm").critic_steps == 1
    assert build("energy_based").energy_form == "mean_squared_error"
    assert build("bayesian").data_size == 10_000


def test_options_go_before():
    """Those of the search, and then of the run."""
    ring = dataset("ring")
    searched = setting_for("searched", "ring")
    assert searched.build("spectral_norm", ring, seed=0).critic_steps == 5
    given = {"energy": "norm", "margin": 2.0}
    gan = searched.build("energy_based", ring, seed=0, options=given)
    assert (gan.energy_form, gan.margin) == ("norm", 2.0)


def test_the_1200_dimensions_believed_in_half_of_their_points():
    for setting in ("plain", "ours"):
        used = setting_for(setting, "synthetic_1200d")
        assert used.n_points == 20_000
        assert used.options["bayesian"] == {"data_size": 10_000}
    few = setting_for("ours", "grid", steps=4)
    gan = few.build("bayesian", dataset("grid"), seed=0)
    assert gan.data_size == few.n_points == 1_000
    own = points(km.datasets.ring().sample(600), "bayesian", steps=2)
    assert own.model.data_size == 500
