"""Arrays updated where they stand by way of a few rows of new values, each stored when its time has come.

A stencil that replaces its own array needs the old values of the row before; a second array and a copy
back cost two more passes over memory, a few rows in the cache cost nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pdeperf.arrays.ir import Buffer, Definition, Read
from pdeperf.arrays.loops.printing import subscripted
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.arrays.loops.schedule import Nest, Schedule
from pdeperf.arrays.sizes import Size, Sizes

_MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Rolling:
    """How one array is updated by rows.

    Attributes
    ----------
    home
        The array.
    rows
        An array of ``lag + 1`` rows of new values.
    lag
        So many rows later a row is stored.
    first
        An array for the first row, which the last one reads around the end; empty if it does not.
    """

    home: str
    rows: str
    lag: int
    first: str = ""

    def ring(self, row: str) -> str:
        """Where a row stands among the rows, as the beginning of a subscript."""
        place = row if row.isidentifier() else f"({row})"
        return f"{place} % {self.lag + 1}, " if self.lag else ""

    def stored(self, axis: str, start: Size, inner: Sequence[str], loops: Sequence[str]) -> list[str]:
        """After a row was computed: store the row that nothing needs any more.

        Parameters
        ----------
        axis
            Counter of the rows.
        inner
            Counters of the other dimensions, and
        loops
            the first lines of their loops.
        """
        row = str(Size.of(axis) - self.lag)
        to_home = self._copied(subscripted(self.home, [row, *inner]), row, inner, loops)
        if self.first:
            to_first = self._copied(f"{self.first}[{', '.join(inner)}]", row, inner, loops)
            lines = [f"if {axis} > {self.lag}:", *_deeper(to_home)]
            return [*lines, f"{'elif' if self.lag else 'else'}{self._is_first(axis)}:", *_deeper(to_first)]
        if not self.lag:
            return to_home
        return [f"if {axis} >= {start + self.lag}:", *_deeper(to_home)]

    def _is_first(self, axis: str) -> str:
        return f" {axis} == {self.lag}" if self.lag else ""

    def finished(
        self, axis: str, start: Size, stop: Size, inner: Sequence[str], loops: Sequence[str]
    ) -> list[str]:
        """After the last row was computed: store what is left."""
        lines: list[str] = []
        if self.lag:
            lines.append(f"for {axis} in range(max({stop - self.lag}, {start}), {stop}):")
            place = subscripted(self.home, [axis, *inner])
            lines += _deeper(self._copied(place, axis, inner, loops))
        if self.first:
            lines.append(f"if {stop} > {self.lag}:")
            copied = f"{subscripted(self.home, ['0', *inner])} = {self.first}[{', '.join(inner)}]"
            lines += _deeper(_nested(loops, copied))
        return lines

    def _copied(self, place: str, row: str, inner: Sequence[str], loops: Sequence[str]) -> list[str]:
        return _nested(loops, f"{place} = {self.rows}[{self.ring(row)}{', '.join(inner)}]")


def lag_of(
    nest: Nest, step: Definition, following: Sequence[Nest], schedule: Schedule, sizes: Sizes
) -> tuple[int, bool] | None:
    """How much later a row may be stored, and whether the last row reads the first; None if it cannot be.

    Parameters
    ----------
    following
        The nests after it.
    """
    rows = step.index[0]
    if len(step.index) < 2 or any(
        index.axis != axis or index.step != 1 for axis, index in enumerate(step.index)
    ):
        return None
    if any(each.version == step.base for other in following for each in _inputs(other, schedule)):
        return None
    if sum(_buffer(other) == step.target.buffer for other in nest.steps) != 1:
        return None
    if step.index != getattr(nest.steps[0], "index", None):
        return None  # the counters are those of the first array's cells
    for other in nest.steps:
        axes = [index.axis for index in getattr(other, "index", ()) if index.axis is not None]
        if axes != sorted(axes):
            return None
    lag, reads_first = 0, False
    for each in _inputs(nest, schedule):
        if each.version != step.base:
            continue
        index = each.index[0]
        if index.axis != 0 or index.step != 1 or any(part.axis == 0 for part in each.index[1:]):
            return None
        offset = sizes.plain(index.offset - rows.offset)
        if index.modulus is not None:
            whole = sizes.equal(index.modulus, nest.counts[0]) and rows.offset == Size()
            offset = sizes.plain(index.shift + index.offset)
            if not whole or index.offset != Size() or not offset.is_const or abs(offset.const) > 1:
                return None
            reads_first = reads_first or offset.const > 0
        if not offset.is_const or -offset.const > _MOST_ROWS:
            return None
        lag = max(lag, -offset.const)
    return lag, reads_first


def row_buffer(name: str, like: Buffer, lag: int) -> Buffer:
    """An array of as many rows as are kept."""
    rows = (Size(lag + 1), *like.shape[1:]) if lag else like.shape[1:]
    return Buffer(name, rows, like.dtype, is_temporary=True)


def _inputs(nest: Nest, schedule: Schedule) -> list[Read]:
    return [each for step in nest.steps for each in real_inputs(step, schedule.virtual)]


def _buffer(step: object) -> Buffer | None:
    return step.target.buffer if isinstance(step, Definition) else None


def _nested(loops: Sequence[str], inner: str) -> list[str]:
    steps = [f"{'    ' * depth}{loop}" for depth, loop in enumerate(loops)]
    return [*steps, f"{'    ' * len(loops)}{inner}"]


def _deeper(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
