import json

import keras
import numpy as np
import pytest

from keras_mdgan.metrics import missing_modes


def clusters(n, seed, modes=2):
    """Points around (-3, 0), half of them, and (3, 0), and which is which."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % modes
    centers = np.array([[-3.0, 0.0], [3.0, 0.0]])
    return centers[labels] + 0.5 * generator.normal(size=(n, 2)), labels


def network(outputs=1):
    return keras.Sequential(
        [
            keras.layers.Dense(
                16, "relu", kernel_initializer=keras.initializers.GlorotUniform(seed=0)
            ),
            keras.layers.Dense(
                outputs, kernel_initializer=keras.initializers.GlorotUniform(seed=1)
            ),
        ]
    )


IMAGES, HELD_OUT = clusters(1000, 0)[0], clusters(300, 1)[0]
SETTINGS = {"noise_std": 0.5, "epochs": 12, "batch_size": 50, "learning_rate": 0.01}


def test_the_missing_cluster_is_counted_and_no_other():
    fake = clusters(800, 2, modes=1)[0]
    model = network()
    model.build((None, 2))
    before = model.get_weights()
    result = missing_modes(fake, IMAGES, HELD_OUT, network=model, **SETTINGS)
    lost = clusters(300, 1)[1] == 1
    assert np.sum((result.scores > 0.95) != lost) <= 4
    assert result.value == np.sum(result.scores > 0.95)
    assert result.share == result.value / 300
    assert (result.n_held_out, result.n_real, result.n_fake) == (300, 1000, 800)
    # Where both are, real images are half as dense: 1/2 to 1.
    assert np.mean(result.scores[~lost]) == pytest.approx(1 / 3, abs=0.06)
    assert json.loads(json.dumps(result.as_dict()))["value"] == int(float(result))
    for old, new in zip(before, model.get_weights()):
        assert np.array_equal(old, new)

    lax = missing_modes(
        fake, IMAGES, HELD_OUT, network=model, threshold=1 - 1e-12, **SETTINGS
    )
    assert np.array_equal(lax.scores, result.scores)  # seeded
    assert lax.value < 10


def test_under_much_noise_nothing_is_sure():
    fake = clusters(800, 2, modes=1)[0]
    settings = {**SETTINGS, "noise_std": 30.0}
    result = missing_modes(fake, IMAGES, HELD_OUT, network=network(), **settings)
    assert result.value == 0
    assert result.noise_std == 30.0


def test_training_starts_from_the_weights_of_the_network():
    model = network()
    model.build((None, 2))
    weights = [np.full_like(w, 0.3) for w in model.get_weights()]
    model.set_weights(weights)
    untrained = {**SETTINGS, "epochs": 1, "learning_rate": 1e-12}
    result = missing_modes(IMAGES, IMAGES, HELD_OUT, network=model, **untrained)
    logits = keras.ops.convert_to_numpy(model(HELD_OUT.astype("float32")))[:, 0]
    assert result.scores == pytest.approx(1 / (1 + np.exp(-logits)), rel=1e-5)


class Sampler:
    def sample(self, n, seed):
        return clusters(n, seed + 10)[0]


def test_a_generator_of_both_clusters_misses_none():
    result = missing_modes(
        Sampler(), IMAGES, HELD_OUT, network=network(), seed=3, **SETTINGS
    )
    assert result.value <= 1
    assert result.n_fake == 1000
    assert np.mean(result.scores) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": IMAGES[:, :1]}, r"`held_out` must have shape \(n, 1\).*\(300, 2\)"),
        ({"gan_or_samples": np.ones((9, 3))}, r"`gan_or_samples`.*\(n, 2\).*\(9, 3\)"),
        ({"held_out": np.full((2, 2), np.inf)}, r"`held_out` must be finite"),
        ({"images": np.ones(4)}, r"`images` must have shape \(n, \.\.\.\)"),
        ({"network": network(2)}, r"one logit.*output shape \(2,\)"),
        ({"network": len}, r"`network` must be a Keras layer"),
        ({"batch_size": 51}, r"even and at most.*batch_size=51"),
        ({"batch_size": 4000}, r"1000 real and 1000.*batch_size=4000"),
        ({"noise_std": -1.0}, r"noise_std=-1.0"),
        ({"threshold": 1.0}, r"threshold=1.0"),
        ({"epochs": 0}, r"epochs=0"),
        ({"learning_rate": 0}, r"learning_rate=0"),
        ({"seed": 0.5}, r"seed=0.5"),
    ],
)
def test_wrong_arguments(arguments, message):
    default = {"gan_or_samples": IMAGES, "images": IMAGES, "held_out": HELD_OUT}
    default |= {"network": network(), **SETTINGS}
    with pytest.raises(ValueError, match=message):
        missing_modes(**default | arguments)
