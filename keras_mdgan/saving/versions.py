"""What a result was computed with: versions of packages, and the GPU."""

import platform

import keras
import numpy as np

import keras_mdgan as km


def versions() -> dict:
    """The backend, the versions of packages and the GPU, if any, for a record."""
    backend = keras.backend.backend()
    module = __import__(backend)
    found = {
        "keras_mdgan": km.__version__,
        "keras": keras.__version__,
        backend: module.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    gpu = _gpu(backend, module)
    return {**found, "gpu": gpu} if gpu else found


def _gpu(backend, module) -> str | None:
    """The name of the GPU that the backend computes on."""
    if backend == "jax":
        device = module.devices()[0]
        return device.device_kind if device.platform == "gpu" else None
    if backend == "torch":
        available = module.cuda.is_available()
        return module.cuda.get_device_name() if available else None
    for device in module.config.list_physical_devices("GPU"):
        return module.config.experimental.get_device_details(device).get("device_name")
    return None
