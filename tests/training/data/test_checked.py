"""Whatever a user gives to `fit` and `evaluate` is checked, on every backend."""

import functools
import importlib.util
import warnings

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.training.data.values import output_bounds
from support.battery import networks, with_mixture
from support.process import state_of, variables_of

HAS_TENSORFLOW = importlib.util.find_spec("tensorflow") is not None
HAS_TORCH = importlib.util.find_spec("torch") is not None


@functools.cache
def made(cls, steps_per_execution, **options):
    """A model and its first state: building a training program costs seconds."""
    parts = networks(data_shape=(4,) if cls is km.PackedGAN else (2,))
    if "supervised" in options:
        parts = with_mixture(2)
    gan = cls(**parts, **options, seed=0)
    gan.compile(steps_per_execution=steps_per_execution)
    return gan, state_of(gan)


def fresh(cls, steps_per_execution=1, **options):
    gan, start = made(cls, steps_per_execution, **options)
    for variable, value in zip(variables_of(gan), start.values(), strict=True):
        variable.assign(value)
    return gan


def wasserstein(**compiling):
    return fresh(km.WassersteinGANGP, critic_steps=5, **compiling)


def packed():
    return fresh(km.PackedGAN, packing=2)


def supervised():
    return fresh(km.GaussianMixtureGAN, supervised=True)


def vanilla():
    return fresh(km.VanillaGAN)


def ring(n=45):
    x, modes = km.datasets.ring().sample_with_labels(n, seed=0)
    return x, modes % 2


class Uneven(keras.utils.PyDataset):
    """Batches of given sizes."""

    def __init__(self, sizes, labels=None):
        super().__init__()
        self.sizes, self.labels = list(sizes), labels

    def __len__(self):
        return len(self.sizes)

    def __getitem__(self, index):
        x, y = ring(self.sizes[index])
        return (x,) if self.labels is None else (x, self.labels(y))


def tf_data(sizes, labels=None):
    if not HAS_TENSORFLOW:
        pytest.skip("no TensorFlow")
    import tensorflow as tf

    data = Uneven(sizes, labels)
    specs = [tf.TensorSpec((None, 2), "float32")]
    if labels is not None:
        specs.append(tf.TensorSpec(None, tf.as_dtype(labels(ring(2)[1]).dtype)))
    return tf.data.Dataset.from_generator(
        lambda: (data[i] for i in range(len(data))), output_signature=tuple(specs)
    )


def loader(sizes, labels=None):
    if not HAS_TORCH:
        pytest.skip("no PyTorch")
    import torch

    data = Uneven(sizes, labels)

    class Batches(torch.utils.data.Dataset):
        def __len__(self):
            return len(data)

        def __getitem__(self, i):
            return data[i]

    return torch.utils.data.DataLoader(Batches(), batch_size=None)


def generator(sizes, labels=None):
    data = Uneven(sizes, labels)
    return (data[i] for i in range(len(data)))


kinds = pytest.mark.parametrize("kind", [Uneven, tf_data, loader, generator])
steps_of = lambda gan: int(gan.optimizer.iterations.numpy())  # noqa: E731


@kinds
def test_a_last_batch_that_the_steps_do_not_divide_is_left_out(kind):
    gan = wasserstein()
    history = gan.fit(kind([20, 20, 11]), verbose=0).history
    assert steps_of(gan) == 2
    whole = wasserstein()
    assert whole.fit(kind([20, 20]), verbose=0).history == history
    assert np.isfinite(list(history.values())).all()


def bare_loader(x, **options):
    if not HAS_TORCH:
        pytest.skip("no PyTorch")
    import torch

    return torch.utils.data.DataLoader(torch.from_numpy(x), batch_size=20, **options)


class OfDictionaries(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return {"image": ring(20)[0]}


def loader_of_dictionaries():
    data = bare_loader(ring(40)[0])
    stacked = data.collate_fn
    data.collate_fn = lambda rows: {"image": stacked(rows)}
    return data


@pytest.mark.parametrize(
    "bare",
    [bare_loader, lambda x: (x[i : i + 20] for i in (0, 20))],
    ids=["loader", "generator"],
)
def test_batches_may_be_bare_samples(bare):
    x, _ = ring(40)
    gan, whole = vanilla(), None
    history = gan.fit(bare(x), verbose=0).history
    assert steps_of(gan) == 2
    whole = vanilla()
    assert whole.fit(((x[i : i + 20],) for i in (0, 20)), verbose=0).history == history
    for mine, other in zip(gan.weights, whole.weights):
        np.testing.assert_array_equal(mine.numpy(), other.numpy())


def test_a_loader_is_read_again_each_epoch_and_left_as_it_was():
    data = bare_loader(ring(40)[0])
    collate_fn, gan = data.collate_fn, vanilla()
    gan.fit(data, epochs=2, verbose=0)
    assert steps_of(gan) == 4
    assert data.collate_fn is collate_fn
    assert next(iter(data)).shape == (20, 2)


@pytest.mark.parametrize("kind", [OfDictionaries, loader_of_dictionaries])
def test_batches_in_dictionaries_are_refused(kind):
    gan = vanilla()
    with pytest.raises(ValueError, match=r"Received: a dictionary.*\['image'\]"):
        gan.fit(kind(), verbose=0)
    gan.fit(ring(40)[0], verbose=0)  # the model is whole


@pytest.mark.parametrize("kind", [Uneven, tf_data, loader])
def test_it_is_left_out_of_every_epoch(kind):
    gan = wasserstein(steps_per_execution=2)
    history = gan.fit(kind([20, 20, 15, 7]), epochs=3, verbose=0).history
    assert steps_of(gan) == 9
    assert len(history["loss"]) == 3


@kinds
def test_a_last_batch_that_packs_do_not_divide_is_left_out(kind):
    gan = packed()
    gan.fit(kind([8, 8, 3]), verbose=0)
    assert steps_of(gan) == 2
    wanted = gan.evaluate(kind([8]), verbose=0)
    assert gan.evaluate(kind([8, 3]), verbose=0) == wanted


@kinds
def test_batches_that_the_steps_do_not_divide_are_refused(kind):
    gan = wasserstein()
    before = gan.get_weights()
    with pytest.raises(ValueError, match=r"divisible by 5.*Received: a batch of 11"):
        gan.fit(kind([11, 11]), verbose=0)
    for value, kept in zip(gan.get_weights(), before):
        np.testing.assert_array_equal(value, kept)


def test_an_odd_batch_in_the_middle_is_told():
    gan = wasserstein()
    with pytest.warns(UserWarning, match="batch of 7 samples in the middle"):
        gan.fit(Uneven([20, 7, 20, 7, 20]), verbose=0)
    assert steps_of(gan) == 3


@kinds
def test_data_without_samples_are_refused(kind):
    gan = wasserstein()
    with pytest.raises(ValueError, match=r"at least one|has length 0"):
        gan.fit(kind([]), verbose=0)
    assert np.isfinite(gan.sample(3)).all()


# Labels.


def test_labels_with_an_axis_of_one_are_the_same_labels():
    x, y = ring(40)
    results = []
    for labels in (y, y[:, None]):
        gan = supervised()
        history = gan.fit(x, labels, batch_size=20, epochs=2, verbose=0).history
        evaluated = gan.evaluate(x, labels, batch_size=20, verbose=0)
        on_batch = gan.train_on_batch(x[:20], labels[:20], return_dict=True)
        results.append((history, evaluated, {k: float(v) for k, v in on_batch.items()}))
    assert results[0] == results[1]


@kinds
def test_labels_with_an_axis_of_one_in_batches(kind):
    wanted = supervised().fit(kind([20, 20], lambda y: y), verbose=0).history
    got = supervised().fit(kind([20, 20], lambda y: y[:, None]), verbose=0).history
    assert got == wanted


WRONG = {
    "too large": (lambda y: y + 1, "integers from 0 to 1.*values from 1 to 2"),
    "negative": (lambda y: -y, "integers from 0 to 1.*values from -1 to 0"),
    "floats": (lambda y: y.astype("float32"), "integers from 0 to 1.*dtype float32"),
    "one-hot": (lambda y: np.eye(2, dtype="int32")[y], r"shape \(n, 2\).*argmax"),
    "words": (lambda y: y.astype(str), r"numbers|integers from 0 to 1.*np.unique"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_labels_of_arrays_are_refused(case):
    wrong, message = WRONG[case]
    gan, (x, y) = supervised(), ring(40)
    before = gan.get_weights()
    for call in (gan.fit, gan.evaluate):
        with pytest.raises(ValueError, match=message):
            call(x, wrong(y), batch_size=20, verbose=0)
    for call in (gan.train_on_batch, gan.test_on_batch):
        with pytest.raises(ValueError, match=message):
            call(x, wrong(y))
    batches = km.training.ShuffledBatches(x, wrong(y), batch_size=20)
    with pytest.raises(ValueError, match=message):
        gan.fit(batches, verbose=0)
    with pytest.raises(ValueError, match=message):
        gan.fit(x, y, validation_data=(x, wrong(y)), verbose=0)
    for value, kept in zip(gan.get_weights(), before):
        np.testing.assert_array_equal(value, kept)


@pytest.mark.parametrize("case", [c for c in WRONG if c != "words"])
@kinds
def test_wrong_labels_of_batches_are_refused(case, kind):
    wrong, message = WRONG[case]
    gan = supervised()
    for call in (gan.fit, gan.evaluate):
        with pytest.raises(ValueError, match=message):
            call(kind([20, 20], wrong), verbose=0)


def test_labels_of_another_number_are_refused():
    gan, (x, y) = supervised(), ring(40)
    for call in (gan.fit, gan.evaluate, gan.train_on_batch):
        with pytest.raises(ValueError, match=r"same length. Received: 40 and 30"):
            call(x, y[:30])


# Values.


def images(n=20):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1)).astype("float32")


def image_gan(activation="tanh"):
    layers = keras.layers
    gan = km.VanillaGAN(
        keras.Sequential([layers.Dense(64, activation), layers.Reshape((8, 8, 1))]),
        keras.Sequential([layers.Flatten(), layers.Dense(1)]),
        km.latents.Uniform(3),
        seed=0,
    )
    gan.compile()
    return gan


@pytest.mark.parametrize(
    ("activation", "x", "mapping"),
    [
        ("tanh", images(), r"in \[0, 255\], `x / 127.5 - 1`"),
        ("tanh", images() / 255, r"in \[0, 1\], `x \* 2 - 1`"),
        ("sigmoid", images(), r"in \[0, 255\], `x / 255`"),
        ("sigmoid", images() / 127.5 - 1, r"in \[-1, 1\], `x / 2 \+ 0.5`"),
    ],
)
def test_images_out_of_the_generators_range(activation, x, mapping):
    gan = image_gan(activation)
    with pytest.warns(UserWarning, match=mapping) as told:
        gan.fit(x, batch_size=5, epochs=2, verbose=0)
    assert sum("generator" in str(w.message) for w in told) == 1
    batches = (x[i : i + 5] for i in (0, 5))
    with pytest.warns(UserWarning, match=mapping):
        gan.evaluate(((b,) for b in batches), verbose=0)


def test_points_out_of_the_generators_range():
    gan = vanilla()
    with pytest.warns(UserWarning, match=r"lie in \[-2, 2\].*`output_range`"):
        gan.fit(10 * ring(20)[0], verbose=0)


def test_data_in_the_generators_range_are_told_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        image_gan().fit(images() / 127.5 - 1, batch_size=10, verbose=0)
        image_gan("sigmoid").fit(images() / 255, batch_size=10, verbose=0)
        image_gan("linear").fit(images(), batch_size=10, verbose=0)
        noisy = ring(200)[0] * 2.0  # on the edge of the range, half of it outside
        vanilla().fit(noisy, batch_size=100, verbose=0)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "bool"])
def test_integers_are_refused(dtype):
    gan, x = image_gan(), images().astype(dtype)
    match = rf"floats in the generator's range.*dtype {dtype}"
    for call in (gan.fit, gan.evaluate, gan.train_on_batch, gan.test_on_batch):
        with pytest.raises(ValueError, match=match):
            call(x)
    with pytest.raises(ValueError, match=match):
        gan.fit(((x,) for _ in range(2)), verbose=0)


@kinds
def test_a_first_batch_with_nan_is_refused(kind):
    gan = vanilla()
    x = ring(20)[0]
    x[3] = np.nan
    with pytest.raises(ValueError, match="NaN or infinity in 1 of 20 samples"):
        gan.fit(((x,) for _ in range(2)), verbose=0)
    with pytest.raises(ValueError, match="NaN or infinity in 1 of 20 samples"):
        gan.evaluate(x, verbose=0)


def test_bounds_of_a_network():
    layers = keras.layers
    latents = keras.Input((3,))
    graph = keras.Model(
        latents,
        layers.Rescaling(0.5, 0.5)(
            layers.Reshape((2, 2))(layers.Dense(4, "tanh")(latents))
        ),
    )
    assert output_bounds(graph) == (0.0, 1.0)
    assert output_bounds(keras.Sequential([graph])) == (0.0, 1.0)
    assert output_bounds(keras.Sequential([layers.Dense(2)])) is None
    assert output_bounds(keras.Sequential([layers.Dense(2, "relu")])) is None
    two = keras.Model(latents, [layers.Dense(1, "tanh")(latents)] * 2)
    assert output_bounds(two) is None


# Arguments that no data have.


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_weight": np.ones(40)},
        {"class_weight": {0: 1.0}},
        {"batch_size": 0},
        {"batch_size": 2.5},
        {"batch_size": True},
        {"steps_per_epoch": 0},
        {"epochs": 1.5},
        {"validation_split": 1.0},
        {"validation_split": -0.1},
        {"validation_split": float("nan")},
    ],
)
def test_wrong_arguments_of_fit_are_refused(wrong):
    (name,) = wrong
    gan, (x, _) = wasserstein(), ring(40)
    with pytest.raises(ValueError, match=name):
        gan.fit(x, verbose=0, **wrong)


@kinds
def test_weights_are_refused_of_all_data(kind):
    with pytest.raises(ValueError, match="`sample_weight`"):
        wasserstein().fit(kind([20]), sample_weight=np.ones(20), verbose=0)
    with pytest.raises(ValueError, match="`class_weight`"):
        wasserstein().fit(kind([20]), class_weight={0: 1.0}, verbose=0)


def test_weights_are_refused_in_evaluation():
    gan, (x, _) = wasserstein(), ring(40)
    with pytest.raises(ValueError, match="`sample_weight`"):
        gan.evaluate(x, sample_weight=np.ones(40), verbose=0)
    with pytest.raises(ValueError, match=r"`batch_size`.*Received: batch_size=0"):
        gan.evaluate(x, batch_size=0, verbose=0)


def test_labels_beside_batches_are_refused():
    x, y = ring(40)
    batches = km.training.ShuffledBatches(x, batch_size=20)
    with pytest.raises(ValueError, match="`y` goes with arrays"):
        supervised().fit(batches, y, verbose=0)


def test_a_validation_split_keeps_the_order_and_the_seed():
    x, _ = ring(50)
    histories = []
    for _ in range(2):
        gan = wasserstein()
        np.random.seed(len(histories))  # noqa: NPY002  (Keras' order)
        histories.append(
            gan.fit(x, batch_size=20, validation_split=0.2, verbose=0).history
        )
    assert histories[0] == histories[1]
    assert "val_loss" in histories[0]
    alone = wasserstein()
    history = alone.fit(x[:40], batch_size=20, verbose=0).history
    assert history["loss"] == histories[0]["loss"]


@kinds
def test_validation_data_of_every_kind(kind):
    gan = wasserstein()
    x, _ = ring(40)
    data = kind([20])
    history = gan.fit(x, batch_size=20, validation_data=data, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()


def test_a_list_of_arrays_is_refused():
    x, _ = ring(40)
    with pytest.raises(ValueError, match=r"one array.*Received: a list of 2 elements"):
        wasserstein().fit([x, x], verbose=0)


def test_bounds_of_columns_with_their_own_scales():
    network = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2, activation="tanh"),
            keras.layers.Rescaling([2.0, 5.0], [10.0, -1.0]),
        ]
    )
    assert output_bounds(network) == (-6.0, 12.0)
