"""Recurrences side by side: statements and loops of which each line of cells is computed by itself.

``for k: right[:, :, k] = (d - a * right[:, :, k - 1]) * pivot`` goes through memory in the largest steps
there are, once for every ``k``, and the sweep back does so again. No line ``[i, j, :]`` needs another
one: a few lines go through all statements and loops together, then the next few.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.arrays.ir import Buffer, Definition, Expr, Index, Read, Reduction, Scalar, Version, rebuilt, walk
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.schedule import Recompute, Schedule, inputs, is_new, real_inputs, scheduled
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.values import View

Place = tuple[int, int, Size]
"""A dimension of an array, the line axis that goes along it, and where the first line lies."""


class NoLines(Exception):  # noqa: N818 - a reason, not a fault
    """Statements that do not go line by line."""


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
    is_kept
        Something later reads what is written here.
    """

    buffer: Buffer
    is_made: bool
    lines: tuple[Place, ...] = ()
    is_written: bool = False
    is_kept: bool = False
    indices: list[tuple[Index, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """Statements that stand one after the other, or the body of a loop over them.

    Attributes
    ----------
    loop
        None for statements without a loop.
    memories
        Which array each buffer of the run is.
    axes
        For each nest, which line axis each of its axes is; others go along the lines.
    """

    run: Run
    loop: ast.For | None
    counter: str
    schedule: Schedule
    memories: dict[Buffer, int]
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
    names
        What the user's names stand for after them: an array's number.
    """

    parts: list[Part]
    memories: list[Memory]
    counts: tuple[Size, ...]
    names: dict[str, int]


def lines_at(
    items: Sequence[Item], names: Names, sizes: Sizes, recompute: Recompute
) -> tuple[Lines, int] | None:
    """The lines that a block's items begin with, and how many items they are; as many as go together."""
    found: list[tuple[Run, ast.For | None]] = []
    loops = 0
    for item in items:
        one = _part(item, names)
        if one is None:
            break
        found.append(one)
        loops += one[1] is not None
    while loops:
        try:
            return _Finder(found, names, sizes, recompute).lines(), len(found)
        except NoLines:
            loops -= found.pop()[1] is not None
    return None


def _part(item: Item, names: Names) -> tuple[Run, ast.For | None] | None:
    """Array statements, or a loop over a range of nothing else."""
    match item:
        case Run() as run:
            loop = None
        case Nested(
            statement=ast.For(
                target=ast.Name(), iter=ast.Call(func=ast.Name() as function, keywords=[]), orelse=[]
            ) as loop,
            blocks=blocks,
        ) if names.called(function) == "builtins.range":
            match [each for each in blocks.get("body", []) if not (isinstance(each, Run) and not each.steps)]:
                case [Run() as run]:
                    pass
                case _:
                    return None
        case _:
            return None
    if run.reduced or not run.steps or not all(isinstance(step, Definition) for step in run.steps):
        return None
    return run, loop


class _Finder:
    """Finds out whether some parts go line by line.

    Raises
    ------
    NoLines
        If they do not, or it is not known.
    """

    def __init__(
        self,
        found: Sequence[tuple[Run, ast.For | None]],
        names: Names,
        sizes: Sizes,
        recompute: Recompute,
    ) -> None:
        self._names, self._sizes, self._recompute = names, sizes, recompute
        self._memories: list[Memory] = []
        self._env: dict[str, int] = {}
        self._bound: set[str] = set()
        self._parts = [self._scheduled(run, loop) for run, loop in found]
        self._after = self._live_after(*found[-1])

    def lines(self) -> Lines:
        """The lines."""
        counts = self._counts()
        self._note_places(counts)
        for part in self._parts:
            self._check_places(part, counts)
            self._check_numbers(part)
        for name, number in self._bound_after().items():
            self._memories[number].is_kept = True
            if not self._memories[number].is_made:
                raise NoLines(f"`{name}` becomes another name of an array")
        for memory in self._memories:
            memory.is_kept = memory.is_kept or not memory.is_made
        return Lines(self._parts, self._memories, counts, self._bound_after())

    def _bound_after(self) -> dict[str, int]:
        """Names that the parts have bound and something later reads."""
        return {
            name: number for name, number in self._env.items() if name in self._bound and name in self._after
        }

    def _live_after(self, run: Run, loop: ast.For | None) -> frozenset[str]:
        return run.live if loop is None else self._names.live_after([loop])

    # What stands where

    def _memory(self, buffer: Buffer, *, is_made: bool) -> int:
        self._memories.append(Memory(buffer, is_made))
        return len(self._memories) - 1

    def _known(self, name: str, buffer: Buffer) -> int:
        """The array that a name stands for when a run begins."""
        if name not in self._env:
            self._env[name] = self._memory(buffer, is_made=False)
        return self._env[name]

    def _scheduled(self, run: Run, loop: ast.For | None) -> Part:
        """A run with its loops, and which array each of its buffers is."""
        memories = {buffer: self._known(name, buffer) for name, buffer in run.entry.items()}
        if loop is not None:
            run = self._in_place(run, self._live_after(run, loop))
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
        if loop is not None and counter in self._live_after(run, loop):
            raise NoLines("the counter is read later")
        return Part(run, loop, counter, schedule, memories)

    def _in_place(self, run: Run, after: frozenset[str]) -> Run:
        """A loop's body in which names bound to a new array each time keep the array of the time before."""
        changed: dict[Buffer, Buffer] = {}
        names = dict(run.names)
        for name, view in run.names.items():
            if name not in run.live:
                continue
            old = run.entry.get(name)
            makers = [
                step
                for step in run.steps
                if isinstance(step, Definition) and step.target.buffer == view.buffer
            ]
            if old is None or len(makers) != 1 or not view.is_whole or not is_new(makers[0]):
                raise NoLines(f"`{name}` is bound in the loop and read later")
            if old.dtype != view.buffer.dtype or len(old.shape) != len(view.buffer.shape):
                raise NoLines(f"`{name}` changes its type")
            pairs = zip(old.shape, view.buffer.shape, strict=True)
            if not all(self._sizes.equal(one, other) for one, other in pairs):
                raise NoLines(f"`{name}` changes its shape")
            if makers[0].mask is not None or makers[0].index != View.whole(old).index:
                raise NoLines(f"`{name}` is not filled at once")
            if any(isinstance(step, Definition) and step.target.buffer == old for step in run.steps):
                raise NoLines(f"the array of `{name}` changes before it is replaced")
            changed[view.buffer] = old
            names[name] = View.whole(old)
        if not changed:
            return run
        held = [view.buffer for name, view in names.items() if name in run.live]
        if len(set(held)) < len(held):
            raise NoLines("arrays take turns")

        def moved(version: Version) -> Version:
            return replace(version, buffer=changed.get(version.buffer, version.buffer))

        def change(leaf: Expr) -> Expr:
            return replace(leaf, version=moved(leaf.version)) if isinstance(leaf, Read) else leaf

        steps: list[Definition | Reduction] = [
            replace(
                step,
                target=moved(step.target),
                expr=rebuilt(step.expr, change),
                mask=None if step.mask is None else rebuilt(step.mask, change),
            )
            for step in run.steps
            if isinstance(step, Definition)
        ]
        return replace(run, steps=steps, names=names)

    # Which axes count lines

    def _counts(self) -> tuple[Size, ...]:
        """Number of lines along each line axis: the boxes of what the loops compute."""
        boxes = [nest.counts for part in self._parts if part.loop is not None for nest in part.schedule.nests]
        if not boxes or not boxes[0]:
            raise NoLines("no line")
        for box in boxes[1:]:
            if len(box) != len(boxes[0]) or not all(map(self._sizes.equal, box, boxes[0])):
                raise NoLines("statements about other lines")
        return tuple(self._sizes.plain(size) for size in boxes[0])

    def _note_places(self, counts: tuple[Size, ...]) -> None:
        """Along which dimensions of what is written the lines lie, and which axes of the nests they are."""
        for part in self._parts:
            identity = dict(enumerate(range(len(counts))))
            part.axes = [dict(identity) if part.loop is not None else {} for _ in part.schedule.nests]
            for _, step in part.definitions():
                self._memories[part.memories[step.target.buffer]].is_written = True
        while sum(self._learned(part, len(counts)) for part in self._parts):
            pass
        if any(len(axes) < len(counts) for part in self._parts for axes in part.axes):
            raise NoLines("statements about other cells")

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
        for number, step in part.definitions():
            axes = part.axes[number]
            touched = [(step.target.buffer, step.index)]
            touched += [(each.version.buffer, each.index) for each in _inputs(step, part.schedule)]
            if step.mask is not None:
                touched.append((step.target.buffer, step.index))
            for buffer, index in touched:
                if any(each.modulus is not None for each in index):
                    raise NoLines("cells around the end")
                memory = self._memories[part.memories[buffer]]
                memory.indices.append(index)
                places = _places(index, axes, self._sizes)
                if memory.is_written:
                    if not places or places != memory.lines:
                        raise NoLines("a line reads another one")
                elif len(memory.indices) == 1:
                    memory.lines = places
                elif not _are_alike(places, memory.lines):
                    memory.lines = ()

    def _check_numbers(self, part: Part) -> None:
        """Do numbers and bounds stay what they are while other lines are computed?"""
        counters = {each.counter for each in self._parts if each.counter}
        if any(each.run.before for each in self._parts):
            raise NoLines("numbers between the statements")
        sizes = [size for nest in part.schedule.nests for size in nest.counts]
        sizes += [memory_place[2] for memory in self._memories for memory_place in memory.lines]
        if any(counters & set(self._sizes.plain(size).symbols) for size in sizes):
            raise NoLines("lines that change with the counter")
        written = self._names_written()
        texts = [leaf.text for step in part.run.steps for leaf in _scalars(step)]
        if part.loop is not None:
            texts.append(ast.unparse(part.loop.iter))
        for text in texts:
            found = {
                ast.unparse(n)
                for n in ast.walk(ast.parse(text, mode="eval"))
                if isinstance(n, ast.Name | ast.Attribute)
            }
            if found & written:
                raise NoLines("a number is read from an array that changes")
        own = {part.counter} if part.counter else set()
        for text in texts:
            found = {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}
            if found & (counters - own):
                raise NoLines("another loop's counter")

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


def _scalars(step: Definition | Reduction) -> Iterator[Scalar]:
    for expr in (step.expr, getattr(step, "mask", None)):
        if expr is not None:
            yield from (leaf for leaf in walk(expr) if isinstance(leaf, Scalar))


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
