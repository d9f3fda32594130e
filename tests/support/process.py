"""What tests run in a fresh process: `python -m support.process COMMAND FOLDER`.

`go_on`: load every `*.keras` in the folder, train it on `x.npy` (and `y.npy`) and write
its state, as it was loaded and after training, to a folder named after the backend.
`export_check`: load every SavedModel with TensorFlow alone and write what it gives.
"""

import pathlib
import sys

import numpy as np


def variables_of(model):
    """Everything a model's run depends on, in a fixed order."""
    return [*model.variables, *model.optimizer.variables]


def state_of(model):
    """Copies of the numbers a model's run depends on."""
    return {f"{i:03d}": np.array(v.numpy()) for i, v in enumerate(variables_of(model))}


def train(model, data, epochs=2, batch_size=20):
    return model.fit(*data, batch_size=batch_size, epochs=epochs, verbose=0)


def go_on(folder):
    import keras

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    import keras_mdgan as km

    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    out = folder / keras.backend.backend()
    out.mkdir()
    for path in sorted(folder.glob("*.keras")):
        print(path.stem, flush=True)  # the last line names the row that failed
        model = km.load_model(path)
        loaded = {f"loaded_{key}": v for key, v in state_of(model).items()}
        history = train(model, (x, y % model.n_classes) if model.uses_labels else (x,))
        assert all(np.isfinite(v).all() for v in history.history.values())
        np.savez(out / f"{path.stem}.npz", **loaded, **state_of(model))


def export_check(folder):
    import tensorflow as tf

    assert "keras_mdgan" not in sys.modules
    x = tf.constant(np.load(folder / "x.npy")[:7])
    for path in sorted(p for p in folder.iterdir() if (p / "saved_model.pb").exists()):
        print(path.name, flush=True)
        with np.load(folder / f"{path.name}_inputs.npz") as given:
            inputs = {key: tf.constant(given[key]) for key in given.files}
        loaded = tf.saved_model.load(str(path))
        more = {}
        if "labels" in inputs:
            labels = inputs["labels"]
            more["first_of"] = loaded.conditional_sample(4, 1, labels)
            more["of_one"] = loaded.conditional_sample(4, 1, labels[:1])
        np.savez(
            folder / f"{path.name}.npz",
            **more,
            served=loaded.signatures["serving_default"](**inputs)["output_0"],
            by_name=loaded.serve(*inputs.values()),
            first=loaded.sample(5, 1),
            again=loaded.sample(5, 1),
            other=loaded.sample(5, 2),
            embedded=loaded.embed(x),
        )


if __name__ == "__main__":
    {"go_on": go_on, "export_check": export_check}[sys.argv[1]](
        pathlib.Path(sys.argv[2])
    )
