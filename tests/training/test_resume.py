"""Interrupted runs go on."""

import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.saving.sealed import facts_of
from support import PYTHONPATH

SCRIPT = """
import pathlib, sys
import keras, numpy as np
if keras.backend.backend() == "torch":
    import torch; torch.set_num_threads(1)
import keras_mdgan as km
folder, slow, epochs = pathlib.Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])

class Slow(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        print("start", int(self.model.optimizer.iterations.numpy()), flush=True)
    def on_train_batch_end(self, batch, logs=None):
        import time; time.sleep(slow)

gan = km.VanillaGAN(
    km.networks.mlp_generator((2,), hidden=(8,), seed=0),
    km.networks.mlp_discriminator((2,), hidden=(8,), seed=1),
    km.latents.Uniform(2), seed=0)
gan.compile()
backup = km.callbacks.BackupAndRestore(
    folder / "backup", save_freq=int(sys.argv[4]) or "epoch", delete_checkpoint=False)
gan.fit(km.datasets.ring().as_dataset(200, 20, seed=0), epochs=epochs, verbose=0,
        callbacks=[backup, Slow()])
print("end", int(gan.optimizer.iterations.numpy()), flush=True)
values = [*gan.variables, *gan.optimizer.variables]
np.savez(folder / "state.npz", *[v.numpy() for v in values])
"""


def command(folder, slow, epochs, frequency):
    script = folder / "script.py"
    script.write_text(SCRIPT)
    return [
        sys.executable,
        str(script),
        str(folder),
        *map(str, (slow, epochs, frequency)),
    ]


def environment():
    return dict(
        os.environ, PYTHONPATH=PYTHONPATH, KERAS_BACKEND=keras.backend.backend()
    )


def run(folder, epochs, frequency):
    done = subprocess.run(
        command(folder, 0, epochs, frequency),
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = dict(line.split() for line in done.stdout.splitlines())
    return int(said["start"]), int(said["end"])


def kill_in_the_middle_of_an_epoch(folder, frequency):
    """`kill -9` a little after the first new backup of the second epoch."""
    process = subprocess.Popen(
        command(folder, 0.05, 3, frequency),
        env=environment(),
        stdout=subprocess.DEVNULL,
    )
    backup = folder / "backup" / "latest.weights.h5"
    began = time.time()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if backup.stat().st_mtime > began and facts_of(backup)["epoch"] == 1:
                break
        except OSError:
            pass
        time.sleep(0.01)
    time.sleep(0.12)  # two or three steps into what comes next
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("frequency", [0, 4], ids=["each epoch", "every 4 batches"])
def test_kill_9_and_restart_ends_where_the_whole_run_ends(frequency, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir(), killed.mkdir()
    assert run(whole, 3, frequency) == (0, 30)
    kill_in_the_middle_of_an_epoch(killed, frequency)
    if frequency:  # ... and again, before the epoch that it goes on in has ended
        kill_in_the_middle_of_an_epoch(killed, frequency)
    assert not (killed / "state.npz").exists()
    start, end = run(killed, 3, frequency)
    assert 10 <= start < 30
    assert end == 30
    with np.load(whole / "state.npz") as a, np.load(killed / "state.npz") as b:
        for name in a.files:
            np.testing.assert_array_equal(a[name], b[name])


def test_a_failed_write_leaves_the_file_intact(tmp_path, monkeypatch):
    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,)),
        km.networks.mlp_discriminator((2,), hidden=(4,)),
        km.latents.Uniform(2),
    )
    path = tmp_path / "gan.keras"
    gan.save(path)
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(type(gan), "save_own_variables", fail)
    with pytest.raises(OSError, match="no space"):
        gan.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["gan.keras"]
    with pytest.raises(FileExistsError, match=r"gan\.keras"):
        gan.save(path, overwrite=False)


@pytest.mark.parametrize(
    ("cls", "options", "said"),
    [
        (km.GeometricGAN, {"seed": 0}, "class='VanillaGAN', not 'GeometricGAN'"),
        (km.VanillaGAN, {"seed": 7}, "seed=0, not 7"),
        (km.VanillaGAN, {"seed": 0, "penalty_weight": 0.1}, "penalty_weight=0.0, not"),
    ],
)
def test_a_backup_of_another_model_is_refused(tmp_path, cls, options, said):
    """Also if its weights would fit, which are all that Keras compares."""

    def train(cls, epochs=1, **options):
        gan = cls(
            km.networks.mlp_generator((2,), hidden=(4,), seed=0),
            km.networks.mlp_discriminator((2,), hidden=(4,), seed=1),
            km.latents.Uniform(2),
            **options,
        )
        gan.compile(keras.optimizers.SGD(0.1))
        backup = km.callbacks.BackupAndRestore(tmp_path, delete_checkpoint=False)
        data = km.datasets.ring().as_dataset(40, 20, seed=0)
        gan.fit(data, epochs=epochs, verbose=0, callbacks=[backup])
        return int(gan.optimizer.iterations.numpy())

    assert train(km.VanillaGAN, seed=0) == 2
    with pytest.raises(ValueError, match=f"backup of another model, with.*{said}"):
        train(cls, **options)
    assert train(km.VanillaGAN, 2, seed=0) == 4
    # A seed that the model draws itself is another one in each process.
    assert train(km.VanillaGAN, 3) == 6
