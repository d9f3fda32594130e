"""The classifiers that generated images are measured with.

Trains a small convolutional network on the training images of a data set, shifted by
some pixels (images of things are mirrored, too), and keeps the last 5,000 to look at on
the way. The test images are used once, at the end, for the card; nothing is
chosen by them.

    KERAS_BACKEND=tensorflow python examples/classifier.py mnist
    python examples/classifier.py fashion_mnist
    KERAS_BACKEND=jax python examples/classifier.py cifar10     # on a GPU
    python examples/classifier.py mnist --smoke         # a look at everything

The folder `--out` receives `model.keras` and its card, `README.md`. The copies that
ship with the package, which `km.metrics.extractor("mnist_classifier")` reads, are in
`saved_models`. Data are read from the folder in the environment variable
KERAS_MDGAN_DATA, or downloaded.
"""

import argparse
import dataclasses
import pathlib
import shlex
import sys

import keras
import numpy as np
from keras import layers

import keras_mdgan as km
from keras_mdgan.commands.arguments import above, at_least
from keras_mdgan.saving.versions import versions

CARD = """# {data}_classifier

A classifier of {things}, for measures of generated ones: its 128 features before
the last layer, and its 10 probabilities.

    import keras_mdgan as km
    km.metrics.extractor("{data}_classifier").features(images)  # uint8 {shape}

`model.keras` takes float images `{shape}` in [-1, 1]{colours},
and gives probabilities `(n, 10)`; its layer `features` gives `(n, 128)`.{stacks}

## How it was trained

    {command}

{steps:,} steps of batch {batch_size} ({epochs} epochs) on the first {n_train:,}
training images, shifted by up to {shift} pixels{mirrored}; {optimizer} with a rate
that falls from {rate} along a cosine; seed {seed}; {parameters:,} parameters.
Versions: {versions}.

## Measures

| | images | accuracy % | wrong |
|---|---|---|---|
| test | {n_test:,} | {test:.2f} | {wrong} |
{of_stacks}| held out of training | {n_held:,} | {held:.2f} | |

Wrong by class, 0 to 9: {wrong_by_class}. The largest probability is {confidence:.4f}
in the mean over the test images.

Licence: Apache-2.0. Data: {source}.
"""
OF_STACKS = (
    "| test, three digits stacked, all right | {n_stacked:,} | {stacked:.2f} | |\n"
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """What differs between the data sets.

    Args:
        things: what the images show, for the card.
        shift: pixels by which training images are moved at most.
        epochs: passes over the training images.
        batch_size: images of a step.
        weight_decay: of AdamW; 0 is Adam.
        width: channels of the first layer of a residual network; 0 is a plain one.
    """

    things: str
    shift: int = 2
    epochs: int = 20
    batch_size: int = 128
    weight_decay: float = 0.0
    width: int = 0


KINDS = {
    "mnist": Kind("MNIST digits"),
    "fashion_mnist": Kind("Fashion-MNIST's clothes", 2, 30, 256, 0.05, width=16),
    "cifar10": Kind("CIFAR-10's things", 4, 30, 256, 0.05, width=32),
}


class ShiftedImages(keras.utils.PyDataset):
    """Batches of images in [-1, 1] moved by whole pixels, anew each epoch."""

    def __init__(self, images, labels, batch_size, shift, mirror, seed):
        super().__init__()
        self.mirror = mirror
        border = ((0, 0), (shift, shift), (shift, shift), (0, 0))
        padded = np.pad(images, border)
        size = images.shape[1:3]
        windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(1, 2))
        self.windows, self.labels = np.moveaxis(windows, 3, -1), labels
        self.batch_size, self.shift = batch_size, shift
        self.generator = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self):
        return len(self.labels) // self.batch_size

    def on_epoch_end(self):
        self.order = self.generator.permutation(len(self.labels))
        offsets = (2, len(self.labels))
        self.offsets = self.generator.integers(0, 2 * self.shift + 1, offsets)
        self.mirrored = self.generator.random(len(self.labels)) < 0.5 * self.mirror

    def __getitem__(self, batch):
        part = slice(batch * self.batch_size, (batch + 1) * self.batch_size)
        chosen, (down, right) = self.order[part], self.offsets[:, part]
        images = self.windows[chosen, down, right]
        turned = self.mirrored[part]
        images[turned] = images[turned, :, ::-1]
        return km.datasets.to_unit_range(images), self.labels[chosen]


def build(data):
    """The network for a data set.

    For digits 250,000 parameters and 8 million multiplications an image; else a
    residual network, for CIFAR-10 of 700,000 and 100 million.
    """
    width = KINDS[data].width
    images = keras.Input(km.datasets.DATASETS[data].shape, name="images")
    x = residual_layers(images, width) if width else plain_layers(images)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(128, activation="relu", name="features")(x)
    x = layers.Dropout(0.3)(x)
    classes = layers.Dense(10, activation="softmax", name="probabilities")(x)
    return keras.Model(images, classes, name=f"{data}_classifier")


def convolution(x, filters, strides=1, kernel=3):
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def plain_layers(x):
    for filters, strides in ((16, 1), (32, 2), (64, 1), ("pool", 2), (128, 1)):
        if filters == "pool":
            x = layers.MaxPooling2D(strides)(x)
            continue
        x = layers.ReLU()(convolution(x, filters, strides))
    return layers.Flatten()(layers.MaxPooling2D(2)(x))


def residual_layers(x, width):
    """The residual network of He et al. (2016) with two blocks a size."""
    x = layers.ReLU()(convolution(x, width))
    for wider, strides in ((1, 1), (1, 1), (2, 2), (2, 1), (4, 2), (4, 1)):
        filters = wider * width
        inside = layers.ReLU()(convolution(x, filters, strides))
        inside = convolution(inside, filters)
        if strides > 1:
            x = convolution(x, filters, strides, kernel=1)
        x = layers.ReLU()(layers.Add()([x, inside]))
    return layers.GlobalAveragePooling2D()(x)


def measure(probabilities, labels):
    """What the card says of a set of images."""
    right = probabilities.argmax(axis=1) == labels
    stacks = np.random.default_rng(0).integers(0, len(labels), (10_000, 3))
    return {
        "test": 100 * right.mean(),
        "wrong": int(np.sum(~right)),
        "wrong_by_class": ", ".join(
            map(str, np.bincount(labels[~right], minlength=10))
        ),
        "stacked": 100 * right[stacks].all(axis=1).mean(),
        "n_stacked": len(stacks),
        "confidence": probabilities.max(axis=1).mean(),
        "n_test": len(labels),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default="mnist", choices=KINDS)
    parser.add_argument("--epochs", type=at_least(1))
    parser.add_argument("--batch-size", type=at_least(1))
    parser.add_argument("--rate", type=above(0), default=2e-3)
    parser.add_argument("--shift", type=at_least(0))
    parser.add_argument("--weight-decay", type=at_least(0.0))
    parser.add_argument("--smoke", action="store_true", help="a short run, for a look")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    args.out = args.out or pathlib.Path(f"runs/{args.data}_classifier")
    digits, kind = args.data == "mnist", KINDS[args.data]
    for name in ("epochs", "batch_size", "shift", "weight_decay"):
        if getattr(args, name) is None:
            setattr(args, name, getattr(kind, name))

    keras.utils.set_random_seed(args.seed)
    images, labels = km.datasets.load(args.data)
    test_images, test_labels = km.datasets.load(args.data, split="test")
    held, held_labels = images[-5_000:], labels[-5_000:]
    images, labels = images[:-5_000], labels[:-5_000]
    if args.smoke:
        args.epochs = 1
        images, labels, held, held_labels, test_images, test_labels = (
            array[:1_000]
            for array in (images, labels, held, held_labels, test_images, test_labels)
        )

    data = ShiftedImages(
        images, labels, args.batch_size, args.shift, not digits, args.seed
    )
    steps = args.epochs * len(data)
    model = build(args.data)
    rate = keras.optimizers.schedules.CosineDecay(args.rate, steps)
    if args.weight_decay:
        optimizer = keras.optimizers.AdamW(rate, args.weight_decay)
    else:
        optimizer = keras.optimizers.Adam(rate)
    model.compile(
        optimizer,
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    held = km.datasets.to_unit_range(held)
    history = model.fit(
        data, epochs=args.epochs, validation_data=(held, held_labels), verbose=2
    )

    test_images = km.datasets.to_unit_range(test_images)
    measures = measure(model.predict(test_images, 500, verbose=0), test_labels)
    args.out.mkdir(parents=True, exist_ok=True)
    # A copy without the optimizer, which is twice as large as the weights.
    shipped = build(args.data)
    shipped.set_weights(model.get_weights())
    shipped.save(args.out / "model.keras")
    card = CARD.format(
        command=shlex.join(["python", "examples/classifier.py", *sys.argv[1:]]),
        things=kind.things,
        shape=f"(n, {', '.join(map(str, test_images.shape[1:]))})",
        colours=", white on black" if test_images.shape[-1] == 1 else "",
        optimizer=f"AdamW, decay {args.weight_decay}," if args.weight_decay else "Adam",
        stacks=" Of a stacked\nimage each channel is classified by itself."
        if digits
        else "",
        of_stacks=OF_STACKS.format(**measures) if digits else "",
        mirrored="" if digits else ", half of them mirrored",
        source=km.datasets.DATASETS[args.data].source,
        held=100 * history.history["val_accuracy"][-1],
        n_held=len(held),
        n_train=len(images),
        steps=steps,
        parameters=model.count_params(),
        versions=", ".join(f"{name} {value}" for name, value in versions().items()),
        **{
            name: getattr(args, name)
            for name in ("data", "epochs", "batch_size", "rate", "shift", "seed")
        },
        **measures,
    )
    (args.out / "README.md").write_text(card)
    print(f"{measures['test']:.2f} % of {len(test_labels):,} test images")
    print(f"The model and its card are in {args.out}")


if __name__ == "__main__":
    main()
