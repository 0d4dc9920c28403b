"""A program as Python text: the user's statements where they stayed, loops where arrays were computed."""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.arrays.interchange import candidate, lines_of, slots
from pdeperf.arrays.ir import Buffer, Definition, Index, Read, Reduction, Version
from pdeperf.arrays.names import Names
from pdeperf.arrays.nests import NestWriter, taken_if_beyond
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.arrays.rolling import Rolling, lag_of, row_buffer
from pdeperf.arrays.schedule import Nest, Recompute, Schedule, is_new, scheduled
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.values import View
from pdeperf.source.edits import indentation, lines_extent
from pdeperf.source.flow import writes

Lines = list[str]
_STEP = "    "
_LOOPS = (ast.For, ast.While)


@dataclass(slots=True)
class _Loop:
    """A loop of the region while its text is made: what must stand before and after it.

    Attributes
    ----------
    working
        For an array that two buffers hold in turn: names of the one that is read, and the other.
    """

    statement: ast.stmt
    items: list[Item]
    before: Lines = field(default_factory=list)
    after: Lines = field(default_factory=list)
    working: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """The text of a region.

    Attributes
    ----------
    checks
        Conditions on sizes under which the text computes the same.
    counters
        Variables of the loops that were written.
    arrays
        New names, and arrays like those that they stand for.
    """

    lines: Lines
    checks: tuple[str, ...]
    counters: frozenset[str]
    exact: bool
    arrays: dict[str, Buffer]
    needs_sum: bool = False


class Writer:
    """Writes one region.

    Parameters
    ----------
    names, sizes
        Of the region.
    library
        The user's name of NumPy.
    recompute
        See :func:`pdeperf.arrays.schedule.scheduled`.
    """

    def __init__(self, names: Names, sizes: Sizes, library: str, *, recompute: Recompute) -> None:
        self._names, self._sizes, self._library = names, sizes, library
        self._recompute = recompute
        self._loops: list[_Loop] = []
        self._counters: set[str] = set()
        self._exact = True
        self.arrays: dict[str, Buffer] = {}
        self.needs_sum = False

    def region(self, items: Sequence[Item]) -> Written:
        """The whole region's text, from column 0."""
        lines = self._block(items)
        bound = bound_by_text(items)
        checks = [text for text in self._sizes.checks if not _names_of(text) & bound]
        late = [text for text in self._sizes.checks if _names_of(text) & bound]
        if late:
            raise LateCheck(late[0])
        return Written(
            lines, tuple(checks), frozenset(self._counters), self._exact, self.arrays, self.needs_sum
        )

    def _block(self, items: Sequence[Item]) -> Lines:
        lines: Lines = []
        for item in items:
            match item:
                case Kept():
                    lines += self._kept(item)
                case Run():
                    lines += self._run(item)
                case Nested():
                    lines += self._nested(item)
        return lines

    def _kept(self, item: Kept) -> Lines:
        if item.text:
            return item.text.splitlines()
        if id(item.statement) in self._names.rewritten:
            return ast.unparse(item.statement).splitlines()
        return self._original(item.statement, item.statement)

    def _original(self, first: ast.stmt, last: ast.stmt) -> Lines:
        """The user's own lines, with the comments above them."""
        module = self._names.module
        start, end = lines_extent(module, [first, last])
        indent = indentation(module, first)
        return [_unindented(row, indent) for row in module.text[start:end].splitlines()]

    def _by_lines(self, item: Nested) -> Lines | None:
        """A loop along lines that do not depend on one another, inside the loops over them."""
        found = candidate(item, self._names)
        if found is None:
            return None
        run, loop, counter = found
        schedule = scheduled(run, self._sizes, recompute=self._recompute)
        lines = lines_of(run, loop, counter, schedule, self._sizes)
        if lines is None:
            return None
        counters = self._names.counters(_most_axes(run))
        own = {name: self._names.fresh_plain(f"{name}_here") for name, _, _ in lines.carried}
        held = slots(lines, own)
        before, after = [], []
        for name, old, _ in lines.carried:
            self.arrays[own[name]] = old
            home = self.current(name)
            before += [f"{own[name]} = {self._library}.empty_like({home})"]
            before += _copy_whole(counters[: len(old.shape)], own[name], home)
            after += [f"if len({ast.unparse(loop.iter)}) > 0:", f"{_STEP}{name} = {own[name]}"]
        writer = NestWriter(
            schedule.nests[0],
            schedule,
            self._sizes,
            self._library,
            counters,
            lambda version: held.get(version) or self.current(version.buffer.name),
            self._names.fresh_plain,
        )
        writer.recurrence = lines.head
        self._counters |= set(counters)
        self._exact = self._exact and all(step.exact for step in run.steps if isinstance(step, Definition))
        return [*before, *self._comments(run), *writer.lines(), *after]

    def _nested(self, item: Nested) -> Lines:
        if (lines_only := self._by_lines(item)) is not None:
            return lines_only
        statement = item.statement
        module = self._names.module
        body: list[ast.stmt] = getattr(statement, "body")  # noqa: B009 - blocks have one
        head_end = body[0].lineno
        rows = [module.lines[line - 1].rstrip("\r\n") for line in range(statement.lineno, head_end)]
        indent = indentation(module, statement)
        while rows and (not rows[-1].strip() or rows[-1].strip().startswith("#")):
            rows.pop()
        head = [_unindented(row, indent) for row in rows]
        if id(statement) in self._names.rewritten:
            head = _head(statement)
        if head[0].startswith("elif "):
            head[0] = head[0].removeprefix("el")  # it stands alone; a chain is made where it can be
        loop, inner = self._inside(statement, item.blocks["body"])
        lines = [*loop.before, *head, *(_STEP + row if row else row for row in inner)]
        if orelse := item.blocks.get("orelse"):
            if (
                isinstance(statement, ast.If)
                and len(statement.orelse) == 1
                and isinstance(statement.orelse[0], ast.If)
            ):
                chained = self._block(orelse)
                if chained and chained[0].startswith("if "):
                    return [*lines, "el" + chained[0], *chained[1:]]
            lines += ["else:", *(_STEP + row if row else row for row in self._block(orelse))]
        return lines + loop.after

    def _inside(self, statement: ast.stmt, items: list[Item]) -> tuple[_Loop, Lines]:
        """The body of a loop or a branch; written again when it turns out that arrays take turns."""
        loop = _Loop(statement, items)
        if not isinstance(statement, _LOOPS):
            return loop, self._block(items) or ["pass"]
        while True:
            known = len(loop.working)
            loop.before.clear()
            loop.after.clear()
            self._loops.append(loop)
            lines = self._block(items)
            self._loops.pop()
            if len(loop.working) == known:
                return loop, lines or ["pass"]

    def current(self, name: str, *, outside: bool = False) -> str:
        """The name that holds an array's values now: another one where buffers take turns."""
        for loop in reversed(self._loops[:-1] if outside else self._loops):
            if name in loop.working:
                return loop.working[name][0]
        return name

    def _run(self, run: Run) -> Lines:
        rotate = self._may_rotate(run)
        schedule = scheduled(run, self._sizes, recompute=self._recompute, rotate=rotate)
        doubled = [step for step in run.steps if step_is_doubled(step, schedule)]
        if rotate and not all(_is_box(step) and not self._is_rebound(step) for step in doubled):
            rotate = False
            schedule = scheduled(run, self._sizes, recompute=self._recompute)
        lines = [row for kept in run.before for row in self._kept(kept)]
        lines = [*self._comments(run), *lines]
        writer = _RunWriter(self, run, schedule, rotate=rotate)
        lines += writer.lines()
        self._counters |= set(writer.counters)
        self._exact = self._exact and all(step.exact for step in run.steps if isinstance(step, Definition))
        return lines

    def _is_rebound(self, step: Definition | Reduction) -> bool:
        """Does the loop bind the array's name to another array?"""
        assert isinstance(step, Definition)
        buffer = step.target.buffer
        bound = {name for run in runs_of(self._loops[-1].items) for name in run.names}
        return not buffer.is_temporary and buffer.name in bound

    def _comments(self, run: Run) -> Lines:
        """Comment lines above and between the run's statements."""
        module = self._names.module
        if not run.statements:
            return []
        first, last = run.statements[0], run.statements[-1]
        if id(first) in self._names.rewritten:
            return []
        indent = indentation(module, first)
        lines: Lines = []
        for number in range(first.lineno, (last.end_lineno or last.lineno) + 1):
            row = module.lines[number - 1].rstrip("\r\n")
            if row.strip().startswith("#"):
                lines.append(_unindented(row, indent))
        return lines

    @property
    def loop(self) -> _Loop | None:
        """The innermost loop around what is being written."""
        return self._loops[-1] if self._loops else None

    def _may_rotate(self, run: Run) -> bool:
        """Is nothing else in the loop aware of which array object a name stands for?"""
        if not self._loops:
            return False
        loop = self._loops[-1].statement
        touched = set(run.names) | {
            step.target.buffer.name for step in run.steps if isinstance(step, Definition)
        }
        roots = {name.split(".")[0].split("[")[0] for name in touched}
        if any(name != root for name, root in ((n, n.split(".")[0]) for n in touched)):
            return False  # attributes are seen by whoever holds the object
        if any(isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Try) for node in ast.walk(loop)):
            return False
        if roots & self._names.captured:
            return False
        inside = {id(node) for part in run.statements for node in ast.walk(part)}
        lifted = _lifted(self._loops[-1].items)
        for node in ast.walk(loop):
            if (
                isinstance(node, ast.Name)
                and node.id in roots
                and id(node) not in inside
                and id(node) not in lifted
            ):
                return False
        return not any(view_names(each) for each in [run])

    def inexact(self) -> None:
        """Note that something is computed in another way than NumPy's."""
        self._exact = False


def view_names(run: Run) -> bool:
    """Does a live name stand for part of an array?"""
    return any(not view.is_whole for name, view in run.names.items() if name in run.live)


class LateCheck(Exception):  # noqa: N818 - a reason, not a fault
    """A condition on sizes that cannot be checked when the region is entered."""


def runs_of(items: Sequence[Item]) -> Iterator[Run]:
    """All runs, those in blocks too."""
    for item in items:
        if isinstance(item, Run):
            yield item
        elif isinstance(item, Nested):
            for block in item.blocks.values():
                yield from runs_of(block)


def _lifted(items: Sequence[Item]) -> set[int]:
    """Nodes of statements that have become loops."""
    found: set[int] = set()
    for item in items:
        if isinstance(item, Run):
            found |= {id(node) for part in item.statements for node in ast.walk(part)}
        elif isinstance(item, Nested):
            for block in item.blocks.values():
                found |= _lifted(block)
    return found


def _head(statement: ast.stmt) -> Lines:
    """The first line of a compound statement that does not stand in the file."""
    bare = copy.copy(statement)
    bare.body, bare.orelse = [ast.Pass()], []  # type: ignore[attr-defined]
    return ast.unparse(bare).splitlines()[:-1]


def bound_by_text(items: Sequence[Item]) -> frozenset[str]:
    """Names that statements which stay as they are bind; what runs bind keeps its size."""
    found: frozenset[str] = frozenset()
    for item in items:
        if isinstance(item, Kept):
            found |= frozenset() if item.keeps_sizes else writes(item.statement)
        elif isinstance(item, Run):
            found = found.union(*(writes(kept.statement) for kept in item.before))
        else:
            if isinstance(item.statement, ast.For):
                found |= {n.id for n in ast.walk(item.statement.target) if isinstance(n, ast.Name)}
            found = found.union(*(bound_by_text(block) for block in item.blocks.values()))
    return found


def step_is_doubled(step: Definition | Reduction, schedule: Schedule) -> bool:
    """Does a step go to a second buffer?"""
    return isinstance(step, Definition) and step.target in schedule.doubled


def _is_box(step: Definition | Reduction) -> bool:
    """Does a step write every cell of a box, in the order of the array's dimensions?"""
    return (
        isinstance(step, Definition)
        and step.mask is None
        and all(index.axis == axis and index.step == 1 for axis, index in enumerate(step.index))
    )


def _copy_whole(names: Sequence[str], target: str, source: str) -> Lines:
    """Loops that copy an array into another."""
    lines = [f"{_STEP * depth}for {n} in range({target}.shape[{depth}]):" for depth, n in enumerate(names)]
    place = ", ".join(names)
    return [*lines, f"{_STEP * len(names)}{target}[{place}] = {source}[{place}]"]


def _names_of(text: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def _unindented(row: str, indent: str) -> str:
    return row[len(indent) :] if row.startswith(indent) else row.lstrip()


class _RunWriter:
    """Writes one run: buffers, nests, and what the names mean afterwards."""

    def __init__(self, writer: Writer, run: Run, schedule: Schedule, *, rotate: bool) -> None:
        self._writer, self._run, self._schedule, self._rotate = writer, run, schedule, rotate
        self._names, self._sizes, self._library = writer._names, writer._sizes, writer._library
        self._slots: dict[Version, str] = {}
        self._second: dict[Buffer, str] = {}
        self._pairs: dict[Buffer, tuple[str, str]] = {}
        self._rings: dict[Buffer, list[str]] = {}
        self._home_again: dict[Version, str] = {}
        self._rolling: dict[Version, Rolling] = {}
        self.counters = self._names.counters(_most_axes(run))

    def lines(self) -> Lines:
        """The run's text."""
        lines: Lines = []
        for position, nest in enumerate(self._schedule.nests):
            lines += self._allocations(nest)
            after: Lines = []
            self._rolling.clear()
            for step in nest.steps:
                if isinstance(step, Definition) and step.target not in self._slots:
                    before, rest = self._place(step, position)
                    lines += before
                    after += rest
            lines += [*self._nest(nest), *after]
            self._slots.update(self._home_again)
            self._home_again.clear()
        return lines + self._names_after()

    def _slot(self, version: Version) -> str:
        while version.number and version not in self._slots:
            version = Version(version.buffer, version.number - 1)
        return self._slots.get(version) or self._writer.current(version.buffer.name)

    def _sum(self, step: Reduction) -> Lines:
        """A sum in NumPy's order: the terms in an array first, unless they are one."""
        self._writer.needs_sum = True
        match step.expr:
            case Read(version=version, index=index) if View.whole(version.buffer).index == index:
                lines, terms = [], self._slot(version)
            case _:
                terms = self._names.fresh_plain("terms")
                buffer = Buffer(terms, step.counts, step.dtype, is_temporary=True)
                self._writer.arrays[terms] = buffer
                target = Version(buffer, 1)
                self._slots[target] = terms
                index = tuple(Index(axis) for axis in range(len(step.counts)))
                nest = Nest([Definition(target, step.counts, index, step.expr, None, step.lines)])
                text = f"{terms} = {self._empty(buffer)}"
                loop = self._writer.loop
                if loop is not None and self._is_known_before(buffer, loop):
                    loop.before.append(f"{terms} = {self._empty(buffer, loop)}")
                    text = ""
                lines = [*([text] if text else []), *self._nest(nest)]
        flat = f"{terms}.ravel()" if len(step.counts) > 1 else terms
        total = f"pairwise_sum({flat})"
        if step.kind == "norm":
            total = f"{self._library}.sqrt({total})"
            self._writer.inexact()
        elif step.kind == "mean":
            total = f"{total} / {terms}.size"
        return [*lines, f"{step.name} = {self._library}.float64({total})"]

    def _nest(self, nest: Nest) -> Lines:
        first = nest.steps[0]
        if isinstance(first, Reduction) and first.kind in ("sum", "mean", "norm"):
            return self._sum(first)
        writer = NestWriter(
            nest,
            self._schedule,
            self._sizes,
            self._library,
            self.counters,
            self._slot,
            self._names.fresh_plain,
        )
        step = nest.steps[0]
        writer.rolling.update(self._rolling)
        return self._reduction(step, writer) if isinstance(step, Reduction) else writer.lines()

    def _reduction(self, step: Reduction, writer: NestWriter) -> Lines:
        """The loops of a reduction, the value it starts from before them."""
        if step.kind in ("any", "all"):
            return [f"{step.name} = {step.kind == 'all'}", *writer.lines()]
        lowest = f"{'-' if step.kind == 'max' else ''}{self._library}.inf"
        start = f"{step.name} = {self._library}.float64({lowest})"
        if len(step.counts) == 1:
            return [start, *writer.lines()]
        columns = writer.columns = self._names.fresh_plain(f"{step.name}_of_column")
        size = self._sizes.plain(step.counts[-1])
        here, i = self._names.fresh_plain(f"{step.name}_here"), self.counters[0]
        return [
            f"{columns} = {self._library}.full({size}, {lowest})",
            *writer.lines(),
            start,
            f"for {i} in range({columns}.size):",
            f"{_STEP}{here} = {columns}[{i}]",
            *(_STEP + row for row in taken_if_beyond(step.kind, here, step.name)),
        ]

    def _allocations(self, nest: Nest) -> Lines:
        lines: Lines = []
        for step in nest.steps:
            if not isinstance(step, Definition) or not is_new(step):
                continue
            buffer = step.target.buffer
            if buffer in self._rings or step.target in self._slots:
                continue
            final = [
                n for n, view in self._run.names.items() if view.buffer == buffer and n in self._run.live
            ]
            if self._rotate and not any(name in self._live_at_head() for name in final):
                final = []  # the next iteration makes it anew
            if final and self._rotate and (ring := self._ring(buffer)):
                self._rings[buffer] = ring
                self._slots[step.target] = ring[0]
                continue
            self._slots[step.target] = buffer.name
            self._writer.arrays[buffer.name] = buffer
            text = f"{buffer.name} = {self._empty(buffer)}"
            loop = self._writer.loop
            if not final and loop is not None and self._is_known_before(buffer, loop):
                text = f"{buffer.name} = {self._empty(buffer, loop)}"
                if text not in loop.before:
                    loop.before.append(text)
            else:
                lines.append(text)
        return lines

    def _live_at_head(self) -> frozenset[str]:
        """Names that the next iteration of the loop, or what follows it, may read."""
        loop = self._writer.loop
        body: list[ast.stmt] = getattr(loop.statement, "body", []) if loop is not None else []
        return self._names.live_after(body[-1:]) if body else frozenset()

    def _ring(self, buffer: Buffer) -> list[str]:
        """Arrays that take turns for a name that is bound to a new array each time."""
        loop = self._writer.loop
        if loop is None or not self._is_known_before(buffer, loop):
            return []
        length = 1 + len(self._chain(buffer))
        ring = [self._names.fresh_plain(f"{_plain(buffer.name)}") for _ in range(length)]
        loop.before.extend(f"{name} = {self._empty(buffer, loop)}" for name in ring)
        self._writer.arrays.update(dict.fromkeys(ring, buffer))
        return ring

    def _chain(self, buffer: Buffer) -> list[str]:
        """Names through which an array passes from iteration to iteration before it is let go."""
        chain: list[str] = []
        current: list[str] = [
            n for n, view in self._run.names.items() if view.buffer == buffer and n in self._run.live
        ]
        while current:
            chain += current
            entry = {self._run.entry[name] for name in current if name in self._run.entry}
            current = [
                n
                for n, view in self._run.names.items()
                if view.buffer in entry and n in self._run.live and n not in chain
            ]
        return chain

    def _is_known_before(self, buffer: Buffer, loop: _Loop) -> bool:
        """Can an array like this be made before the loop?"""
        known = self._names.before - bound_by_text(loop.items)
        symbols = {symbol for size in buffer.shape for symbol in self._sizes.plain(size).symbols}
        return all(_names_of(symbol) <= known for symbol in symbols)

    def _empty(self, buffer: Buffer, before: _Loop | None = None) -> str:
        """A new array like a buffer, made here or before a loop."""
        known = self._names.before - bound_by_text(before.items) if before is not None else None
        like = next(
            (
                name
                for name, other in self._run.entry.items()
                if (known is None or name in known)
                and other.dtype == buffer.dtype
                and len(other.shape) == len(buffer.shape)
                and all(self._sizes.equal(a, b) for a, b in zip(other.shape, buffer.shape, strict=True))
            ),
            None,
        )
        if like is not None:
            return f"{self._library}.empty_like({like})"
        shape = ", ".join(str(self._sizes.plain(size)) for size in buffer.shape)
        shape = f"({shape})" if len(buffer.shape) > 1 else shape
        if buffer.dtype == "float64":
            return f"{self._library}.empty({shape})"
        dtype = {"bool": "bool_"}.get(buffer.dtype, buffer.dtype)
        return f"{self._library}.empty({shape}, dtype={self._library}.{dtype})"

    def _place(self, step: Definition, position: int) -> tuple[Lines, Lines]:
        """Where a step's results go: what must stand before and after its nest for that."""
        home = self._slot(step.base)
        if step.target not in self._schedule.doubled:
            self._slots[step.target] = home
            return [], []
        buffer = step.target.buffer
        if self._rotate:
            first, second = self._pair(buffer)
            self._slots[step.target] = second if home == first else first
            return [], self._outside(step, home, self._slots[step.target])
        lag = self._lag(step, position)
        if lag is not None:
            self._home_again[step.target] = home
            return self._by_rows(step, home, *lag), []
        scratch, before = self._scratch(buffer)
        self._slots[step.target] = scratch
        self._home_again[step.target] = home
        return before, self._copy(step.counts, step.index, scratch, home, buffer, step)

    def _lag(self, step: Definition, position: int) -> tuple[int, bool] | None:
        nests = self._schedule.nests
        return lag_of(nests[position], step, nests[position + 1 :], self._schedule, self._sizes)

    def _by_rows(self, step: Definition, home: str, lag: int, reads_first: bool) -> Lines:
        """A few rows for an array's new values, and their allocation."""
        buffer = step.target.buffer
        stem = _plain(buffer.name)
        rows = row_buffer(self._names.fresh_plain(f"{stem}_rows"), buffer, lag)
        made = [rows]
        if reads_first:
            made.append(row_buffer(self._names.fresh_plain(f"{stem}_first"), buffer, 0))
        self._rolling[step.target] = Rolling(home, rows.name, lag, made[1].name if reads_first else "")
        self._slots[step.target] = rows.name
        loop = self._writer.loop
        lines: Lines = []
        for each in made:
            self._writer.arrays[each.name] = each
            if loop is not None and self._is_known_before(each, loop):
                loop.before.append(f"{each.name} = {self._empty(each, loop)}")
            else:
                lines.append(f"{each.name} = {self._empty(each)}")
        return lines

    def _copy(
        self,
        counts: tuple[Size, ...],
        index: tuple[Index, ...],
        source: str,
        target: str,
        buffer: Buffer,
        step: Definition,
    ) -> Lines:
        """Loops that copy some cells from one array to another."""
        old = Version(Buffer(source, buffer.shape, buffer.dtype, is_temporary=True))
        new = Version(Buffer(target, buffer.shape, buffer.dtype, is_temporary=True), 1)
        copied = Definition(new, counts, index, Read(old, index), None, step.lines)
        writer = NestWriter(
            Nest([copied]),
            Schedule([]),
            self._sizes,
            self._library,
            self.counters,
            lambda version: version.buffer.name,
            self._names.fresh_plain,
        )
        return writer.lines()

    def _pair(self, buffer: Buffer) -> tuple[str, str]:
        """The two arrays that hold a buffer's values in turn."""
        loop = self._writer.loop
        assert loop is not None
        if buffer.name not in loop.working:
            stem = _plain(buffer.name)
            loop.working[buffer.name] = (
                self._names.fresh_plain(f"{stem}_old"),
                self._names.fresh_plain(f"{stem}_new"),
            )
        if buffer not in self._pairs:
            old, new = self._pairs[buffer] = loop.working[buffer.name]
            home = self._writer.current(buffer.name, outside=True)
            self._writer.arrays.update({old: buffer, new: buffer})
            if f"{old} = {home}" not in loop.before:
                loop.before += [f"{old} = {home}", f"{new} = {self._library}.empty_like({home})"]
                loop.after += [
                    f"if {old} is not {home}:",
                    *(_STEP + row for row in _copy_whole(self._names.counters(len(buffer.shape)), home, old)),
                ]
        return self._pairs[buffer]

    def _scratch(self, buffer: Buffer) -> tuple[str, Lines]:
        """An array for values that may not stand in a buffer yet, and its allocation."""
        if buffer in self._second:
            return self._second[buffer], []
        own = self._second[buffer] = self._names.fresh(buffer.name, set())
        self._writer.arrays[own] = buffer
        loop = self._writer.loop
        if loop is not None and self._is_known_before(buffer, loop):
            loop.before.append(f"{own} = {self._empty(buffer, loop)}")
            return own, []
        return own, [f"{own} = {self._empty(buffer)}"]

    def _outside(self, step: Definition, source: str, target: str) -> Lines:
        """Copies of the cells that a step leaves as they are: the faces around its box."""
        shape = step.target.buffer.shape
        lows = [index.offset for index in step.index]
        counts = [step.counts[index.axis] for index in step.index if index.axis is not None]
        lines: Lines = []
        for axis, (low, count, length) in enumerate(zip(lows, counts, shape, strict=True)):
            high = low + count
            for start, number in ((Size(), low), (high, length - high)):
                number = self._sizes.plain(number)
                if number == Size():
                    continue
                sizes: list[Size] = []
                index: list[Index] = []
                for other in range(len(shape)):
                    if other == axis and number == Size(1):
                        index.append(Index(None, 1, start))
                        continue
                    low_here = lows[other] if other < axis else start if other == axis else Size()
                    index.append(Index(len(sizes), 1, low_here))
                    sizes.append(counts[other] if other < axis else number if other == axis else shape[other])
                lines += self._copy(tuple(sizes), tuple(index), source, target, step.target.buffer, step)
        return lines

    def _names_after(self) -> Lines:
        """The assignments that make every live name stand for its array."""
        targets: dict[str, str] = {}
        for buffer, (old, new) in self._pairs.items():
            if self._slot(self._last(buffer)) == new:
                targets.update({old: new, new: old})
        for name, view in self._run.names.items():
            if name not in self._run.live:
                continue
            if not view.is_whole:
                raise NotABox(f"`{name}` stands for part of an array")
            slot = self._slot(self._last(view.buffer))
            if slot != name:
                targets[name] = slot
        for ring in self._rings.values():
            if len(ring) > 1:
                targets.update(zip(ring, [*ring[1:], ring[0]], strict=True))
        if not targets:
            return []
        return [f"{', '.join(targets)} = {', '.join(targets.values())}"]

    def _last(self, buffer: Buffer) -> Version:
        numbers = [
            s.target.number
            for s in self._run.steps
            if isinstance(s, Definition) and s.target.buffer == buffer
        ]
        return Version(buffer, max(numbers, default=0))


class NotABox(Exception):  # noqa: N818 - a reason, not a fault
    """Cells that are no box, where only a box can be handled."""


def _most_axes(run: Run) -> int:
    """Loop variables that a run needs."""
    boxes = (len(step.counts) for step in run.steps)
    arrays = (len(step.target.buffer.shape) for step in run.steps if isinstance(step, Definition))
    return max((*boxes, *arrays), default=0)


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name).strip("_")
