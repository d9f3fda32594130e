"""What tests run in a fresh process: `python process.py COMMAND FOLDER`.

`go_on`: load every `*.keras` in the folder, train it on `x.npy`, write its state.
`export_check`: load every SavedModel with TensorFlow alone and write what it gives.
"""

import pathlib
import sys

import numpy as np


def state_of(model):
    """Every number a model's run depends on, in a fixed order."""
    variables = [*model.variables, *model.optimizer.variables]
    return {f"{i:03d}": np.asarray(v.numpy()) for i, v in enumerate(variables)}


def train(model, x, epochs=1, batch_size=20):
    return model.fit(x, batch_size=batch_size, epochs=epochs, verbose=0)


def go_on(folder):
    import keras

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    import keras_mdgan as km

    x = np.load(folder / "x.npy")
    for path in sorted(folder.glob("*.keras")):
        model = km.load_model(path)
        history = train(model, x)
        assert all(np.isfinite(v).all() for v in history.history.values())
        np.savez(folder / f"{path.stem}.npz", **state_of(model))


def export_check(folder):
    import tensorflow as tf

    assert "keras" not in sys.modules or "keras_mdgan" not in sys.modules
    latents = tf.constant(np.load(folder / "latents.npy"))
    x = tf.constant(np.load(folder / "x.npy")[:7])
    for path in sorted(p for p in folder.iterdir() if (p / "saved_model.pb").exists()):
        loaded = tf.saved_model.load(str(path))
        np.savez(
            folder / f"{path.name}.npz",
            served=loaded.signatures["serving_default"](latents=latents)["output_0"],
            first=loaded.sample(5, 1),
            again=loaded.sample(5, 1),
            other=loaded.sample(5, 2),
            embedded=loaded.embed(x),
        )


if __name__ == "__main__":
    {"go_on": go_on, "export_check": export_check}[sys.argv[1]](
        pathlib.Path(sys.argv[2])
    )
