"""Settings that every test runs under."""

import os
import pathlib
import signal

# A script that makes devices and processes when it is imported.
collect_ignore = ["support/divided.py"]

# A suite started in the background may ignore Ctrl-C, and so would the processes in
# which tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Small models of the same shape are compiled once a machine, not once a test.
cache = pathlib.Path(__file__).parents[1] / ".pytest_cache" / "jax"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")

# Programs of small models run for microseconds and compile for seconds: half of that
# goes into optimising the machine code.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import keras  # noqa: E402
import pytest  # noqa: E402

if keras.backend.backend() == "torch":
    import torch

    torch.set_num_threads(1)  # two threads of tiny operations wait for each other


@pytest.fixture
def data_dir():
    """The folder of real data, or a skip that says so."""
    folder = os.environ.get("KERAS_MDGAN_DATA")
    if not folder:
        pytest.skip("KERAS_MDGAN_DATA is not set: no real data")
    return pathlib.Path(folder)


@pytest.fixture(autouse=True)
def forget_programs():
    """Drop JAX's compiled programs when they have become too many.

    They are kept for good otherwise, each in memory maps of its own, until a process
    of many tests has as many maps as Linux allows (65,530) and is aborted.
    """
    yield
    if keras.backend.backend() == "jax" and _memory_maps() > 25_000:
        import jax

        jax.clear_caches()


def _memory_maps():
    try:
        return pathlib.Path("/proc/self/maps").read_bytes().count(b"\n")
    except OSError:  # not Linux
        return 0
