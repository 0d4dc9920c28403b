"""Lines side by side as Python text: a few at a time, in small arrays where memory has them far apart."""

import ast
import copy
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Buffer, Definition, Index, Reduction, Version
from pdeperf.arrays.loops.coverage import covered, same_for_all
from pdeperf.arrays.loops.line_parts import Lines, Memory, Part, by_loop
from pdeperf.arrays.loops.line_room import has_room
from pdeperf.arrays.loops.nests import NestWriter
from pdeperf.arrays.loops.printing import Axes, SideBySide
from pdeperf.arrays.loops.run_writer import RunWriter
from pdeperf.arrays.loops.schedule import Nest, Schedule
from pdeperf.arrays.program import Kept, Run
from pdeperf.arrays.sizes import Size

if TYPE_CHECKING:
    from pdeperf.arrays.loops.write import Writer

Text = list[str]
_STEP = "    "
_FEW, _MANY = 16, 64
"""Lines that are computed side by side: where they are copied next to each other, and where they lie so."""


class LineWriter:
    """Writes statements that go line by line.

    Parameters
    ----------
    private
        Arrays of the user's that hold nothing before these statements, and nothing that is read after.

    Attributes
    ----------
    packed
        The arrays that are copied, a few lines at a time, so that lines lie side by side.
    """

    def __init__(self, writer: "Writer", lines: Lines, private: Collection[str]) -> None:
        self._writer, self._lines = writer, lines
        for memory in lines.memories:
            if memory.buffer.name in private and not memory.is_made:
                memory.is_kept = False
        self._names, self._sizes, self._library = writer._names, writer._sizes, writer._library
        self._rank = len(lines.counts)
        self._vector = self._chosen()
        self._covered = covered(lines, self._names, self._sizes)
        self._alike = same_for_all(lines, self._covered)
        self.packed = [number for number, each in enumerate(lines.memories) if self._is_packed(each)]
        width = _FEW if self.packed else _MANY
        self._width = width
        along = [
            len(nest.counts) - len(axes)
            for part in lines.parts
            for nest, axes in zip(part.schedule.nests, part.axes, strict=True)
        ]
        along += [len(memory.buffer.shape) - len(memory.lines) for memory in lines.memories]
        self.counters = self._names.counters(self._rank + max(along, default=0))
        self._lane = self.counters[self._rank - 1]
        self._extra = self.counters[self._rank :]
        self._starts = self._first_lines()
        self._side_by_side: dict[str, SideBySide] = {}
        self._texts: list[str] = []
        self._homes: list[str] = []
        self._inside: Text = []

    def _chosen(self) -> int:
        """The line axis whose lines are taken together: the one that most arrays have contiguous."""
        votes = [0] * self._rank
        for memory in self._lines.memories:
            for dim, line, _ in memory.lines:
                if dim == len(memory.buffer.shape) - 1:
                    votes[line] += len(memory.indices)
        return max(range(self._rank), key=lambda line: (votes[line], line))

    def _first_lines(self) -> list[Size]:
        """Where the lines begin in the first array that is written."""
        first = next(memory for memory in self._lines.memories if memory.is_written and memory.lines)
        places = {line: start for _, line, start in first.lines}
        return [places[line] for line in range(self._rank)]

    def _dim(self, memory: Memory) -> int:
        """The dimension of an array along which lines lie side by side."""
        return next(dim for dim, line, _ in memory.lines if line == self._vector)

    def _is_packed(self, memory: Memory) -> bool:
        """Are the lines of an array of the user's far apart in memory, and read from end to end?"""
        if not memory.lines or not memory.is_kept or self._dim(memory) == len(memory.buffer.shape) - 1:
            return False
        along = [dim for dim in range(len(memory.buffer.shape)) if dim not in _line_dims(memory)]
        counters = {part.counter for part in self._lines.parts if part.counter}
        if not any(
            index[dim].axis is not None or counters & set(index[dim].offset.symbols)
            for index in memory.indices
            for dim in along
        ):
            return False
        return self._reach(memory) is not None

    def _reach(self, memory: Memory) -> tuple[Size, int] | None:
        """The first of the neighbours that are read, and how many more; None if that is not one stretch."""
        vector = self._dim(memory)
        first = memory.indices[0]
        offsets: list[int] = []
        for index in memory.indices:
            for dim in _line_dims(memory):
                distance = self._sizes.plain(index[dim].offset - first[dim].offset)
                if not distance.is_const or (dim != vector and distance.const):
                    return None
                if dim == vector:
                    offsets.append(distance.const)
        return self._sizes.plain(first[vector].offset + min(offsets)), max(offsets) - min(offsets)

    def text(self) -> Text:
        """The statements' text."""
        there = {each.buffer.name: each.buffer for each in self._lines.memories if not each.is_made}
        before = self._arrays(RunWriter(self._writer, Run(entry=there), Schedule([]), rotate=False))
        names = f"{self._lane}_first", "width"
        self._first, self._lane_count = block, width = [self._names.fresh_plain(name) for name in names]
        small = {number for number in range(len(self._homes)) if self._is_private_or_packed(number)}
        reach = {number: self._reach(self._lines.memories[number]) for number in small}
        neighbours = {number: found[1] if found else 0 for number, found in reach.items()}
        self._is_full = has_room(self._lines, self._vector, neighbours, self._alike)
        self._lane_stop = str(self._width) if self._is_full else width
        body = [*self._copies(is_load=True)]
        for group in by_loop(self._lines.parts):
            body += self._group(group)
        body += self._copies(is_load=False)
        start = self._starts[self._vector]
        stop = self._sizes.plain(start + self._lines.counts[self._vector])
        text = [
            f"for {block} in range({start}, {stop}, {self._width}):",
            f"{_STEP}{width} = min({self._width}, {stop - Size.of(block)})",
            *(_STEP + row for row in body),
        ]
        outer = [each for each in range(self._rank) if each != self._vector]
        for line in reversed(outer):
            start = self._starts[line]
            stop = self._sizes.plain(start + self._lines.counts[line])
            bounds = f"{start}, {stop}" if start != Size() else f"{stop}"
            if line == min(outer):
                text = [*self._inside, *text]
            text = [f"for {self._counter(line)} in range({bounds}):", *(_STEP + row for row in text)]
        first = [row for kept in self._lines.before for row in self._writer._kept(kept)]
        return [*first, *before, *text, *self._names_after()]

    def _counter(self, line: int) -> str:
        outer = [each for each in range(self._rank) if each != self._vector]
        return self._lane if line == self._vector else self.counters[outer.index(line)]

    def _arrays(self, run: RunWriter) -> Text:
        """The arrays that are made, and what each is called in the text."""
        before: Text = []
        taken = {self._writer.current(each.buffer.name) for each in self._lines.memories if not each.is_made}
        for number, memory in enumerate(self._lines.memories):
            buffer = memory.buffer
            name = self._writer.current(buffer.name)
            if memory.is_copied:
                theirs, name = name, self._names.fresh_plain(f"{_stem(buffer.name)}_new")
                before.append(f"{name} = {theirs}.copy()")
            if memory.is_made and (memory.is_kept or memory.is_uniform):
                name = (
                    buffer.name if buffer.name not in taken else self._names.fresh_plain(f"{buffer.name}_new")
                )
                taken.add(name)
                own = replace(buffer, name=name)
                # What outlives the statements is made anew each time: the array of the time before is in use.
                before += run.made(own) if memory.is_kept else self._room(run, own)
            self._homes.append(name)
            if self._is_private_or_packed(number):
                ending = "line" if number in self._alike else "lines"
                name = self._names.fresh_plain(f"{_stem(buffer.name)}_{ending}")
                low, more = self._reach(memory) or (Size(), 0)
                along = tuple(dim for dim in range(len(buffer.shape)) if dim not in _line_dims(memory))
                shape = tuple(buffer.shape[dim] for dim in along)
                lane = "" if number in self._alike else self._lane
                if lane or not shape:
                    shape = (*shape, Size(self._width + more))
                self._side_by_side[name] = SideBySide(along, self._dim(memory), low, lane)
                before += self._room(run, Buffer(name, shape, buffer.dtype, is_temporary=True))
            self._texts.append(name)
        return before

    def _is_private_or_packed(self, number: int) -> bool:
        """Does an array have a few lines' room only?"""
        memory = self._lines.memories[number]
        is_private = not (memory.is_kept or memory.is_copied) and memory.lines and memory.indices
        return bool(is_private) or number in self.packed

    def _room(self, run: RunWriter, buffer: Buffer) -> Text:
        """Makes an array that a few lines need, before all loops.

        Where an outer loop goes over lines too, each of its turns has arrays of its own: so it may
        run on several cores.
        """
        if self._rank == 1:
            return run.allocated(buffer)
        self._inside += run.made(buffer)
        return []

    def _copies(self, *, is_load: bool) -> Iterator[str]:
        """Loops that copy lines side by side, or back; what has the same bounds shares its loops."""
        done: Text = []
        for number in self.packed:
            memory = self._lines.memories[number]
            is_filled = memory.is_made or self._covered.get(number, False)
            if is_filled if is_load else not memory.is_written:
                continue
            loops, cell = self._copy(number, memory, is_load=is_load)
            if loops != done:
                yield from loops
                done = loops
            yield _STEP * len(loops) + cell

    def _copy(self, number: int, memory: Memory, *, is_load: bool) -> tuple[Text, str]:
        """The loops and the assignment that copy the lines of one array."""
        name = self._texts[number]
        place = self._side_by_side[name]
        low, more = self._reach(memory) or (Size(), 0)
        lanes = f"{self._lane_count} + {more}" if more else self._lane_count
        is_padded = is_load and self._is_full
        if is_padded:
            lanes = str(self._width + more)
        loops: Text = []
        here: list[str] = []
        free = iter(self._extra)
        for dim, size in enumerate(memory.buffer.shape):
            line = next((line for at, line, _ in memory.lines if at == dim), None)
            if line is None:
                counter = next(free)
                bound = str(self._sizes.plain(size))
                here.append(counter)
            elif line == self._vector:
                counter, bound = self._lane, lanes
                at = str(Size.of(f"{self._first} + {counter}") + (low - self._starts[line]))
                last = self._sizes.plain(low + self._lines.counts[line] + (more - 1))
                here.append(f"min({at}, {last})" if is_padded else at)
            else:
                shift = self._sizes.plain(memory.indices[0][dim].offset - self._starts[line])
                here.append(str(Size.of(self._counter(line)) + shift))
                continue
            loops.append(f"{_STEP * len(loops)}for {counter} in range({bound}):")
        home = self._homes[number]
        there = [*(here[dim] for dim in place.along), self._lane]
        one, other = f"{name}[{', '.join(there)}]", f"{home}[{', '.join(here)}]"
        return loops, f"{one} = {other}" if is_load else f"{other} = {one}"

    def _group(self, parts: Sequence[Part]) -> Text:
        """Statements without a loop, or a loop."""
        text: Text = []
        for part in parts:
            text += [row for _, row in self._writer.comments(part.run)] if part.run.steps else []
            for kept in part.numbers:
                text += self._number(part, kept)
            for nest, axes in zip(part.schedule.nests, part.axes, strict=True):
                for steps in self._by_kind(part, nest):
                    text += self._nest(part, Nest(steps), axes)
        loop = parts[0].loop
        if loop is None or not text:  # nothing reads what the loop computes
            return text
        return [f"for {parts[0].counter} in {ast.unparse(loop.iter)}:", *(_STEP + row for row in text)]

    def _number(self, part: Part, kept: Kept) -> Text:
        """The assignment of a number, with the names that arrays have here."""
        here = {name: self._texts[number] for name, number, _ in part.elements}
        other = {name: text for name, text in here.items() if text != name}
        if not other:
            return self._writer._kept(kept)
        statement = copy.deepcopy(kept.statement)
        for node in ast.walk(statement):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) in other:
                node.value = ast.parse(other[ast.unparse(node.value)], mode="eval").body
        return ast.unparse(statement).splitlines()

    def _by_kind(self, part: Part, nest: Nest) -> Iterator[list[Definition | Reduction]]:
        """A nest's steps, those that are the same for all lines apart from the others."""
        for _, steps in groupby(nest.steps, lambda step: self._is_alike(part, step)):
            yield list(steps)

    def _is_alike(self, part: Part, step: Definition | Reduction) -> bool:
        return isinstance(step, Definition) and part.memories[step.target.buffer] in self._alike

    def _nest(self, part: Part, nest: Nest, axes: dict[int, int]) -> Text:
        """The statements at the cells of the lines, and of what goes along them."""

        def slot(version: Version) -> str:
            return self._texts[part.memories[version.buffer]]

        writer = NestWriter(
            nest, part.schedule, self._sizes, self._library, self.counters, slot, self._names.fresh_plain
        )
        free = iter(self._extra)
        names: dict[int, str] = {}
        starts: dict[int, Size] = {}
        loops: Text = []
        for axis, size in enumerate(nest.counts):
            if axis in axes:
                line = axes[axis]
                is_vector = line == self._vector
                names[axis] = f"{self._first} + {self._lane}" if is_vector else self._counter(line)
                starts[axis] = self._starts[line]
                continue
            names[axis] = next(free)
            starts[axis] = _start(nest, axis)
            start, stop = starts[axis], self._sizes.plain(starts[axis] + size)
            bounds = f"{start}, {stop}" if start != Size() else f"{stop}"
            loops.append(f"{_STEP * len(loops)}for {names[axis]} in range({bounds}):")
        writer.axes = Axes(names, starts, self._sizes)
        writer.side_by_side = self._side_by_side
        cell = writer.cell()
        if axes and not self._is_alike(part, nest.steps[0]):
            same, cell = _apart(cell, self._lane)
            depth = _STEP * len(loops)
            loops += [*(depth + row for row in same), f"{depth}for {self._lane} in range({self._lane_stop}):"]
            return [*loops, *(f"{depth}{_STEP}{row}" for row in cell)]
        return [*loops, *(_STEP * len(loops) + row for row in cell)]

    def _names_after(self) -> Text:
        """The assignments that make the user's names stand for the new arrays."""
        pairs: list[tuple[str, str]] = []
        for name, number in self._lines.names.items():
            if self._homes[number] != name:
                pairs.append((name, self._homes[number]))
        if not pairs:
            return []
        return [f"{', '.join(one for one, _ in pairs)} = {', '.join(other for _, other in pairs)}"]


def _line_dims(memory: Memory) -> Sequence[int]:
    return [dim for dim, _, _ in memory.lines]


def _apart(cell: Text, lane: str) -> tuple[Text, Text]:
    """Of what happens at a cell, the numbers that are the same for all lines, and the rest."""
    same: Text = []
    rest: Text = []
    inside = {lane}
    for row in cell:
        name, _, value = row.partition(" = ")
        if name.isidentifier() and not inside & set(re.findall(r"[^\W\d]\w*", value)):
            same.append(row)
        else:
            rest.append(row)
            inside.add(name.strip())
    return same, rest


def _start(nest: Nest, axis: int) -> Size:
    """Where the first array written begins along an axis of a nest."""
    for step in nest.steps:
        for index in getattr(step, "index", ()):
            assert isinstance(index, Index)
            if index.axis == axis and index.step == 1:
                return index.offset
    return Size()


def _stem(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name).strip("_")
