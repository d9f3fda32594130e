"""What callbacks log and write while a model trains."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.metrics.modes import nearest_centers
from support import ROOT, battery


def gan():
    model = km.MixtureDensityGAN(
        km.networks.mlp_generator((2,), output_range=2.0, hidden=(8,), seed=0),
        km.networks.mlp_discriminator((2,), 3, hidden=(8,), seed=1),
        km.latents.Uniform(2),
        seed=0,
    )
    model.compile()
    return model


def fit(callbacks, epochs=3):
    data = km.datasets.ring()
    source = data.as_dataset(80, 20, seed=0)
    return gan().fit(source, epochs=epochs, verbose=0, callbacks=callbacks).history


def test_evaluate_samples_logs_the_coverage():
    data = km.datasets.ring()
    seen = []
    callback = km.callbacks.EvaluateSamples(data, n=500, seed=4)

    class Check(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            samples = self.model.sample(500, seed=4)
            seen.append(km.metrics.mode_coverage(samples, data))

    history = fit([callback, Check()])
    for name in ("modes", "modes_strict", "high_quality", "kl", "spread"):
        np.testing.assert_allclose(history[name], [getattr(c, name) for c in seen])


def test_evaluation_every_few_epochs_repeats_the_last_values():
    callback = km.callbacks.EvaluateSamples(km.datasets.ring(), n=200, every=2)
    spreads = fit([callback], epochs=5)["kl"]
    assert len(spreads) == 5
    assert spreads[2] == spreads[1]


def test_evaluation_can_undo_a_scaling():
    data = km.datasets.ring()
    truth = data.sample(1000, seed=0)
    callback = km.callbacks.EvaluateSamples(data, n=10, transform=lambda _: truth)
    assert fit([callback], epochs=1)["modes"] == [8.0]


def test_evaluate_clusters_logs_their_agreement_with_labels():
    x, labels = km.datasets.ring().sample_with_labels(200, seed=0)
    x *= 10  # so far out, data on different sides are at different corners
    seen = []

    class Check(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            clusters = keras.ops.convert_to_numpy(self.model.cluster(x))
            seen.append(km.metrics.clustering(labels, clusters))

    history = fit([km.callbacks.EvaluateClusters(x, labels, batch_size=70), Check()])
    np.testing.assert_allclose(history["nmi"], [c.nmi for c in seen])
    np.testing.assert_allclose(history["ari"], [c.ari for c in seen])
    accuracies = [c.accuracy for c in seen]
    np.testing.assert_allclose(history["cluster_accuracy"], accuracies)
    assert len(set(history["nmi"])) > 1

    rare = fit([km.callbacks.EvaluateClusters(x, labels, every=2)], epochs=4)["nmi"]
    assert rare[:2] == [history["nmi"][0], history["nmi"][1]]
    assert rare[2] == rare[1]


def test_evaluate_clusters_refuses_what_has_none():
    x, labels = km.datasets.ring().sample_with_labels(20, seed=0)
    with pytest.raises(ValueError, match=r"`labels` must have shape \(20,\)"):
        km.callbacks.EvaluateClusters(x, labels[:19])
    with pytest.raises(ValueError, match="`every` must be an integer >= 1"):
        km.callbacks.EvaluateClusters(x, labels, every=0)
    model = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(8,)),
        km.networks.mlp_discriminator((2,), hidden=(8,)),
        km.latents.Uniform(2),
    )
    model.compile()
    callback = km.callbacks.EvaluateClusters(x, labels)
    with pytest.raises(ValueError, match=r"must have clusters.* VanillaGAN"):
        model.fit(x, batch_size=20, verbose=0, callbacks=[callback])


def test_figures_are_written_and_animated(tmp_path):
    data = km.datasets.ring()
    x, labels = data.sample_with_labels(100, seed=0)
    fit(
        [
            km.callbacks.ScatterPlot(data, tmp_path / "scatter", n=200),
            km.callbacks.EmbeddingPlot(x, labels, tmp_path / "embedding", every=2),
        ]
    )
    names = sorted(path.name for path in (tmp_path / "scatter").iterdir())
    assert names == [f"epoch_{i:05d}.png" for i in (1, 2, 3)] + ["training.gif"]
    assert (tmp_path / "scatter" / "training.gif").read_bytes()[:3] == b"GIF"
    names = sorted(path.name for path in (tmp_path / "embedding").iterdir())
    assert names == ["epoch_00002.png", "epoch_00003.png"]


def test_a_panel_of_embeddings_has_the_chosen_epochs(tmp_path):
    x, labels = km.datasets.ring().sample_with_labels(60, seed=0)
    path = tmp_path / "new" / "panel.png"
    model, sizes = gan(), []
    panel = km.callbacks.EmbeddingPanel(x, labels, path, (0, 2), batch_size=40)
    first = keras.ops.convert_to_numpy(model.embed(x))

    class Size(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            sizes.append(path.stat().st_size)

    source = km.datasets.ring().as_dataset(80, 20, seed=0)
    model.fit(source, epochs=3, verbose=0, callbacks=[panel, Size()])
    assert [*panel.real] == [*panel.generated] == ["epoch 0", "epoch 2"]
    np.testing.assert_allclose(panel.real["epoch 0"], first, atol=1e-5)
    assert not np.allclose(panel.real["epoch 2"], first, atol=1e-4)
    assert panel.generated["epoch 2"].shape == (60, 3)
    assert sizes[0] != sizes[1] == sizes[2]  # written after epoch 2 again, not after 3
    assert path.read_bytes()[:4] == b"\x89PNG"
    model.fit(source, initial_epoch=3, epochs=4, verbose=0, callbacks=[panel])
    assert panel.real == {}  # trained before: epoch 0 is not there any more


@pytest.mark.parametrize(
    ("epochs", "labels", "message"),
    [
        ((), [0, 1], "Received: 0 epochs"),
        ((1,), [0], "1 labels of 2 samples"),
        ((-1,), [0, 1], "`epochs` must be an integer >= 0"),
        ((1.5,), [0, 1], "`epochs` must be an integer >= 0"),
    ],
)
def test_wrong_panels(epochs, labels, message):
    with pytest.raises(ValueError, match=message):
        km.callbacks.EmbeddingPanel(np.zeros((2, 2)), labels, "a.png", epochs)


def test_a_grid_of_images(tmp_path):
    model = km.MixtureDensityGAN(
        km.networks.dcgan_generator((8, 8, 1), latent_dim=4, seed=0),
        km.networks.dcgan_discriminator((8, 8, 1), outputs=3, seed=1),
        km.latents.Uniform(4),
        seed=0,
    )
    model.compile()
    images = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype("float32")
    grid = km.callbacks.SampleGrid(tmp_path, rows=3)
    history = model.fit(images, batch_size=4, verbose=0, callbacks=[grid]).history
    assert np.isfinite(history["loss"]).all()
    assert (tmp_path / "epoch_00001.png").read_bytes()[:4] == b"\x89PNG"
    assert model.sample(2, seed=0).shape == (2, 8, 8, 1)


def test_a_sampler_of_an_exported_model(tmp_path):
    pytest.importorskip("tensorflow")
    model = gan()
    model.export(tmp_path / "ring")
    sampler = km.load_sampler(tmp_path / "ring")
    first = sampler.sample(4, seed=2)
    assert first.shape == (4, 2)
    np.testing.assert_array_equal(first, sampler.sample(4, seed=2))
    latents = model.latents.sample(5, seed=0)
    np.testing.assert_allclose(
        sampler.generate(latents), model.predict(latents, verbose=0), atol=1e-5
    )
    assert sampler.embed(first).shape == (4, 3)
    with pytest.raises(ValueError, match="`n` must be an integer >= 1"):
        sampler.sample(0)
    with pytest.raises(FileExistsError, match="ring exists"):
        model.export(tmp_path / "ring", overwrite=False)


def test_the_shipped_samplers_hold_what_their_cards_say():
    pytest.importorskip("tensorflow")
    folder = ROOT / "saved_models"
    for name, data in (
        ("ring_mixture_density", km.datasets.ring()),
        ("grid_mixture_density", km.datasets.grid()),
    ):
        samples = km.load_sampler(folder / name).sample(25_000, seed=0)
        coverage = km.metrics.mode_coverage(samples, data)
        assert coverage.modes_strict == len(data.centers)
        assert 98.0 < coverage.high_quality < 99.5
        assert coverage.kl < 0.02
        assert 0.9 < coverage.spread < 1.05
        card = (folder / name / "README.md").read_text()
        assert f"{coverage.high_quality:.2f}" in card
        size = sum(p.stat().st_size for p in (folder / name).rglob("*"))
        assert size < 2**20


def test_the_accuracy_of_labels_is_logged_if_modes_are_the_classes():
    data = km.datasets.ring()
    for n_classes in (8, 4):
        model = km.ProjectionGAN(**battery.projecting(n_classes), seed=0)
        model.compile()
        x, y = data.sample_with_labels(40)
        callback = km.callbacks.EvaluateSamples(data, n=200, seed=4)
        history = model.fit(
            x, y % n_classes, batch_size=20, verbose=0, callbacks=[callback]
        ).history
        assert ("label_accuracy" in history) == (n_classes == 8)
        if n_classes == 8:
            _, labels = model.generator_inputs(200, seed=4)
            nearest, _ = nearest_centers(model.sample(200, seed=4), data.centers)
            wanted = [np.mean(nearest[labels == k] == k) for k in range(8)]
            np.testing.assert_allclose(history["label_accuracy"], [np.mean(wanted)])


def test_a_grid_has_a_row_of_each_class(tmp_path, monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        km.plotting,
        "image_grid",
        lambda images, **kwargs: drawn.update(images=images, **kwargs),
    )
    model = km.ProjectionGAN(**battery.projecting(4), seed=0)
    callback = km.callbacks.SampleGrid(tmp_path, rows=3, seed=5)
    callback.set_model(model)
    callback.draw(tmp_path / "grid.png", 1)
    assert (drawn["rows"], drawn["names"]) == (4, ["0", "1", "2", "3"])
    for k in range(4):
        np.testing.assert_allclose(
            drawn["images"][3 * k : 3 * k + 3],
            model.sample(3, seed=5, labels=k),
            rtol=1e-5,
        )
