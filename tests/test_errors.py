"""Every wrong argument says what it is, what was expected and what came."""

import zipfile

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.experiments.__main__ import parse


def generator(**kwargs):
    return km.networks.mlp_generator((2,), hidden=(4,), **kwargs)


def discriminator(outputs=1, shape=(2,)):
    return km.networks.mlp_discriminator(shape, outputs, hidden=(4,))


def vanilla(**kwargs):
    return km.VanillaGAN(generator(), discriminator(), km.latents.Uniform(2), **kwargs)


def density(outputs=3, **kwargs):
    return km.MixtureDensityGAN(
        generator(), discriminator(outputs), km.latents.Uniform(2), **kwargs
    )


def wasserstein(**kwargs):
    return km.WassersteinGANGP(
        generator(), discriminator(), km.latents.Uniform(2), **kwargs
    )


def compiled(**kwargs):
    gan = vanilla()
    gan.compile(**kwargs)
    return gan


def fit(x, **kwargs):
    return compiled().fit(x, verbose=0, **kwargs)


def twice():
    adam = keras.optimizers.Adam()
    compiled(optimizer={"generator": adam, "discriminator": adam})


X = np.zeros((20, 2), "float32")
NAN = np.array([[0.0, 1.0], [np.nan, 1.0]], "float32")
CASES = {
    "embedding dimension": (
        lambda: density(components=10),
        r"10 components needs embeddings of dimension 9. Received.*3 outputs",
    ),
    "embedding dimension with an offset": (
        lambda: density(components=4, offset=1.0),
        r"4 components needs embeddings of dimension 4. Received.*3 outputs",
    ),
    "corners out of reach": (
        lambda: density(offset=3.0),
        r"`embedding_range` must reach the corners, .* is 3\. .*embedding_range=2.5",
    ),
    "an augmentation that learns": (
        lambda: density(assignment="balanced", augmentation=keras.layers.Dense(2)),
        r"`augmentation` must keep the data's shape and have no weights",
    ),
    "a string for a bool": (
        lambda: density(relativistic="no"),
        "`relativistic` must be True or False. Received: relativistic='no'",
    ),
    "a string for ema_warmup": (
        lambda: density(ema_momentum=0.9, ema_warmup="False"),
        "`ema_warmup` must be True or False. Received: ema_warmup='False'",
    ),
    "a string for shuffle": (
        lambda: compiled().fit(X, shuffle="False"),
        "`shuffle` must be True or False. Received: shuffle='False'",
    ),
    "two outputs for a logit": (
        lambda: km.VanillaGAN(generator(), discriminator(2), km.latents.Uniform(2)),
        r"one output, \(batch_size, 1\). Received.*2 outputs",
    ),
    "variance": (
        lambda: density(variance_real=0.0),
        r"`variance_real` must be a finite number > 0. Received: variance_real=0.0",
    ),
    "fake variance": (
        lambda: density(variance_fake=-1.0),
        r"`variance_fake` must be a finite number > 0. Received: variance_fake=-1.0",
    ),
    "sgmm variance": (
        lambda: km.SimplexGaussianMixture(3, float("nan")),
        r"`variance`.*Received: variance=nan",
    ),
    "sgmm dim": (
        lambda: km.SimplexGaussianMixture(0),
        r"`dim`.*Received: dim=0",
    ),
    "assignment": (
        lambda: density(assignment="maximum"),
        r"'max', 'mixture', 'balanced'. Received: assignment='maximum'",
    ),
    "scale": (
        lambda: density(scale="unit_nrom"),
        r"Received: scale='unit_nrom'. Did you mean 'unit_norm'",
    ),
    "generator loss": (
        lambda: vanilla(generator_loss="minmax"),
        r"Received: generator_loss='minmax'. Did you mean 'minimax'",
    ),
    "embedding range": (
        lambda: density(embedding_range=0.0),
        r"`embedding_range` must be None or a finite number > 0. Received: .*=0.0",
    ),
    "infinite embedding range": (
        lambda: density(embedding_range=float("inf")),
        r"`embedding_range` must be None or a finite number > 0. Received: .*=inf",
    ),
    "infinite latent deviation": (
        lambda: km.latents.Normal(2, stddev=float("inf")),
        r"`stddev` must be a finite number > 0. Received: stddev=inf",
    ),
    "infinite latent bound": (
        lambda: km.latents.Uniform(2, high=float("inf")),
        r"`high` must be a finite number. Received: high=inf",
    ),
    "infinite mixture latents": (
        lambda: km.latents.GaussianMixture(2, spread=float("inf")),
        r"`spread` must be a finite number > 0. Received: spread=inf",
    ),
    "infinite output range": (
        lambda: generator(output_range=float("inf")),
        r"`output_range` must be a finite number > 0. Received: output_range=inf",
    ),
    "grid spacing": (
        lambda: km.datasets.grid(spacing=0),
        r"`spacing` must be a finite number > 0. Received: spacing=0",
    ),
    "ring radius": (
        lambda: km.datasets.ring(radius=0),
        r"`radius` must be a finite number > 0. Received: radius=0",
    ),
    "data deviation": (
        lambda: km.datasets.ring(std=float("nan")),
        r"`std` must be a finite number > 0. Received: std=nan",
    ),
    "paper settings": (
        lambda: km.MixtureDensityGAN.paper_settings("v2"),
        r"'v1', 'slides', 'authors_demo'. Received: name='v2'",
    ),
    "penalty weight": (
        lambda: wasserstein(penalty_weight=-1),
        r"`penalty_weight` must be a finite number >= 0. Received: penalty_weight=-1",
    ),
    "critic steps": (
        lambda: wasserstein(critic_steps=0),
        r"`critic_steps` must be an integer >= 1. Received: critic_steps=0",
    ),
    "averaging": (
        lambda: vanilla(ema_momentum=1.0),
        r"`ema_momentum` must be None or in \[0, 1\). Received: ema_momentum=1.0",
    ),
    "seed": (
        lambda: vanilla(seed=-1),
        r"`seed` must be None or an integer >= 0. Received: seed=-1",
    ),
    "no layer": (
        lambda: km.VanillaGAN("mlp", discriminator(), km.latents.Uniform(2)),
        r"`generator` must be a Keras layer or model. Received: generator='mlp'",
    ),
    "networks that do not fit": (
        lambda: km.VanillaGAN(
            generator(), discriminator(shape=(3,)), km.latents.Uniform(2)
        ),
        r"`discriminator` does not accept the generator's data, of shape \(2,\)",
    ),
    "latents": (
        lambda: km.latents.Uniform(0),
        r"`dim` must be an integer >= 1. Received: dim=0",
    ),
    "latent bounds": (
        lambda: km.latents.Uniform(2, low=1.0, high=1.0),
        r"`high` must be above `low`. Received: low=1.0, high=1.0",
    ),
    "latent deviation": (
        lambda: km.latents.Normal(2, stddev=0),
        r"`stddev` must be a finite number > 0. Received: stddev=0",
    ),
    "joint latents": (
        lambda: km.latents.Joint([2]),
        r"`priors` must be a list of at least one prior. Received: priors=\[2\]",
    ),
    "mixture latents": (
        lambda: km.latents.GaussianMixture(2, components=0),
        r"`components` must be an integer >= 1. Received: components=0",
    ),
    "network sizes": (
        lambda: km.networks.mlp_discriminator((2,), outputs=0),
        r"`outputs` must be an integer >= 1. Received: outputs=0",
    ),
    "image sizes": (
        lambda: km.networks.dcgan_generator((30, 30, 1)),
        r"divisible by 4, such as \(28, 28, 1\). Received: data_shape=\(30, 30, 1\)",
    ),
    "frequencies": (
        lambda: km.layers.FourierFeatures([]),
        r"`frequencies` must be a list of at least one finite number",
    ),
    "noise": (
        lambda: km.layers.InstanceNoise([(0, 1.0), (10, 0.0)]),
        r"`knots` must have values > 0. Received",
    ),
    "schedule": (
        lambda: km.schedules.PiecewiseLinear([(5, 1.0), (5, 0.0)]),
        r"increasing steps >= 0",
    ),
    "optimizer names": (
        lambda: compiled(optimizer={"generator": "adam", "critic": "adam"}),
        r"Expected: \['discriminator', 'generator'\]. Received: \['critic', 'gen",
    ),
    "optimizer twice": (twice, r"same optimizer object to two players"),
    "steps per execution": (
        lambda: compiled(steps_per_execution=0),
        r"`steps_per_execution` must be an integer >= 1. Received: .*=0",
    ),
    "data shape": (
        lambda: fit(np.zeros((20, 3), "float32")),
        r"shape \(2,\) a sample. Received: data of shape \(3,\)",
    ),
    "data with NaN": (lambda: fit(NAN, batch_size=2), r"finite. Received: NaN or inf"),
    "data with infinity": (lambda: fit(X + np.inf), r"finite. Received: NaN or inf"),
    "data in a list": (
        lambda: fit([X, X]),
        r"one array.*Received: a list of 2 elements. `np.stack\(x\)`",
    ),
    "data in a dictionary": (
        lambda: fit({"image": X, "label": X}),
        r"one array.*Received: a dict of 2 elements. Give one entry, as `x\['image'\]`",
    ),
    "batches in dictionaries": (
        lambda: fit({"image": X} for _ in range(3)),
        r"A batch must be `x` or `\(x, y\)`. Received: .*keys \['image'\]. In tf.data",
    ),
    "several arrays in a batch": (
        lambda: fit(([X, X], X) for _ in range(3)),
        r"one array of samples as `x`. Received: x of 2 arrays",
    ),
    "losses of Keras": (
        lambda: compiled(loss="mse"),
        r"`compile` of VanillaGAN takes no `loss`.*`discriminator_loss`.*loss='mse'",
    ),
    "metrics of Keras": (
        lambda: compiled(metrics=["accuracy"]),
        r"takes no `metrics`: .*EvaluateSamples.*Received: metrics=\['accuracy'\]",
    ),
    "format of an export": (
        lambda: vanilla().export("gan.onnx", format="onxx"),
        r"`format` must be one of .*'litert'.*format='onxx'. Did you mean 'onnx'",
    ),
    "ending of an export": (
        lambda: vanilla().export("gan.tflite", format="onnx"),
        r"format='onnx', `path` must end in .onnx. Received: gan.tflite",
    ),
    "weights of an ONNX file": (
        lambda: vanilla().export("gan.onnx", format="onnx", weight_dtype="int8"),
        r"`weight_dtype` must be 'float32'.*Received: weight_dtype='int8'",
    ),
    "fit without data": (
        lambda: fit(None),
        r"`x` must be an array or a data set.*None",
    ),
    "one label for all": (
        lambda: fit(X, y=3),
        r"`y` must have a label for each sample. Received: y=3",
    ),
    "labels of text for a model without labels": (
        lambda: fit(X, y=np.array(["a"] * 20)),
        r"VanillaGAN uses no labels: leave out `y`. Received: y of dtype <U1",
    ),
    "masked data": (
        lambda: fit(np.ma.masked_array(X, X == 0)),
        r"`data.filled\(value\)` gives an array.*Received: 40 masked values",
    ),
    "average in a string": (
        lambda: vanilla(ema_momentum="0.9"),
        r"`ema_momentum` must be None or in \[0, 1\). Received: ema_momentum='0.9'",
    ),
    "range in a string": (
        lambda: density(embedding_range="2"),
        r"`embedding_range` must be None or .*Received: embedding_range='2'",
    ),
    "one width": (
        lambda: km.networks.mlp_generator((2,), hidden=8),
        r"`hidden` must be a sequence of integers >= 1. Received: hidden=8",
    ),
    "found labels": (
        lambda: km.metrics.label_accuracy([0, 1], [0, 7], n_classes=2),
        r"`found` must be integers from 0 below 2. Received: int64 from 0 to 7",
    ),
    "no data": (lambda: fit(X[:0]), r"Received: x.shape=\(0, 2\)"),
    "sample count": (
        lambda: vanilla().sample(0),
        r"`n` must be an integer >= 1. Received: n=0",
    ),
    "sample seed": (
        lambda: vanilla().sample(1, seed=-1),
        r"`seed` must be None, an integer >= 0.*Received: seed=-1",
    ),
    "data set name": (
        lambda: km.datasets.load("minst"),
        r"Received: name='minst'. Did you mean 'mnist'",
    ),
    "player name": (
        lambda: km.Player("two words", [discriminator()]),
        r"Python identifier. Received: name='two words'",
    ),
    "player steps": (
        lambda: km.Player("a", [discriminator()], steps=0),
        r"`steps` of player 'a' must be an integer >= 1. Received: steps=0",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_wrong_argument(case):
    call, message = CASES[case]
    with pytest.raises(ValueError, match=message):
        call()


def test_there_are_enough_cases():
    assert len(CASES) >= 25


def test_fit_before_compile():
    with pytest.raises(ValueError, match="compile"):
        vanilla().fit(X)


def test_steps_per_epoch_that_would_overrun():
    gan = compiled(steps_per_execution=3)
    with pytest.raises(ValueError, match=r"multiple of `steps_per_execution` \(3\)"):
        gan.fit(X, steps_per_epoch=4, verbose=0)


def test_keras_files_that_are_damaged_or_foreign(tmp_path):
    gan = compiled()
    path = tmp_path / "gan.keras"
    gan.save(path)
    whole = path.read_bytes()
    with pytest.raises(FileNotFoundError, match=r"nowhere\.keras"):
        km.load_model(tmp_path / "nowhere.keras")
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"gan\.keras is damaged"):
        km.load_model(path)
    middle = len(whole) // 2
    flipped = bytes(byte ^ 0xFF for byte in whole[middle : middle + 50])
    path.write_bytes(whole[:middle] + flipped + whole[middle + 50 :])
    with pytest.raises(ValueError, match=r"gan\.keras"):
        km.load_model(path)
    path.write_bytes(b"not a model")
    with pytest.raises(ValueError, match=r"gan\.keras is damaged or no \.keras file"):
        km.load_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(ValueError, match=r"gan\.keras is no \.keras file.*config"):
        km.load_model(path)


def test_weights_of_another_model_are_refused(tmp_path):
    path = tmp_path / "gan.weights.h5"
    compiled().save_weights(path)
    other = density()
    other.compile()
    with pytest.raises(ValueError):
        other.load_weights(path)


def test_saved_models_that_are_missing_or_damaged(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no SavedModel at .*nowhere"):
        km.load_sampler(tmp_path / "nowhere")
    pytest.importorskip("tensorflow")
    (tmp_path / "saved_model.pb").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="damaged"):
        km.load_sampler(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "gird"], "Did you mean 'grid'"),
        (["gird"], "Did you mean 'grid'"),
        (["tabels"], "Did you mean 'tables'"),
        (["run", "grid", "--settings", ""], "`--settings` must be one of"),
        (["publish", "grid", "--setting", "x"], "`--setting` must be one of"),
        (["publish", "grid", "--seed", "-1"], "`--seed` must be at least 0"),
        (["grid", "--models", "vanila"], "Did you mean 'vanilla'"),
        (["grid", "--settings", "our"], "Did you mean 'ours'"),
        (["grid", "--seeds", "0"], "must be at least 1. Received: 0"),
    ],
)
def test_wrong_command_lines(arguments, message, capsys):
    with pytest.raises(SystemExit):
        parse(arguments)
    assert message in capsys.readouterr().err
