"""The base classes of the measures' results."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.metrics.features import UNKNOWN, Source


class Result:
    """Base of the results, which are frozen dataclasses."""

    def as_dict(self) -> dict[str, Any]:
        """Returns the attributes as a dictionary that can be written as JSON."""
        return {
            field.name: _plain(getattr(self, field.name))
            for field in dataclasses.fields(self)
        }

    def __float__(self) -> float:
        if not hasattr(self, "value"):
            raise TypeError(f"{type(self).__name__} has no single value")
        return float(self.value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparison(Result):
    """Base of the results that compare real with generated images.

    Attributes:
        n_real: number of real images.
        n_fake: number of generated images.
        real: the source of the real images' features.
        fake: the source of the generated images' features.
    """

    n_real: int
    n_fake: int
    real: Source = UNKNOWN
    fake: Source = UNKNOWN


def _plain(value: Any) -> Any:
    if isinstance(value, Source):
        return dataclasses.asdict(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return list(value)
    return value
