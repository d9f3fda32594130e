"""A model that is dropped leaves no memory behind."""

import gc
import json
import pathlib
import subprocess
import sys
import weakref

import keras
import pytest

import keras_mdgan as km
from support.battery import networks

SCRIPT = pathlib.Path(__file__).parents[2] / "benchmarks" / "memory.py"


def trained():
    gan = km.VanillaGAN(**networks(), seed=0)
    gan.compile()
    gan.fit(km.datasets.ring().sample(8, seed=0), batch_size=4, verbose=0)
    return gan


def test_nothing_holds_a_model_that_is_dropped():
    gan = trained()
    parts = [gan, gan.generator, gan.optimizer, gan.generator.weights[0]]
    left = [weakref.ref(part) for part in parts]
    del gan, parts
    gc.collect()
    assert [part() for part in left] == [None] * len(left)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="graphs of TF")
def test_no_graph_of_the_step_is_kept():
    """A custom gradient in it would be, with all of the graph, for ever."""

    def graphs():
        gc.collect()
        kinds = [type(each).__name__ for each in gc.get_objects()]
        return kinds.count("FuncGraph")

    trained()
    before = graphs()
    for _ in range(3):
        trained()
    assert graphs() <= before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_thirty_models_grow_the_process_by_less_than_a_megabyte_each():
    done = subprocess.run(
        [sys.executable, SCRIPT], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["backend"] == keras.backend.backend()
    assert found["megabytes"] < 1
