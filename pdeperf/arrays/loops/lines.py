"""Recurrences side by side: statements and loops of which each line of cells is computed by itself.

``for k: right[:, :, k] = (d - a * right[:, :, k - 1]) * pivot`` goes through memory in the largest steps
there are, once for every ``k``, and the sweep back does so again. No line ``[i, j, :]`` needs another
one: a few lines go through all statements and loops together, then the next few.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Buffer, Definition, Index, Read
from pdeperf.arrays.loops.carried import NoLines, in_place
from pdeperf.arrays.loops.line_numbers import are_known_in_time, is_number, numbers_of, paths_in, texts_of
from pdeperf.arrays.loops.line_parts import Lines, Memory, Part, Place
from pdeperf.arrays.loops.real_inputs import inputs, real_inputs
from pdeperf.arrays.loops.schedule import Recompute, Schedule, scheduled
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.arrays.sizes import Size, Sizes, roots


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands outside of a loop, or in one, and the names that are read after it."""

    loop: ast.For | None
    inner: list[Run | Kept]
    live: frozenset[str]


def lines_at(
    items: Sequence[Item], names: Names, sizes: Sizes, recompute: Recompute
) -> tuple[Lines, int] | None:
    """The lines that a block's items begin with, and how many items they are; as many as go together."""
    found: list[_Piece] = []
    for item in items:
        if (piece := _piece(item, names)) is None or (not found and isinstance(item, Kept)):
            break
        found.append(piece)
    while any(piece.loop is not None for piece in found):
        if not isinstance(items[len(found) - 1], Kept):
            try:
                return _Finder(found, names, sizes, recompute).lines(), len(found)
            except NoLines:
                pass
        found.pop()
    return None


def _piece(item: Item, names: Names) -> _Piece | None:
    """Array statements and numbers, or a loop over a range of nothing else."""
    loop: ast.For | None = None
    inner: list[Item] = [item]
    live = item.live if isinstance(item, Run) else frozenset[str]()
    match item:
        case Nested(
            statement=ast.For(
                target=ast.Name(), iter=ast.Call(func=ast.Name() as function, keywords=[]), orelse=[]
            ) as loop,
            blocks=blocks,
            live=frozenset() as live,
        ) if names.called(function) == "builtins.range":
            inner = [
                each for each in blocks.get("body", []) if not (isinstance(each, Run) and not each.steps)
            ]
    found: list[Run | Kept] = []
    for each in inner:
        match each:
            case Run() if not each.reduced and all(isinstance(step, Definition) for step in each.steps):
                found.append(each)
            case Kept() if is_number(each, names):
                found.append(each)
            case _:
                return None
    return _Piece(loop, found, live)


class _Finder:
    """Finds out whether some parts go line by line.

    Raises
    ------
    NoLines
        If they do not, or it is not known.
    """

    def __init__(self, found: Sequence[_Piece], names: Names, sizes: Sizes, recompute: Recompute) -> None:
        self._names, self._sizes, self._recompute = names, sizes, recompute
        self._memories: list[Memory] = []
        self._env: dict[str, int] = {}
        self._bound: set[str] = set()
        self._parts: list[Part] = []
        for piece in found:
            for part in self._parts_of(piece):
                self._parts.append(part)
        self._after = found[-1].live
        self._before: list[Kept] = []
        if self._parts[0].loop is None:
            self._before = self._parts[0].numbers
            self._parts[0].numbers, self._parts[0].elements = [], []

    def _parts_of(self, piece: _Piece) -> Iterator[Part]:
        numbers: list[Kept] = []
        loop = piece.loop
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and loop.target.id in piece.live:
            raise NoLines("the counter is read later")
        for each in piece.inner:
            if isinstance(each, Run):
                yield self._scheduled(each, loop, [*numbers, *each.before])
                numbers = []
            else:
                numbers.append(each)
        if numbers:
            yield self._scheduled(Run(), loop, numbers)

    def lines(self) -> Lines:
        """The lines."""
        counts = self._counts()
        self._note_places(counts)
        for part in self._parts:
            self._check_places(part, counts)
        self._check_numbers()
        after = self._bound_after()
        for name, number in after.items():
            self._memories[number].is_kept = True
            if not self._memories[number].is_made:
                raise NoLines(f"`{name}` becomes another name of an array")
        for memory in self._memories:
            memory.is_kept = memory.is_kept or not (memory.is_made or memory.is_copied)
        forgotten = frozenset(self._bound - after.keys())
        return Lines(self._parts, self._memories, counts, self._before, after, forgotten)

    def _bound_after(self) -> dict[str, int]:
        """Names that the parts have bound and something later reads."""
        return {
            name: number for name, number in self._env.items() if name in self._bound and name in self._after
        }

    # What stands where

    def _memory(self, buffer: Buffer, *, is_made: bool) -> int:
        self._memories.append(Memory(buffer, is_made))
        return len(self._memories) - 1

    def _known(self, name: str, buffer: Buffer) -> int:
        """The array that a name stands for when a run begins."""
        if name not in self._env:
            self._env[name] = self._memory(buffer, is_made=False)
        return self._env[name]

    def _scheduled(self, run: Run, loop: ast.For | None, numbers: list[Kept]) -> Part:
        """A run with its loops, and which array each of its buffers is."""
        elements = list(self._elements(numbers))
        memories = {buffer: self._known(name, buffer) for name, buffer in run.entry.items()}
        if loop is not None:
            run, reused = in_place(run, self._sizes)
            for name, buffer in run.entry.items():
                if buffer in reused:
                    self._overwrite(memories[buffer], name)
        schedule = scheduled(run, self._sizes, recompute=self._recompute)
        if schedule.doubled:
            raise NoLines("cells read what other cells of one statement overwrite")
        for step in run.steps:
            assert isinstance(step, Definition)
            if step.target.buffer not in memories:
                memories[step.target.buffer] = self._memory(step.target.buffer, is_made=True)
        if any(each.version.buffer not in memories for step in run.steps for each in inputs(step)):
            raise NoLines("components of arrays")
        if any(buffer.array != buffer for buffer in memories):
            raise NoLines("components of arrays")
        for name, view in run.names.items():
            self._bound.add(name)
            self._env.pop(name, None)
            if name not in run.live:
                continue
            if not view.is_whole or view.buffer not in memories:
                raise NoLines(f"`{name}` stands for part of an array")
            self._env[name] = memories[view.buffer]
        counter = loop.target.id if loop is not None and isinstance(loop.target, ast.Name) else ""
        return Part(run, loop, counter, schedule, numbers, elements, memories)

    def _overwrite(self, number: int, name: str) -> None:
        """Keep what a name is bound to anew in its array of before: a copy, if others may hold that."""
        memory = self._memories[number]
        if memory.is_made or memory.is_copied:
            return
        memory.is_copied = True
        if self._names.scope.resolve(name) is not self._names.scope:
            raise NoLines(f"`{name}` is bound anew, and seen elsewhere")
        for part in self._parts:
            if any(part.memories[step.target.buffer] == number for _, step in part.definitions()):
                raise NoLines(f"`{name}` changes before it is bound anew")

    def _elements(self, numbers: Sequence[Kept]) -> Iterator[tuple[str, int, tuple[Index, ...]]]:
        """The elements of arrays that numbers are made of."""
        for kept in numbers:
            for node in ast.walk(getattr(kept.statement, "value", kept.statement)):
                if not isinstance(node, ast.Subscript) or ast.unparse(node.value).endswith(".shape"):
                    continue
                name = ast.unparse(node.value)
                parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                try:
                    buffer = self._names.array(node.value, self._sizes)
                    places = [self._names.integer(each) for each in parts]
                except Unliftable as problem:
                    raise NoLines(str(problem)) from problem
                if buffer is None or len(places) != len(buffer.shape):
                    raise NoLines(f"`{ast.unparse(node)}` is not an element of an array")
                yield name, self._known(name, buffer), tuple(Index(None, 1, place) for place in places)

    # Which axes count lines

    def _counts(self) -> tuple[Size, ...]:
        """Number of lines along each line axis: the boxes of what the loops compute."""
        boxes = [nest.counts for part in self._parts if part.loop is not None for nest in part.schedule.nests]
        boxes = [box for box in boxes if box]
        if not boxes:
            raise NoLines("no line")
        for box in boxes[1:]:
            if len(box) != len(boxes[0]) or not all(map(self._sizes.equal, box, boxes[0])):
                raise NoLines("statements about other lines")
        return tuple(self._sizes.plain(size) for size in boxes[0])

    def _note_places(self, counts: tuple[Size, ...]) -> None:
        """Along which dimensions of what is written the lines lie, and which axes of the nests they are."""
        for part in self._parts:
            identity = dict(enumerate(range(len(counts))))
            is_known = [part.loop is not None and bool(nest.counts) for nest in part.schedule.nests]
            part.axes = [dict(identity) if known else {} for known in is_known]
            for _, step in part.definitions():
                self._memories[part.memories[step.target.buffer]].is_written = True
        while sum(self._learned(part, len(counts)) for part in self._parts):
            pass
        for part in self._parts:
            for number, step in part.definitions():
                if part.axes[number]:
                    continue
                if len(step.counts) > 1:
                    raise NoLines("statements about other cells")
                self._memories[part.memories[step.target.buffer]].is_uniform = True

    def _learned(self, part: Part, count: int) -> bool:
        """Something new about places or axes in a part?"""
        is_new_here = False
        for number, step in part.definitions():
            touched = [(step.target, step.index)]
            touched += [(each.version, each.index) for each in _inputs(step, part.schedule)]
            for version, index in touched:
                if version.buffer not in part.memories:
                    continue
                memory = self._memories[part.memories[version.buffer]]
                if not memory.is_written:
                    continue
                axes = part.axes[number]
                if memory.lines and len(axes) < count:
                    found = {index[dim].axis: line for dim, line, _ in memory.lines}
                    known = {axis: line for axis, line in found.items() if axis is not None}
                    if len(known) == count:
                        part.axes[number] = known
                        is_new_here = True
                elif not memory.lines and len(axes) == count:
                    memory.lines = _places(index, axes, self._sizes)
                    is_new_here = is_new_here or bool(memory.lines)
        return is_new_here

    def _check_places(self, part: Part, counts: tuple[Size, ...]) -> None:
        """Does every cell touch only its own line of what is written?"""
        for number, nest in enumerate(part.schedule.nests):
            for axis, line in part.axes[number].items():
                if not self._sizes.equal(nest.counts[axis], counts[line]):
                    raise NoLines("statements about other lines")
        for _, array, index in part.elements:
            self._check_place(self._memories[array], index, {})
        for number, step in part.definitions():
            axes = part.axes[number]
            touched = [(step.target.buffer, step.index)]
            touched += [(each.version.buffer, each.index) for each in _inputs(step, part.schedule)]
            for buffer, index in touched:
                self._check_place(self._memories[part.memories[buffer]], index, axes)

    def _check_place(self, memory: Memory, index: tuple[Index, ...], axes: Mapping[int, int]) -> None:
        """Is what is read or written a line's own, or the same for all lines?"""
        if any(each.modulus is not None for each in index):
            raise NoLines("cells around the end")
        memory.indices.append(index)
        places = _places(index, axes, self._sizes)
        if memory.is_uniform:
            if any(each.axis in axes for each in index):
                raise NoLines("an array is both the same and not the same for all lines")
        elif memory.is_written:
            if not places or places != memory.lines:
                raise NoLines("a line reads another one")
        elif len(memory.indices) == 1:
            memory.lines = places
        elif not _are_alike(places, memory.lines):
            memory.lines = ()

    def _check_numbers(self) -> None:
        """Do numbers and bounds stay what they are while other lines are computed?"""
        counters = {each.counter for each in self._parts if each.counter}
        numbers = numbers_of(self._parts)
        sizes = [size for part in self._parts for nest in part.schedule.nests for size in nest.counts]
        sizes += [place[2] for memory in self._memories for place in memory.lines]
        for size in sizes:
            if (counters | numbers) & roots(str(self._sizes.plain(size))):
                raise NoLines("lines that change with the counter")
        written = self._names_written()
        for part in self._parts:
            texts = texts_of(part)
            if any(written & paths_in(text) for text in texts):
                raise NoLines("a number is read from an array that changes")
            if any(roots(text) & (counters - {part.counter}) for text in texts):
                raise NoLines("another loop's counter")
        if not are_known_in_time(self._parts):
            raise NoLines("a number of the lines before is read")

    def _names_written(self) -> set[str]:
        """All names that stand for an array that is written."""
        found: set[str] = set(self._bound)
        for part in self._parts:
            for name, buffer in part.run.entry.items():
                if self._memories[part.memories[buffer]].is_written:
                    found.add(name)
        return found


def _inputs(step: Definition, schedule: Schedule) -> Iterator[Read]:
    return real_inputs(step, schedule.virtual)


def _places(index: tuple[Index, ...], axes: Mapping[int, int], sizes: Sizes) -> tuple[Place, ...]:
    """Where the lines lie in an array that is read or written at an index; nothing unless all do, once."""
    found = [
        (dim, axes[each.axis], sizes.plain(each.offset))
        for dim, each in enumerate(index)
        if each.axis is not None and each.axis in axes
    ]
    if any(index[dim].step != 1 or index[dim].modulus is not None for dim, _, _ in found):
        return ()
    if sorted(line for _, line, _ in found) != list(range(len(axes))):
        return ()
    return tuple(found)


def _are_alike(one: tuple[Place, ...], other: tuple[Place, ...]) -> bool:
    """Do the lines lie along the same dimensions?"""
    return [place[:2] for place in one] == [place[:2] for place in other]
