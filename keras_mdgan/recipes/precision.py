"""The precision in which a recipe's networks compute."""

import contextlib
import pathlib

import keras

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16", "auto")

_PROCESSOR = pathlib.Path("/proc/cpuinfo")


def resolved(precision: str) -> str:
    """The name of a Keras dtype policy, with `"auto"` decided for this machine.

    `"auto"` is `"mixed_bfloat16"` on a processor with matrix units for bfloat16 (AMX)
    and `"float32"` elsewhere. A processor that has bfloat16 instructions alone takes
    half as long again in it as in float32.

    Examples:
        >>> resolved("mixed_bfloat16")
        'mixed_bfloat16'

    Args:
        precision: one of `PRECISIONS`.
    """
    if precision != "auto":
        return precision
    return "mixed_bfloat16" if _has_matrix_units() else "float32"


@contextlib.contextmanager
def computing_in(precision: str):
    """Layers that are made inside compute in a precision; weights stay float32.

    Args:
        precision: one of `PRECISIONS`.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(resolved(precision))
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _has_matrix_units() -> bool:
    try:
        return "amx_bf16" in _PROCESSOR.read_text()
    except OSError:  # not Linux
        return False
