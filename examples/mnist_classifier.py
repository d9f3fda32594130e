"""The classifier of MNIST digits that generated digits are measured with.

Trains a small convolutional network on the first 55,000 training images of MNIST,
shifted by up to two pixels, and keeps the last 5,000 to look at on the way. The test
images are used once, at the end, for the card; nothing is chosen by them.

    KERAS_BACKEND=tensorflow python examples/mnist_classifier.py
    python examples/mnist_classifier.py --smoke         # a look at everything

The folder `--out` receives `model.keras` and its card, `README.md`. The copy that ships
with the package, which `km.metrics.extractor("mnist_classifier")` reads, is in
`saved_models/mnist_classifier`. MNIST is read from the folder in the environment
variable KERAS_MDGAN_DATA, or downloaded.
"""

import argparse
import pathlib
import shlex
import sys

import keras
import numpy as np
from keras import layers

import keras_mdgan as km
from keras_mdgan.commands.arguments import above, at_least
from keras_mdgan.experiments.records import versions

CARD = """# mnist_classifier

A classifier of MNIST digits, for measures of generated ones: its 128 features before
the last layer, and its 10 probabilities.

    import keras_mdgan as km
    km.metrics.extractor("mnist_classifier").features(images)     # uint8 (n, 28, 28, 1)

`model.keras` takes float images `(n, 28, 28, 1)` in [-1, 1], digits white on black,
and gives probabilities `(n, 10)`; its layer `features` gives `(n, 128)`. Of a stacked
image each channel is classified by itself.

## How it was trained

    {command}

{steps:,} steps of batch {batch_size} ({epochs} epochs) on the first {n_train:,}
training images, shifted by up to {shift} pixels; Adam with a rate that falls from
{rate} along a cosine; seed {seed}; {parameters:,} parameters.
Versions: {versions}.

## Measures

| | images | accuracy % | wrong |
|---|---|---|---|
| test | {n_test:,} | {test:.2f} | {wrong} |
| test, three digits stacked, all right | {n_stacked:,} | {stacked:.2f} | |
| held out of training | {n_held:,} | {held:.2f} | |

Wrong by digit, 0 to 9: {wrong_by_digit}. The largest probability is {confidence:.4f}
in the mean over the test images.

Licence: Apache-2.0. Data: MNIST, LeCun et al. 1998.
"""


class ShiftedImages(keras.utils.PyDataset):
    """Batches of images in [-1, 1] moved by whole pixels, anew each epoch."""

    def __init__(self, images, labels, batch_size, shift, seed):
        super().__init__()
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

    def __getitem__(self, batch):
        part = slice(batch * self.batch_size, (batch + 1) * self.batch_size)
        chosen, (down, right) = self.order[part], self.offsets[:, part]
        images = self.windows[chosen, down, right]
        return km.datasets.to_unit_range(images), self.labels[chosen]


def build():
    """A network of 250,000 parameters and 8 million multiplications an image."""
    images = keras.Input((28, 28, 1), name="images")
    x = images
    for filters, strides in ((16, 1), (32, 2), (64, 1), ("pool", 2), (128, 1)):
        if filters == "pool":
            x = layers.MaxPooling2D(strides)(x)
            continue
        x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(128, activation="relu", name="features")(x)
    x = layers.Dropout(0.3)(x)
    digits = layers.Dense(10, activation="softmax", name="probabilities")(x)
    return keras.Model(images, digits, name="mnist_classifier")


def measure(probabilities, labels):
    """What the card says of a set of images."""
    right = probabilities.argmax(axis=1) == labels
    stacks = np.random.default_rng(0).integers(0, len(labels), (10_000, 3))
    return {
        "test": 100 * right.mean(),
        "wrong": int(np.sum(~right)),
        "wrong_by_digit": ", ".join(
            map(str, np.bincount(labels[~right], minlength=10))
        ),
        "stacked": 100 * right[stacks].all(axis=1).mean(),
        "n_stacked": len(stacks),
        "confidence": probabilities.max(axis=1).mean(),
        "n_test": len(labels),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=at_least(1), default=20)
    parser.add_argument("--batch-size", type=at_least(1), default=128)
    parser.add_argument("--rate", type=above(0), default=2e-3)
    parser.add_argument("--shift", type=at_least(0), default=2)
    parser.add_argument("--smoke", action="store_true", help="a short run, for a look")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--out", type=pathlib.Path, default="runs/mnist_classifier")
    args = parser.parse_args()

    keras.utils.set_random_seed(args.seed)
    images, labels = km.datasets.load("mnist")
    test_images, test_labels = km.datasets.load("mnist", split="test")
    held, held_labels = images[55_000:], labels[55_000:]
    images, labels = images[:55_000], labels[:55_000]
    if args.smoke:
        args.epochs = 1
        images, labels, held, held_labels, test_images, test_labels = (
            array[:1_000]
            for array in (images, labels, held, held_labels, test_images, test_labels)
        )

    data = ShiftedImages(images, labels, args.batch_size, args.shift, args.seed)
    steps = args.epochs * len(data)
    model = build()
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(args.rate, steps)),
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
    shipped = build()
    shipped.set_weights(model.get_weights())
    shipped.save(args.out / "model.keras")
    card = CARD.format(
        command=shlex.join(["python", "examples/mnist_classifier.py", *sys.argv[1:]]),
        held=100 * history.history["val_accuracy"][-1],
        n_held=len(held),
        n_train=len(images),
        steps=steps,
        parameters=model.count_params(),
        versions=", ".join(f"{name} {value}" for name, value in versions().items()),
        **{k: v for k, v in vars(args).items() if k not in ("smoke", "out")},
        **measures,
    )
    (args.out / "README.md").write_text(card)
    print(f"{measures['test']:.2f} % of {len(test_labels):,} test images")
    print(f"The model and its card are in {args.out}")


if __name__ == "__main__":
    main()
