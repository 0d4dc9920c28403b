"""What one run brought back, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observable:
    """One named result.

    Attributes
    ----------
    values
        The numbers; of a large array 64 samples, 8 random +-1 projections, lowest, highest, L2 norm.
    shape
        Shape of the array itself.
    reduced
        Is ``values`` such a summary?
    typed
        Does the kind of number belong to the result? Not for Python's own numbers and lists.
    """

    name: str
    values: Array
    shape: tuple[int, ...]
    reduced: bool = False
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Capture:
    """All results of one run.

    Attributes
    ----------
    calls
        How often each of the user's functions was called.
    perturbed_count
        How many arrays were moved by a rounding error; 0 in an ordinary run.
    """

    observables: Mapping[str, Observable]
    calls: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    perturbed_count: int = 0
    threaded: bool = False

    @property
    def scale(self) -> float:
        """The largest finite number in the arrays: what a rounding error is small against."""
        return max((_largest(item.values) for item in self.observables.values() if item.shape), default=1.0)


def _largest(values: Array) -> float:
    if values.dtype.kind not in "fc" or not values.size:
        return 0.0
    sizes = np.abs(values)
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def function_of(name: str) -> str:
    """Which function does an observable belong to as one of its locals? ``step`` for ``step()[4]:un``."""
    function, mark, _ = name.partition("()[")
    return function if mark else ""


def plain_name(name: str) -> str:
    """Drop the number of the call: ``step():un`` for ``step()[4]:un``."""
    function, mark, rest = name.partition("()[")
    return f"{function}(){rest[rest.index(']') + 1 :]}" if mark else name
