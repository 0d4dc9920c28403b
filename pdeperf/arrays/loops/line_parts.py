"""Statements and arrays as they look from a line of cells: what goes from line to line together."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.arrays.ir import Buffer, Definition, Index
from pdeperf.arrays.loops.schedule import Schedule
from pdeperf.arrays.program import Kept, Run
from pdeperf.arrays.sizes import Size

Place = tuple[int, int, Size]
"""A dimension of an array, the line axis that goes along it, and where the first line lies."""


@dataclass(slots=True)
class Memory:
    """An array as the lines know it, under whatever names the user's text has for it.

    Attributes
    ----------
    buffer
        The array; its name is what the text calls it.
    is_made
        It is made by these statements.
    lines
        Along which of its dimensions the lines lie; empty if not known, or not at one place.
    is_uniform
        It is written, and is the same for all lines: coefficients.
    is_kept
        Something later reads what is written here.
    is_copied
        Somebody else may hold it, and the statements bind its name to a new array each time: a copy
        is overwritten.
    """

    buffer: Buffer
    is_made: bool
    lines: tuple[Place, ...] = ()
    is_written: bool = False
    is_uniform: bool = False
    is_kept: bool = False
    is_copied: bool = False
    indices: list[tuple[Index, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """Statements that stand one after the other, without a loop or in one; parts of one loop share it.

    Attributes
    ----------
    numbers
        Assignments to numbers, before the arrays.
    elements
        What these read of arrays: what the text calls it, the array's number, and where.
    memories
        Which array each buffer of the run is.
    axes
        For each nest, which line axis each of its axes is; others go along the lines. Empty for
        what is the same for all lines.
    """

    run: Run
    loop: ast.For | None
    counter: str
    schedule: Schedule
    numbers: list[Kept] = field(default_factory=list)
    elements: list[tuple[str, int, tuple[Index, ...]]] = field(default_factory=list)
    memories: dict[Buffer, int] = field(default_factory=dict)
    axes: list[dict[int, int]] = field(default_factory=list)

    def definitions(self) -> Iterator[tuple[int, Definition]]:
        """Each definition with its nest's number."""
        for number, nest in enumerate(self.schedule.nests):
            for step in nest.steps:
                assert isinstance(step, Definition)
                yield number, step


@dataclass(slots=True)
class Lines:
    """Parts that go over the lines together.

    Attributes
    ----------
    counts
        Number of lines along each line axis.
    before
        Numbers that are computed first, once for all lines.
    names
        What the user's names stand for after them: an array's number.
    forgotten
        Names that the user's statements bind and that nothing later reads.
    """

    parts: list[Part]
    memories: list[Memory]
    counts: tuple[Size, ...]
    before: list[Kept]
    names: dict[str, int]
    forgotten: frozenset[str]


def by_loop(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Parts that share a loop, and each of the others by itself."""
    group: list[Part] = []
    for part in parts:
        if group and (part.loop is None or part.loop is not group[0].loop):
            yield group
            group = []
        group.append(part)
    if group:
        yield group
