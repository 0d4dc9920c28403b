"""Rows that are read around their end, copied with their neighbours on either side.

The loop over such a row has no edge: what would stand there a second time is one line for each row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pdeperf.arrays.ir import Counter, Expr, Index, Read, Version, reads, walk
from pdeperf.arrays.loops.printing import Axes, subscripted
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.arrays.loops.schedule import Nest, Schedule
from pdeperf.arrays.paths import plain
from pdeperf.arrays.sizes import Size, Sizes

WITH_HALO = '''@njit(cache=True, error_model="numpy")
def with_halo(row, before, after):
    """A periodic row with its last cells in front of it and its first ones behind."""
    n = row.size
    wide = np.empty(before + n + after, dtype=row.dtype)
    inside = wide[before : before + n]
    for j in range(n):
        inside[j] = row[j]
    for j in range(before - 1, -1, -1):
        wide[j] = wide[j + n]
    for j in range(before + n, before + n + after):
        wide[j] = wide[j - n]
    return wide
'''
LEAST_LINES = 16
"""A cell of fewer lines is written twice, for the inside and for the edges: that copies nothing."""

Row = tuple[Version, int, tuple[Index, ...]]
"""A version, its dimension along the row, and the places in the others."""


@dataclass(slots=True)
class _Halo:
    """A copied row: its name, and how many neighbours stand before and after it."""

    name: str
    before: int = 0
    after: int = 0


class HaloRows:
    """The rows of one inner loop over a periodic axis.

    Parameters
    ----------
    fresh
        Makes a new name from a stem.

    Attributes
    ----------
    made
        The copies by name, and their element types.
    """

    def __init__(self, fresh: Callable[[str], str]) -> None:
        self._fresh = fresh
        self._rows: dict[Row, _Halo] = {}
        self._axis = -1
        self.made: dict[str, str] = {}

    def take(self, nest: Nest, schedule: Schedule, axis: int, sizes: Sizes) -> bool:
        """Note which rows a nest reads around the end of an axis; are they all that does?"""
        self._rows.clear()
        self._axis = axis
        if any(_counts_around(step.expr, schedule) for step in nest.steps):
            return False
        for step in nest.steps:
            for each in real_inputs(step, schedule.virtual):
                if not any(index.axis == axis and index.modulus is not None for index in each.index):
                    continue
                row = _row(each, axis)
                if row is None:
                    return False
                index = each.index[row[1]]
                shift = sizes.plain(index.shift)
                whole = index.modulus is not None and sizes.equal(
                    index.modulus, each.version.buffer.shape[row[1]]
                )
                if not (whole and shift.is_const and index.offset == Size() and index.step == 1):
                    return False
                if row not in self._rows:
                    own = self._fresh(f"{plain(each.version.buffer.name)}_row")
                    self._rows[row] = _Halo(own)
                halo = self._rows[row]
                halo.before = max(halo.before, -shift.const)
                halo.after = max(halo.after, shift.const)
        return bool(self._rows)

    def pays(self, cell_lines: int, *, in_vectors: bool) -> bool:
        """Are the copies less to read than the cell once more?

        Loops that become vectors lose more by each copy (lattice Boltzmann, 6 rows and 61 lines: three times
        slower; Euler with limiters, 4 and 128: a quarter faster).
        """
        return cell_lines >= max(LEAST_LINES, (16 if in_vectors else 3) * len(self._rows))

    def lines(self, axes: Axes, slot: Callable[[Version], str]) -> Iterator[str]:
        """What makes the copies, before the loop over the row."""
        for (version, along, index), halo in self._rows.items():
            places = [":" if place == along else axes.index(each) for place, each in enumerate(index)]
            array = slot(version)
            while (
                not array.endswith("]") and places[-1] == ":" and len(places) > 1 and ":" not in places[:-1]
            ):
                places.pop()
            row = subscripted(array, places)
            self.made[halo.name] = version.buffer.dtype
            yield f"{halo.name} = with_halo({row}, {halo.before}, {halo.after})"

    def element(self, each: Read, axes: Axes) -> str | None:
        """An element of a copied row; None if it is not one."""
        row = _row(each, self._axis)
        halo = self._rows.get(row) if row is not None else None
        if row is None or halo is None:
            return None
        index = each.index[row[1]]
        if index.modulus is None and (index.offset != Size() or index.step != 1):
            return None
        place = Size.of(axes.names[self._axis]) + axes.plain(index.shift + halo.before)
        return f"{halo.name}[{place}]"


def _row(each: Read, axis: int) -> Row | None:
    """The row of memory that an element stands in."""
    along = [place for place, index in enumerate(each.index) if index.axis == axis]
    if len(along) != 1:
        return None
    others = tuple(Index() if place == along[0] else index for place, index in enumerate(each.index))
    return each.version, along[0], others


def _counts_around(expr: Expr, schedule: Schedule) -> bool:
    """Is the number of a cell itself used, here or in a temporary that is computed here?"""
    found, seen = [expr], set[Version]()
    while found:
        here = found.pop()
        if any(isinstance(leaf, Counter) for leaf in walk(here)):
            return True
        for each in reads(here):
            if each.version in schedule.virtual and each.version not in seen:
                seen.add(each.version)
                found.append(schedule.virtual[each.version].expr)
    return False
