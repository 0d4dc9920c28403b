"""How several steps of a time loop fit into a tile: what a step changes, and how far it reaches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Buffer, Definition, Index, Read, Reduction, Version
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.arrays.loops.schedule import Nest, Schedule
from pdeperf.arrays.program import Run
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.values import View

_STEPS = {1: 4, 2: 4, 3: 2, 4: 2}
"""How many steps a tile takes, by how far one reaches, both ways together."""


@dataclass(frozen=True, slots=True)
class State:
    """An array that a step changes: its name, what it holds first and what it holds then."""

    name: str
    buffer: Buffer
    final: Version


def states_of(run: Run, sizes: Sizes) -> list[State]:
    """The arrays that a step hands on to the next.

    Raises
    ------
    Unliftable
        If a name stands for something that the step before did not have.
    """
    last: dict[Buffer, int] = {}
    for step in run.steps:
        if isinstance(step, Definition):
            last[step.target.buffer] = step.target.number
    found: list[State] = []
    for name, buffer in run.entry.items():
        view = run.names.get(name, View.whole(buffer))
        final = Version(view.buffer, last.get(view.buffer, 0))
        if final == Version(buffer):
            continue
        alike = view.is_whole and view.buffer.dtype == buffer.dtype and len(view.shape) == len(buffer.shape)
        if not alike or not all(map(sizes.equal, view.shape, buffer.shape)):
            raise Unliftable(f"`{name}` becomes another kind of array")
        found.append(State(name, buffer, final))
    return found


@dataclass(slots=True)
class Part:
    """What a definition needs to know about its place.

    Attributes
    ----------
    near
        How far it reads in tiles: per dimension, down and up.
    """

    step: Definition
    near: list[tuple[int, int]]


@dataclass(slots=True)
class Phase:
    """Definitions that need no wait between them, and the tiles that they read and fill."""

    parts: list[Part]
    reads: set[Version] = field(default_factory=set)
    fills: list[Version] = field(default_factory=list)


class TilePlan:
    """The steps of a run, as a tile takes them.

    Attributes
    ----------
    states
        The arrays that a step hands on to the next.
    new
        Names of arrays that each step makes anew, and that somebody may look at after it.
    own
        Every array that a step sets.
    modulus
        The axes along which all arrays go around, and their length.
    phases
        The definitions in order.
    tiled
        Versions that are read beside their own cell.
    reach
        How far a step's results depend on what was there before, per dimension, down and up.
    steps_count
        How many steps are taken together.
    numbers
        What each step makes of its cells, by the values at the cells.

    Raises
    ------
    Unliftable
        If the steps cannot be taken in tiles.
    """

    def __init__(self, run: Run, schedule: Schedule, sizes: Sizes) -> None:
        self.virtual, self._sizes = schedule.virtual, sizes
        self.states = states_of(run, sizes)
        if any(state.final in self.virtual for state in self.states):
            raise Unliftable("a name that nobody reads gets an array")
        self.new = frozenset(run.live & run.names.keys() - run.entry.keys())
        self.own = {step.target.buffer for step in run.steps if isinstance(step, Definition)}
        self.own |= {state.buffer for state in self.states}
        self.modulus: dict[int, Size] = {}
        self.numbers: dict[Version, Reduction] = {}
        self.phases = [phase for nest in schedule.nests for phase in self._phases_of(nest)]
        self.tiled = self._find_tiles()
        self.reach = self._reached()
        across = max(down + up for down, up in self.reach)
        if across not in _STEPS:
            raise Unliftable("a step reaches too far, or nowhere")
        self.steps_count = _STEPS[across]

    @property
    def parts(self) -> list[Part]:
        """The definitions, in order."""
        return [part for phase in self.phases for part in phase.parts]

    def _phases_of(self, nest: Nest) -> Iterator[Phase]:
        """A nest's definitions; a wait where one reads what another has just put into another cell."""
        phase = Phase([])
        for step in nest.steps:
            part = self._part(step)
            made = {other.step.target for other in phase.parts}
            if any(
                each.version in made and any(self.delta(part.step, each))
                for each in real_inputs(part.step, self.virtual)
            ):
                yield phase
                phase = Phase([])
            phase.parts.append(part)
        yield phase

    def _part(self, step: object) -> Part:
        """How a definition lies in the tile.

        Raises
        ------
        Unliftable
            If its cells, or what it reads, do not lie beside one another in all arrays.
        """
        if isinstance(step, Reduction):
            step = self._cells_of(step)
        assert isinstance(step, Definition)
        if len(step.index) != 2 or any(each.modulus is not None or each.step != 1 for each in step.index):
            raise Unliftable("arrays of another shape")
        near = [(0, 0), (0, 0)]
        for each in real_inputs(step, self.virtual):
            if each.version.buffer in self.own:
                for axis, delta in enumerate(self.delta(step, each, note=True)):
                    low, high = near[axis]
                    near[axis] = max(low, -delta), max(high, delta)
        return Part(step, near)

    def _cells_of(self, step: Reduction) -> Definition:
        """What a number is made of, at each cell of an array that the step changes.

        Raises
        ------
        Unliftable
            If it is no number of such cells.
        """
        for each in real_inputs(step, self.virtual):
            plain = all(place.axis is not None and place.modulus is None for place in each.index)
            if each.version.buffer in self.own and plain and len(each.index) == len(step.counts) == 2:
                index = tuple(Index(place.axis, 1, place.offset) for place in each.index)
                buffer = Buffer(
                    f"{step.name}_cells", each.version.buffer.shape, step.dtype, is_temporary=True
                )
                target = Version(buffer, 1)
                self.numbers[target] = step
                if len({number.dtype for number in self.numbers.values()}) > 1:
                    raise Unliftable("numbers of several types are made in every step")
                return Definition(target, step.counts, index, step.expr, None, step.lines)
        raise Unliftable("a number is made in every step")

    def delta(self, step: Definition, each: Read, *, note: bool = False) -> tuple[int, int]:
        """How far from the cell that is defined an element stands."""
        found: list[int] = []
        if len(step.index) != len(each.index):
            raise Unliftable(f"`{each.version.buffer.name}` has other axes")
        for axis, (mine, theirs) in enumerate(zip(step.index, each.index, strict=True)):
            if mine.axis != theirs.axis or theirs.step != 1:
                raise Unliftable(f"`{each.version.buffer.name}` is read across")
            far = theirs.offset - mine.offset
            if theirs.modulus is not None and theirs.axis is not None:
                whole = self._sizes.equal(step.counts[theirs.axis], theirs.modulus)
                if not whole or self._sizes.plain(far) != Size() or self._sizes.plain(mine.offset) != Size():
                    raise Unliftable("part of an array is rolled")
                if note:
                    self._note_ring(axis, theirs.modulus)
                far = theirs.shift
            far = self._sizes.plain(far)
            if not far.is_const:
                raise Unliftable(f"`{each.version.buffer.name}` is read far away")
            found.append(far.const)
        return found[0], found[1]

    def _note_ring(self, axis: int, modulus: Size) -> None:
        """Along an axis all arrays go around, and are of one length."""
        self.modulus[axis] = modulus
        for buffer in self.own:
            if len(buffer.shape) != 2 or not self._sizes.equal(buffer.shape[axis], modulus):
                raise Unliftable("rolled arrays of several sizes")

    def _find_tiles(self) -> list[Version]:
        """Versions that are read beside their own cell; where phases read and fill them."""
        found: dict[Version, None] = {}
        for phase in self.phases:
            for part in phase.parts:
                for each in real_inputs(part.step, self.virtual):
                    if each.version.buffer in self.own and any(self.delta(part.step, each)):
                        found[each.version] = None
                        phase.reads.add(each.version)
        for phase in self.phases:
            phase.fills = [part.step.target for part in phase.parts if part.step.target in found]
        return [*found]

    def _reached(self) -> list[tuple[int, int]]:
        """How far a step's results depend on what was there before, per dimension, down and up."""
        reach: dict[Version, list[tuple[int, int]]] = {}
        none = [(0, 0), (0, 0)]
        for phase in self.phases:
            for part in phase.parts:
                mine = reach.get(part.step.base, none)
                for each in real_inputs(part.step, self.virtual):
                    if each.version.buffer not in self.own:
                        continue
                    theirs = reach.get(each.version, none)
                    mine = [
                        (max(low, down - delta), max(high, up + delta))
                        for (low, high), (down, up), delta in zip(
                            mine, theirs, self.delta(part.step, each), strict=True
                        )
                    ]
                reach[part.step.target] = mine
        ends = [reach.get(state.final, none) for state in self.states] or [none]
        far = [(max(end[axis][0] for end in ends), max(end[axis][1] for end in ends)) for axis in (0, 1)]
        for target in self.numbers:
            if any(
                mine[side] > far[axis][side] for axis, mine in enumerate(reach[target]) for side in (0, 1)
            ):
                raise Unliftable("a number is made of cells that lie further away")
        return far


def waits_before(phases: Sequence[tuple[set[Version], set[Version]]]) -> list[bool]:
    """Before which phases, by what they read and fill, threads have to wait for one another."""
    waits: list[bool] = []
    was_read: set[Version] = set()
    was_filled: set[Version] = set()
    for _ in range(3):  # what the step before has left is known the second time
        waits = []
        for reads, fills in phases:
            must = bool(reads & was_filled or fills & was_read)
            waits.append(must)
            if must:
                was_read, was_filled = set(), set()
            was_read |= reads
            was_filled |= fills
    return waits
