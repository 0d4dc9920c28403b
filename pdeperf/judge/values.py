"""What one run brought back, by name."""

import ast
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
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
    origin
        Where it was found: ``memory``, ``print``, ``file``.
    quantum
        Of printed numbers: one unit of the last digit of the one with most of them; 0 where nothing was
        rounded off.
    """

    name: str
    values: Array
    shape: tuple[int, ...]
    reduced: bool = False
    typed: bool = False
    quantum: float = 0.0
    origin: str = "memory"


@dataclass(frozen=True, slots=True)
class Laps:
    """How one outermost loop ran.

    Attributes
    ----------
    span_s
        From its entry to the head of its last turn that is a power of two.
    """

    entries_count: int
    turns_count: int
    span_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Capture:
    """All results of one run.

    Attributes
    ----------
    calls
        How often each of the user's functions was called.
    perturbed_count
        How many arrays were moved by a rounding error; 0 in an ordinary run.
    loops
        Each outermost loop by name, ``loop 'for n in range(nt)'`` or ``step() loop ...``.
    marks
        What is there and is no number: the words of each printed line, files in formats that are not read.
    taken
        Branches that were taken, ``solver.py:12``, where that was asked for.
    machine
        Versions and processor.
    tightened_count, truncated_count
        How many tolerances were made tighter, and how many loops cut short; 0 in an ordinary run.
    """

    observables: Mapping[str, Observable]
    calls: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    perturbed_count: int = 0
    threaded: bool = False
    loops: Mapping[str, Laps] = field(default_factory=lambda: MappingProxyType({}))
    machine: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    marks: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    taken: frozenset[str] = frozenset()
    tightened_count: int = 0
    truncated_count: int = 0

    @property
    def scale(self) -> float:
        """The largest finite number in the arrays: what a rounding error is small against."""
        return max((_largest(item.values) for item in self.observables.values() if item.shape), default=1.0)


def _largest(values: Array) -> float:
    if values.dtype.kind not in "fc" or not values.size:
        return 0.0
    sizes = np.abs(values)
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


_COLUMN = re.compile(r"(?P<table>.*)\[:, (?P<number>\d+)\]", re.DOTALL)


_MEMBER = re.compile(r"(?P<table>.*)\[(?P<row>:|\d+)\](?:\['\w+'\]|\.\w+)", re.DOTALL)


def counterpart(item: Observable, other: Capture, names: Collection[str] = ()) -> Observable | None:
    """The same result of another run; None if it has none.

    A history is a list of tuples, which is seen by columns, or an array of as many rows. A list of objects
    or dicts is seen by the names of what these hold, and may be an array with a column for each, in order.

    Parameters
    ----------
    names
        All results of the run to which the item belongs, in order.
    """
    if (found := other.observables.get(item.name)) is not None:
        return found
    if column := _COLUMN.fullmatch(item.name):
        table, number = other.observables.get(column["table"]), int(column["number"])
        if table is None or table.values.ndim != 2 or number >= table.values.shape[1]:
            return None
        values = table.values[:, number]
        return replace(table, name=item.name, values=values, shape=values.shape)
    if member := _MEMBER.fullmatch(item.name):
        return _of_table(item, member["table"], member["row"], other, names)
    if item.values.ndim != 2:
        return None
    wanted = [f"{item.name}[:, {number}]" for number in range(item.values.shape[1])]
    columns = [other.observables[name].values for name in wanted if name in other.observables]
    if len(columns) != len(wanted) or len({column.shape for column in columns}) != 1:
        return None
    values = np.stack(columns, axis=1)
    return Observable(name=item.name, values=values, shape=values.shape)


def _of_table(
    item: Observable, table: str, row: str, other: Capture, names: Collection[str]
) -> Observable | None:
    """What an object held, in the array that has taken the place of a list of objects."""
    found = other.observables.get(table)
    start = f"{table}[{row}]"
    members = [name for name in names if name.startswith(start) and _MEMBER.fullmatch(name)]
    is_table = found is not None and not found.reduced and found.values.ndim == 2
    if found is None or not is_table or found.values.shape[1] != len(members) or item.name not in members:
        return None
    column = found.values[:, members.index(item.name)]
    if row != ":" and int(row) >= len(column):
        return None
    values = column if row == ":" else column[int(row)]
    return replace(found, name=item.name, values=values, shape=values.shape)


LINES = "stdout"
"""The mark of what was printed."""
TURNS = " turns"
"""Ends the name of a result that is the number of a loop's turns."""
CONSERVED = "conserved "
"""Begins the name of a result that is a quantity the user wants kept."""
_LOOP = re.compile(
    r"(?P<loop>(?:[^\s:]+ )?loop (?:'.*'|\".*\")(?: #\d+)?)\[(?P<turn>\d+)\]:(?P<name>.*)", re.DOTALL
)


def loop_of(name: str) -> tuple[str, int]:
    """Which loop, and which turn of it, does an observable belong to? An empty name for none."""
    found = _LOOP.fullmatch(name)
    return (found["loop"], int(found["turn"])) if found else ("", 0)


def header_in(loop: str) -> str:
    """The loop's first line, from its name: ``for n in range(nt)``."""
    quoted = loop.partition("loop ")[2]
    body, mark, number = quoted.rpartition(" #")
    return str(ast.literal_eval(body if mark and number.isdigit() else quoted))


def function_of(name: str) -> str:
    """Which function does an observable belong to as one of its locals? ``step`` for ``step()[4]:un``."""
    function, mark, _ = name.partition("()[")
    return function if mark and not loop_of(name)[0] else ""


def plain_name(name: str) -> str:
    """Drop the call or the turn: ``step():un`` for ``step()[4]:un``, ``un`` for ``loop '...'[4]:un``."""
    if found := _LOOP.fullmatch(name):
        scope = found["loop"].partition("loop ")[0].strip()
        return f"{scope}:{found['name']}" if scope.endswith("()") else found["name"]
    function, mark, rest = name.partition("()[")
    return f"{function}(){rest[rest.index(']') + 1 :]}" if mark else name
