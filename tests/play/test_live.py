"""A model that trains while its options change."""

import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.play import figures
from keras_mdgan.play.live import LiveTraining


def weights(model):
    return model.get_weights(), [v.numpy() for v in model.optimizer.variables]


def all_equal(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_without_a_change_it_is_an_undisturbed_fit():
    live = LiveTraining("ring", steps=120, seed=3)
    assert [p.steps for p in live.run(40)] == [40, 80, 120]
    assert live.done
    recipe = km.recipes.points("ring", steps=120, seed=3)
    recipe.callbacks.clear()
    recipe.fit(verbose=0)
    for ours, theirs in zip(weights(live.model), weights(recipe.model)):
        assert all_equal(ours, theirs)


def test_a_change_keeps_the_networks_and_the_optimizers():
    live = LiveTraining("ring", steps=200, seed=0)
    live.advance(40)
    old = live.model
    before, moments = weights(old)
    live.change(variance=0.1, assignment="balanced")
    assert live.model is old  # until the next steps
    live._switch()
    assert live.model.mixture_real.variance == 0.1
    assert live.model.assignment == "balanced"
    after, carried = weights(live.model)
    assert all_equal(before, after)
    assert all_equal(moments, carried)
    progress = live.advance(40)
    assert progress.steps == 80
    assert int(live.model.optimizer.iterations.numpy()) == 80
    assert not all_equal(after, live.model.get_weights())


def test_other_components_begin_with_a_new_last_layer_alone():
    live = LiveTraining("ring", steps=200, seed=0)
    live.advance(40)
    before = live.model
    generator = before.generator.get_weights()
    live.change(components=5)
    live._switch()
    assert live.model.components == 5
    assert all_equal(generator, live.model.generator.get_weights())
    pairs = zip(
        before.discriminator.get_weights(), live.model.discriminator.get_weights()
    )
    other = [(a, b) for a, b in pairs if not np.array_equal(a, b)]
    assert [(a.shape[-1], b.shape[-1]) for a, b in other][-1] == (9, 4)
    assert len(other) <= 2  # a kernel, and a bias
    progress = live.advance(40)
    assert np.isfinite(progress.samples).all()
    assert np.isfinite(list(progress.logs.values())).all()
    for image in (figures.live(live, progress.samples), figures.live_embeddings(live)):
        assert image.shape[2] == 3


def test_wrong_options_change_nothing():
    live = LiveTraining("ring", steps=40)
    for wrong, message in (
        ({"components": 1}, r"`components` must be an integer >= 2"),
        ({"components": 31}, r"`components` must be at most 30. .*components=31"),
        ({"variance": 0.0, "components": 5}, r"`variance` must be .* > 0"),
        ({"assignment": "best"}, r"`assignment` must be one of .*'balanced'"),
        ({"edge": 1}, r"`options` must be one of 'components'"),
    ):
        with pytest.raises(ValueError, match=message):
            live.change(**wrong)
    assert live._wanted == live.options
    with pytest.raises(ValueError, match="Received: data='mnist'"):
        LiveTraining("mnist")


def test_one_run_at_a_time_which_can_be_stopped():
    live = LiveTraining("ring", steps=400)
    running = live.run(40)
    assert next(running).steps == 40
    with pytest.raises(RuntimeError, match="training already"):
        next(live.run(40))
    live.stop()
    assert list(running) == []
    assert next(live.run(40)).steps == 80  # goes on
