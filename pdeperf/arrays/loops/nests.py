"""Nests as Python loops."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pdeperf.arrays.ir import (
    Definition,
    Expr,
    Index,
    Op,
    Read,
    Reduction,
    Version,
    as_stored,
    placed,
    walk,
)
from pdeperf.arrays.loops.halo_rows import HaloRows
from pdeperf.arrays.loops.line_views import in_views
from pdeperf.arrays.loops.nest_axes import order_of, starts_of
from pdeperf.arrays.loops.printing import Axes, Printer, Ring, SideBySide, Views
from pdeperf.arrays.loops.real_inputs import inputs, real_inputs
from pdeperf.arrays.loops.reduced_cells import reduced
from pdeperf.arrays.loops.rings import Passes, passes
from pdeperf.arrays.loops.rolling import Rolling
from pdeperf.arrays.loops.row_loops import RowLoops
from pdeperf.arrays.loops.schedule import Nest, Schedule
from pdeperf.arrays.paths import plain
from pdeperf.arrays.sizes import Size, Sizes

Lines = list[str]
_STEP = "    "


@dataclass(frozen=True, slots=True)
class Local:
    """A number computed once a cell."""

    name: str
    expr: Expr
    depth: int


@dataclass(frozen=True, slots=True)
class RowLoop:
    """The loop over a nest's rows where it is part of a sweep.

    Attributes
    ----------
    axis
        None if the nest has one row only.
    head
        The loop's first line, or the condition under which it is the row's turn.
    """

    axis: int | None
    head: str


class NestWriter:
    """Writes one nest.

    Parameters
    ----------
    nest, schedule
        What to write.
    sizes
        To simplify bounds.
    library
        The user's name of NumPy.
    counters
        Names for loop variables.
    slot
        Name of the array that holds a version.
    fresh
        Makes a new name from a stem.
    sweep
        The loop over the rows, if the nest is part of a sweep.

    Attributes
    ----------
    rings
        Arrays of which a few rows are kept.
    targets
        Where new values go if not into their own array.
    views
        Arrays of one dimension seen from where the loop begins.
    row_loops
        Makes several inner loops of one.
    halo_rows
        Copies rows that are read around their end; without it the cells at the edges are written twice.
    """

    def __init__(
        self,
        nest: Nest,
        schedule: Schedule,
        sizes: Sizes,
        library: str,
        counters: list[str],
        slot: Callable[[Version], str],
        fresh: Callable[[str], str],
        sweep: RowLoop | None = None,
    ) -> None:
        self.nest, self.schedule, self.sizes, self.library = nest, schedule, sizes, library
        self._slot, self._fresh = slot, fresh
        self.order = order_of(nest)
        self._sweep = sweep
        if sweep is not None and sweep.axis is not None:
            self.order.sort(key=lambda axis: axis != sweep.axis)
        starts = starts_of(nest)
        names = {axis: counters[position] for position, axis in enumerate(self.order)}
        self.axes = Axes(names, starts, sizes)
        self._locals: dict[tuple[Version, tuple[Index, ...]], Local] = {}
        self._values: dict[tuple[Version, tuple[Index, ...]], str] = {}
        self._pending: list[tuple[int, str]] = []
        self._periodic = self._wraps()
        self.columns = ""
        self.rolling: dict[Version, Rolling] = {}
        self.rings: Mapping[str, Ring] = {}
        self.targets: Mapping[Version, str] = {}
        self.views: Views | None = None
        self.side_by_side: Mapping[str, SideBySide] = {}
        self.row_loops: RowLoops | None = None
        self.halo_rows: HaloRows | None = None
        self._in_halos = False
        self._dtypes: dict[str, str] = {}

    def _wraps(self) -> dict[int, set[tuple[Size, Size]]]:
        """For each axis, the ``(shift, modulus)`` of what is read around the end."""
        found: dict[int, set[tuple[Size, Size]]] = {}
        for step in self.nest.steps:
            for each in real_inputs(step, self.schedule.virtual):
                for index in each.index:
                    if index.modulus is not None and index.axis is not None:
                        pair = self.sizes.plain(index.shift), self.sizes.plain(index.modulus)
                        found.setdefault(index.axis, set()).add(pair)
        return found

    def _range(self, axis: int) -> tuple[Size, Size]:
        start = self.axes.starts[axis]
        return start, self.sizes.plain(start + self.nest.counts[axis])

    def lines(self) -> Lines:
        """The nest's text, without indentation."""
        if self._sweep is not None and self._sweep.axis is None:
            return [self._sweep.head, *_indented(self._level(0))]
        return self._level(0)

    def _level(self, depth: int) -> Lines:
        if depth == len(self.order):
            return self._cell(frozenset())
        axis = self.order[depth]
        name = self.axes.names[axis]
        start, stop = self._range(axis)
        is_free = depth > 0 or (self._sweep is None and not self.rolling)
        if axis in self._periodic and depth == len(self.order) - 1 and is_free:
            return self._split(axis, name, start, stop)
        body: Lines = []
        if axis in self._periodic:
            body += self._wrapped_places(axis, name, start)
        body += self._level(depth + 1)
        after: Lines = []
        if not depth and self.rolling:
            inner, loops = self._inner_loops()
            for each in self.rolling.values():
                body += each.stored(name, start, inner, loops)
                after += each.finished(name, start, stop, inner, loops)
        head = f"for {name} in {_range_text(start, stop)}:"
        if self._sweep is not None and axis == self._sweep.axis:
            head = self._sweep.head
        if 0 < depth == len(self.order) - 1 and axis not in self._periodic:
            return self._inner(head, name, body)
        if not after and axis not in self._periodic and (line := self._line(name, start, stop, body)):
            return line
        return [head, *_indented(body), *after]

    def _line(self, name: str, start: Size, stop: Size, body: Lines) -> Lines | None:
        """The only loop of a nest, over views, where several loops are made of inner ones too."""
        if len(self.order) > 1 or self.row_loops is None:
            return None
        if any(len(step.counts) > 1 for nest in self.schedule.nests for step in nest.steps):
            return None  # an edge of a plane: compiling the views takes longer than its cells ever do
        return in_views(name, start, self.sizes.plain(stop), body, self._fresh)

    def _inner(self, head: str, name: str, body: Lines) -> Lines:
        """The inner loop, or the loops that do its work one after the other."""
        several = self.row_loops and self.row_loops.text(body, name, head, self._dtypes)
        return several or [head, *_indented(body)]

    def _inner_loops(self) -> tuple[list[str], list[str]]:
        """Counters of all axes but the outermost, and the first lines of their loops."""
        names = [self.axes.names[axis] for axis in self.order[1:]]
        return names, [
            f"for {self.axes.names[axis]} in {_range_text(*self._range(axis))}:" for axis in self.order[1:]
        ]

    def _target(self, step: Definition, printer: Printer) -> str:
        """Where a cell's new value goes."""
        rolling = self.rolling.get(step.target)
        if rolling is None:
            slot = self.targets.get(step.target) or self._slot(step.target)
            return printer.subscript(slot, step.index)
        places = [self.axes.index(index, inside=printer.inside) for index in step.index]
        return f"{rolling.rows}[{rolling.ring(places[0])}{', '.join(places[1:])}]"

    def _wrapped_places(self, axis: int, name: str, start: Size) -> Iterator[str]:
        for shift, modulus in sorted(self._periodic[axis], key=str):
            offset = self.sizes.plain(shift - start)
            passed = passes(shift, self.nest.counts[axis], modulus, self.sizes)
            if offset == Size() and passed is Passes.NONE:
                self.axes.wrapped[axis, shift, modulus] = name
                continue
            stem = (
                f"{name}{'m' if offset.const < 0 else 'p'}{abs(offset.const)}"
                if offset.is_const
                else f"{name}w"
            )
            own = self.axes.wrapped.get((axis, shift, modulus)) or self._fresh(stem)
            self.axes.wrapped[axis, shift, modulus] = own
            place, last = str(Size.of(name) + offset), str(modulus)
            if passed is Passes.NONE:
                yield f"{own} = {place}"
            elif passed is Passes.FIRST:
                yield f"{own} = {place} if {name} > {offset * -1 - 1} else {modulus - 1}"
            elif passed is Passes.LAST:
                yield f"{own} = {place} if {name} < {self.sizes.plain(modulus - offset)} else 0"
            else:
                yield f"{own} = ({place}) % ({last})" if " " in last else f"{own} = ({place}) % {last}"

    def _split(self, axis: int, name: str, start: Size, stop: Size) -> Lines:
        """An inner periodic axis: the cells that do not wrap, then the others."""
        shifts = [self.sizes.plain(shift - start) for shift, _ in self._periodic[axis]]
        moduli = {modulus for _, modulus in self._periodic[axis]}
        whole = len(moduli) == 1 and self.sizes.equal(stop, next(iter(moduli))) and start == Size()
        if not whole or not all(shift.is_const for shift in shifts):
            body = [*self._wrapped_places(axis, name, start), *self._cell(frozenset())]
            return [f"for {name} in {_range_text(start, stop)}:", *_indented(body)]
        before = max(0, -min(shift.const for shift in shifts))
        after = max(0, max(shift.const for shift in shifts))
        plain = self._cell(frozenset((axis,)))
        if (halos := self._halos(axis, len(plain))) is not None:
            self._in_halos = True
            cell = self._cell(frozenset((axis,)))
            self._in_halos = False
            made = halos.lines(self.axes, self._slot)
            return [*made, *self._inner(f"for {name} in {_range_text(Size(), stop)}:", name, cell)]
        lines = self._line(name, Size(before), stop - after, plain) or self._inner(
            f"for {name} in {_range_text(Size(before), stop - after)}:", name, plain
        )
        edge = self._fresh("edge")
        count = before + after
        body = []
        if before and after:
            if count > 2:
                body.append(
                    f"{name} = {edge} if {edge} < {before} or {stop} < {count} else {stop - count} + {edge}"
                )
            else:
                body.append(f"{name} = {edge} if {edge} < {before} else {stop - count} + {edge}")
        elif before:
            body.append(f"{name} = {edge}")
        else:
            body.append(f"{name} = max({stop - count}, 0) + {edge}")
        body += [*self._wrapped_places(axis, name, start), *self._cell(frozenset())]
        return [*lines, f"for {edge} in range(min({count}, {stop})):", *_indented(body)]

    def _halos(self, axis: int, cell_lines: int) -> HaloRows | None:
        """Copies of the rows that are read around the end, if that is less to read than the edges' cells."""
        halos = self.halo_rows
        if halos is None or self.rings or self.targets or len(self.order) < 2:
            return None
        taken = halos.take(self.nest, self.schedule, axis, self.sizes)
        is_split = self.row_loops is not None
        return halos if taken and halos.pays(cell_lines, in_vectors=is_split) else None

    def cell(self) -> Lines:
        """What happens at one cell that is not at a periodic edge."""
        return self._cell(frozenset())

    def _cell(self, inside: frozenset[int]) -> Lines:
        """What happens at one cell."""
        self._locals.clear()
        self._values.clear()
        lines: Lines = []
        stores: Lines = []
        chosen: Lines = lines
        printer = Printer(
            self.axes,
            self.library,
            lambda each: self._element(each, printer, chosen),
            lambda each: self._slot(each.version),
            lambda text: self._choice(text, chosen),
            self.rings,
        )
        printer.inside, printer.views, printer.side_by_side = inside, self.views, self.side_by_side
        steps = self.nest.steps
        several = len(steps) > 1
        for position, step in enumerate(steps):
            if isinstance(step, Reduction):
                lines += reduced(step, printer.text(step.expr), self._fresh, self._column())
                continue
            target = self._target(step, printer)
            if step.mask is not None and (several or step.target in self.schedule.doubled):
                old = Read(step.base, step.index)
                new = as_stored(step.expr, step.target.buffer.dtype)
                chosen_value = Op("where", (step.mask, new, old), step.target.buffer.dtype)
                step = replace(step, expr=chosen_value, mask=None)
            if step.mask is not None:
                condition = printer.text(step.mask)
                inner: Lines = []
                chosen, outside = inner, dict(self._locals)
                value = printer.text(step.expr)
                chosen, self._locals = lines, outside
                lines += [f"if {condition}:", *_indented([*inner, f"{target} = {value}"])]
                continue
            value = printer.text(step.expr)
            used_later = any(
                each.version == step.target
                for later in steps[position + 1 :]
                for each in self._all_inputs(later)
            )
            overwritten = several and any(
                each.version == step.base
                for later in steps[position + 1 :]
                for each in real_inputs(later, self.schedule.virtual)
            )
            replaced = any(
                isinstance(later, Definition)
                and (later.target.buffer, later.index) == (step.target.buffer, step.index)
                for later in steps[position + 1 :]
            )
            reads_old = any(
                isinstance(earlier, Definition) and each.version == earlier.base
                for earlier in steps[:position]
                for each in real_inputs(step, self.schedule.virtual)
            )
            if used_later or overwritten or replaced or (stores and reads_old):
                if (kept := as_stored(step.expr, step.target.buffer.dtype)) is not step.expr:
                    value = printer.text(kept)
                own = self._fresh(f"{plain(step.target.buffer.name)}_here")
                lines.append(f"{own} = {value}")
                self._dtypes[own] = step.target.buffer.dtype
                self._values[step.target, step.index] = own
                if not replaced:
                    stores.append(f"{target} = {own}")
            else:
                (stores if stores else lines).append(f"{target} = {value}")
        return lines + stores

    def _all_inputs(self, step: Definition | Reduction) -> Iterator[Read]:
        yield from inputs(step)
        yield from real_inputs(step, self.schedule.virtual)
        if isinstance(step, Definition) and step.mask is not None:
            yield Read(step.base, step.index)  # where the mask does not hold

    def _choice(self, text: str, lines: Lines) -> str:
        if text.isidentifier():
            return text
        own = self._fresh("either")
        lines.append(f"{own} = {text}")
        return own

    def _element(self, each: Read, printer: Printer, lines: Lines) -> str | None:
        """A virtual temporary's value, or one that this cell has just computed."""
        if (each.version, each.index) in self._values:
            return self._values[each.version, each.index]
        definition = self.schedule.virtual.get(each.version)
        if definition is None:
            if self._in_halos and self.halo_rows is not None:
                return self.halo_rows.element(each, self.axes)
            return None
        key = (each.version, each.index)
        if key not in self._locals:
            expr = placed(definition.expr, each.index)
            if not any(isinstance(part, Op) for part in walk(expr)):
                text = printer.text(expr)
                self._locals[key] = Local(text, expr, 0)
                return text
            value = printer.text(expr)
            name = self._fresh(f"{plain(each.version.buffer.name)}_here")
            lines.append(f"{name} = {value}")
            self._dtypes[name] = expr.dtype
            self._locals[key] = Local(name, expr, 0)
        return self._locals[key].name

    def _column(self) -> str:
        """Where the greatest or least of a column is kept, if columns do not wait for one another."""
        return f"{self.columns}[{self.axes.names[self.order[-1]]}]" if self.columns else ""


def _range_text(start: Size, stop: Size) -> str:
    return f"range({stop})" if start == Size() else f"range({start}, {stop})"


def _indented(lines: Lines) -> Lines:
    return [_STEP + line for line in lines]
