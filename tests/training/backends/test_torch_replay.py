"""Steps that PyTorch records and replays, and those that it cannot."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mdgan as km


def dropout_gan():
    discriminator = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5)]
        + [keras.layers.Dense(1)]
    )
    return km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(8,)),
        discriminator,
        km.latents.Uniform(2),
        seed=0,
    )


@pytest.mark.parametrize("recorded", [True, False])
def test_steps_are_recorded_on_torch_where_they_can_be(recorded):
    if keras.backend.backend() != "torch":
        pytest.skip("recordings are the torch backend's")
    from keras_mdgan.training.backends.torch_replay import Replay

    if recorded:
        gan = km.VanillaGAN(
            km.networks.mlp_generator((2,), hidden=(8,), seed=0),
            km.networks.mlp_discriminator((2,), hidden=(8,), seed=1),
            km.latents.Joint([km.latents.Signs(2), km.latents.Categorical(3)]),
            seed=0,
        )
    else:
        gan = dropout_gan()
    gan.compile()
    replay = Replay(gan)
    x = ops.convert_to_tensor(km.datasets.ring().sample(16))
    for _ in range(3):
        replay((x,))
    (used,) = replay.recordings.values()
    assert (used != gan.adversarial_step) == recorded
    assert int(gan.optimizer.iterations.numpy()) == 3


def test_recorded_draws_are_keras_draws():
    if keras.backend.backend() != "torch":
        pytest.skip("recordings are the torch backend's")
    from keras_mdgan.training.backends import torch_replay

    seeds = keras.random.SeedGenerator(5), keras.random.SeedGenerator(2**31 - 2)
    requests = [
        (seeds[0], "uniform", (4, 2), (-1.0, 3.0)),
        (seeds[1], "normal", (5,), ()),
        (seeds[0], "integers", (6, 3), (7,)),
        (seeds[0], "uniform", (2,), (0.0, 1.0)),
    ]
    states = [seed.state.numpy().copy() for seed in seeds]
    each = [x.numpy() for x in torch_replay._draw_each(requests)]
    advanced = [seed.state.numpy().copy() for seed in seeds]
    for seed, state in zip(seeds, states):
        seed.state.assign(state)
    together = torch_replay._draw_all(requests)
    for a, b in zip(each, together):
        np.testing.assert_array_equal(a, b.numpy())
    for seed, state in zip(seeds, advanced):
        np.testing.assert_array_equal(seed.state.numpy(), state)


def test_a_model_with_dropout_trains():
    gan = dropout_gan()
    gan.compile()
    history = gan.fit(km.datasets.ring().sample(64), epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
