"""The base classes of the measures' results."""

import dataclasses
from typing import Any

import numpy as np

from keras_mdgan.display import html_table, shortened
from keras_mdgan.metrics.features import UNKNOWN, Source


class Result:
    """Base of the results, which are frozen dataclasses."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # A dataclass keeps a `__repr__` that its class defines itself. Its own would
        # print 1,000 counts of modes.
        cls.__repr__ = Result.__repr__

    def __repr__(self):
        shown = ", ".join(f"{k}={shortened(v)}" for k, v in self._shown().items())
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self):
        rows = {
            name: _named(value) if isinstance(value, Source) else value
            for name, value in self._shown().items()
        }
        return html_table(type(self).__name__, rows)

    def _shown(self):
        """The attributes, a measure's own before those of every comparison."""
        names = [field.name for field in dataclasses.fields(self)]
        shared = {field.name for field in dataclasses.fields(Comparison)}
        names.sort(key=lambda name: name in shared)
        found = {name: getattr(self, name) for name in names}
        return {k: v for k, v in found.items() if not _unknown(v)}

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


def _unknown(value):
    return isinstance(value, Source) and value == UNKNOWN


def _named(source):
    return " · ".join(part for part in dataclasses.astuple(source) if part)


def _plain(value: Any) -> Any:
    if isinstance(value, Source):
        return dataclasses.asdict(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return list(value)
    return value
