"""A region of NumPy statements written out as loops: the file as it would be if the user had done so."""

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from pdeperf.arrays.conditions import first_made, if_there, whole_shapes
from pdeperf.arrays.definitions import definitions
from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.invariants import Constants, assignments
from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.left_out import forgotten, guarded, unread
from pdeperf.arrays.lifted import Lifted, lifted
from pdeperf.arrays.loops.boxes import NotABox
from pdeperf.arrays.loops.costs import Cost, cost_of
from pdeperf.arrays.loops.edge_loops import with_edges_together
from pdeperf.arrays.loops.schedule import Form, Recompute
from pdeperf.arrays.loops.write import LateCheck, Writer
from pdeperf.arrays.loops.written import Written
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, runs_of
from pdeperf.arrays.rebound import made_late
from pdeperf.arrays.sizes import Unequal, names_of, roots
from pdeperf.arrays.wrap import wrapped
from pdeperf.kernel.lowering import Problem
from pdeperf.kernel.type_guards import TypeGuard
from pdeperf.model import Measurement, Span
from pdeperf.source import Module, Project, parsed
from pdeperf.source.edits import Edit, apply, indentation, lines_extent, owns_lines
from pdeperf.source.flow import reads

PART = "stands for part of an array"
"""The end of what is said where two names stand for one array."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A project in which a region's array statements are loops.

    Attributes
    ----------
    project
        With the observed types moved to the new lines.
    where
        The new loops in it.
    conditions
        Under which the loops compute what the array statements do.
    counters
        Variables of the new loops.
    private
        Names of the arrays and numbers that the rewrite has made.
    own
        All names that only the new text has: nobody reads them after the region.
    entering
        Names that the region finds bound, and binds, if at all, only to arrays of the same type.
    open
        Names that statements about anything but arrays bind in the region, and names that other
        functions may bind.
    read_first
        Attributes that the region reads as arrays before it binds them, if it does.
    made_late
        Those of them that may not be there yet when it begins.
    forgets
        Names that the region no longer binds because nothing reads them.
    unread
        Conditions on the types of arrays that decided what the loops compute, though these do not read
        them, and on those of numbers.
    shared
        Counters of loops whose turns may run at the same time, by the way in which they were made.
    is_tiled
        Several steps of a time loop share a sweep over the rows.
    has_lines
        Statements go a few lines at a time together.
    cost
        What the loops take, roughly; of tiles it is not known.
    """

    project: Project
    where: Span
    conditions: tuple[str, ...]
    counters: frozenset[str]
    private: frozenset[str]
    own: frozenset[str]
    entering: frozenset[str]
    open: frozenset[str]
    read_first: frozenset[str]
    made_late: frozenset[str]
    forgets: tuple[str, ...]
    unread: tuple[TypeGuard, ...]
    exact: bool
    problems: tuple[Problem, ...]
    shared: frozenset[str]
    is_tiled: bool
    has_lines: bool
    cost: Cost
    _source: "_Source"

    @property
    def replaced(self) -> tuple[int, int]:
        """First and last line of the region that the user wrote."""
        region = self._source.region
        return region[0].lineno, region[-1].end_lineno or region[-1].lineno

    def line_of_user(self, line: int) -> int:
        """Where something stands that is in the way of the new text: the region's line with the same text.

        The region's first line, where that is none of the user's lines or several.
        """
        rows = self.project[self.where.file].lines
        first, last = self.replaced
        text = rows[line - 1].strip() if line <= len(rows) else ""
        own = range(first, last + 1)
        alike = [each for each in own if self._source.module.lines[each - 1].strip() == text]
        return alike[0] if len(alike) == 1 else first

    def under(self, conditions: Sequence[str]) -> "Expansion":
        """The loops where some conditions hold, and the user's own statements where they do not."""
        project, where = self._source.written(conditions)
        return replace(self, project=project, where=where, conditions=tuple(conditions))


@dataclass(frozen=True, slots=True)
class _Source:
    """What a region was and has become."""

    project: Project
    module: Module
    region: Sequence[ast.stmt]
    lines: Sequence[str]
    definitions: Sequence[Edit]
    arrays: Mapping[str, Buffer]
    numbers: Mapping[str, str]
    aliases: Mapping[str, str]
    learned: Mapping[str, tuple[ast.FunctionDef, str]]
    constants: Constants
    last: Sequence[str]

    def written(self, conditions: Sequence[str] = ()) -> tuple[Project, Span]:
        """The project with the loops in it, and where they stand."""
        module, step = self.module, "    "
        indent = indentation(module, self.region[0])
        start, end = lines_extent(module, self.region)
        heads = [f"{name} = {entry}" for name, entry in self.aliases.items()]
        heads += assignments(self.constants.first)
        head = [part for row in heads for part in wrapped(row, 96 - len(indent))]
        tail = [part for row in self.last for part in wrapped(row, 92 - len(indent))]
        lines = list(self.lines)
        known = assignments(self.constants.known)
        constants = [part for row in known for part in wrapped(row, 92 - len(indent))]
        if conditions:
            original = module.text[start:end].splitlines()
            head += wrapped(f"if {' and '.join(conditions)}:", 96 - len(indent))
            lines, constants = ([step + row if row else row for row in rows] for rows in (lines, constants))
            tail = [step + row for row in tail]
            tail += ["else:", *(step + _moved(row, indent) if row.strip() else "" for row in original)]
        head += constants
        inner = [part for row in lines for part in wrapped(row, 96 - len(indent))]
        text = "".join(f"{indent}{row}\n" if row else "\n" for row in (*head, *inner, *tail))
        new, where = expanded(self.project, module, self.region, [Edit(start, end, text), *self.definitions])
        made = [row for name, buffer in self.arrays.items() for row in _as_seen(where, name, buffer)]
        made += self._seen_inside(where)
        for name, type_name in self.numbers.items():
            made.append(_fact(where, name, "type", type_name))
        loops = replace(where, first=where.first + len(head), last=where.last - len(tail))
        return replace(new, observed=(*new.observed, *made)), loops

    def _seen_inside(self, where: Span) -> Iterator[Measurement]:
        """What was seen of the region's paths in functions that have been put in."""
        for text, (home, path) in self.learned.items():
            for row in self.project.observed:
                inside = home.lineno <= row.where.first <= (home.end_lineno or home.lineno)
                if row.subject == path and row.where.file == self.module.file and inside:
                    yield replace(row, where=where, subject=text)


def expansion(
    project: Project,
    module: Module,
    region: Sequence[ast.stmt],
    *,
    recompute: Recompute = Recompute.CHEAP,
    form: Form = Form.NESTS,
    late: frozenset[str] = frozenset(),
    lift: Callable[[frozenset[str]], Lifted | list[Problem]] | None = None,
) -> Expansion | list[Problem]:
    """Write a region's array statements as loops, or say why not.

    Parameters
    ----------
    region
        Consecutive statements of one block.
    recompute
        Compute cheap temporaries anew for each neighbour that reads them.
    form
        The order in which cells are computed.
    late
        Names and paths whose arrays are checked where they are used, because they may be bound to others.
    lift
        What the region computes if some names are late, where that is known from other forms.
    """
    first = region[0]
    if not owns_lines(module, region):
        return [Problem(first.lineno, "the statement shares its line with other code")]
    while True:
        known = lift(late) if lift is not None else lifted(project, module, region, late)
        if not isinstance(known, Lifted):
            return known
        source = known.own()
        names, sizes, late = source.names, source.sizes, source.late
        try:
            written = Writer(names, sizes, names.library, recompute=recompute, form=form).region(source.items)
            written.lines = with_edges_together(written.lines, written.counters, sizes.seen, names.library)
            if names.carried & (names.live_after(region) | _names_in(written)):
                raise Unliftable(f"`{min(names.carried)}` {PART}")
            names.dropped |= names.carried
            if not any(row.strip() and not row.lstrip().startswith("#") for row in written.lines):
                raise Unliftable("nothing reads what is computed here")
            if any(roots(check) & source.by_text for check in written.checks):
                raise LateCheck("sizes come about here")
            needed = tuple(definitions(module, source.needs_import, written.helpers))
        except LateCheck as problem:
            if (wider := late | source.by_text | sizes.stale) == late:
                return [*source.problems, Problem(first.lineno, str(problem))]
            late = wider
            continue
        except (Unliftable, Unequal, NotABox) as problem:
            return [*source.problems, Problem(first.lineno, str(problem))]
        return _expansion(project, module, region, source, written, needed)


def _expansion(
    project: Project,
    module: Module,
    region: Sequence[ast.stmt],
    known: Lifted,
    written: Written,
    needed: Sequence[Edit],
) -> Expansion | list[Problem]:
    """A region's loops with what they rest on."""
    first, names, items, by_text = region[0], known.names, known.items, known.by_text
    found = {buffer.name: buffer for run in runs_of(items) for buffer in run.entry.values()}
    own = (name for name in found if name in names.aliases or name not in names.scope.binds)
    arrays = written.arrays | {name: found[name] for name in own if name.isidentifier()}
    source = _Source(
        project,
        module,
        region,
        written.lines,
        needed,
        arrays,
        names.new_numbers,
        names.aliases | {name: f"{entry} if {test} else None" for name, entry, test in made_late(names)},
        names.learned,
        known.constants,
        known.last,
    )
    classes = [(path, name) for path, name in names.classes.items() if names.is_settled(path)]
    if len(classes) < len(names.classes) or by_text & {path.split(".")[0] for path, _ in classes}:
        return [*known.problems, Problem(first.lineno, "objects whose methods are called are made here")]
    if any(names_of(check) & by_text for check in names.checks):
        return [*known.problems, Problem(first.lineno, "a table changes here")]
    typed = tuple(each for each in unread(items, written.lines) if not roots(each.name) & known.late)
    if any(roots(buffer.name) & by_text for buffer in typed):
        return [*known.problems, Problem(first.lineno, "the type of an array that is made here decides")]
    numbers = guarded(names, items, written.lines, known.constants, by_text | known.late)
    new, where = source.written()
    overlaps = (f"not {names.library}.may_share_memory({one}, {other})" for one, other in known.apart)
    ranks = {name: len(view.shape) for run in runs_of(items) for name, view in run.names.items()}
    made = first_made(ranks, module, first)
    entries = names.aliases.values()  # what dicts and objects hold, until the loop has ended
    put_back = {entry for entry in entries if any(row.startswith(f"{entry} = ") for row in known.last)}
    ranks |= {buffer.name: len(buffer.shape) for run in runs_of(items) for buffer in run.entry.values()}
    return Expansion(
        project=new,
        where=where,
        conditions=(
            *(f"type({path}) is {name}" for path, name in classes),
            *names.checks,
            *names.opened_checks,
            *(f"{name} is not None" for name, _, _ in made_late(names)),
            *(if_there(check, made) for check in whole_shapes(written.checks, ranks)),
            *overlaps,
        ),
        counters=written.counters,
        private=frozenset(written.arrays) - names.before | known.constants.known.keys(),
        own=_every_name(new[module.file]) - _every_name(module),
        entering=(names.before | _free(region, names)) - by_text,
        open=by_text | _bound_elsewhere(module),
        read_first=frozenset(_read_first(items)),
        made_late=made,
        forgets=tuple(
            forgotten(module, names, items, written.stale | known.unfilled, written.behind | put_back)
        ),
        unread=(*map(_type_of, typed), *numbers),
        exact=written.exact,
        problems=known.problems,
        shared=written.shared,
        is_tiled=written.is_tiled,
        has_lines=written.has_lines,
        cost=cost_of(written.lines, written.counters, known.sizes.seen, _bytes(known, written)),
        _source=source,
    )


def _bytes(known: Lifted, written: Written) -> int:
    """Of all arrays that the loops go through, as far as their sizes were seen."""
    every = {buffer.name: buffer for run in runs_of(known.items) for buffer in run.entry.values()}
    every |= written.arrays
    counts = ([known.sizes.value(size) or 1 for size in buffer.shape] for buffer in every.values())
    return sum(8 * math.prod(each) for each in counts)


def _every_name(module: Module) -> frozenset[str]:
    return frozenset(node.id for node in module.all(ast.Name))


def _free(region: Sequence[ast.stmt], names: Names) -> frozenset[str]:
    """Names that a region reads of the scopes around its own."""
    return frozenset().union(*(reads(part) for part in region)) - names.scope.binds


def _read_first(items: Sequence[Item]) -> Iterator[str]:
    """Attributes whose arrays are read before anything is bound to them."""
    bound: set[str] = set()
    for run in runs_of(items):
        yield from (name for name in run.entry if "." in name and name not in bound)
        bound |= run.names.keys()


def _type_of(array: Buffer) -> TypeGuard:
    return TypeGuard(paths=(array.name,), dtype=array.dtype, ndim=len(array.shape))


def _names_in(written: Written) -> set[str]:
    """Names in a region's text and in the conditions for it."""
    return {
        word for row in (*written.lines, *written.checks) for word in re.findall(r"(?<![.\w])[^\W\d]\w*", row)
    }


def _bound_elsewhere(module: Module) -> frozenset[str]:
    """Names that a function may bind though they are not its own."""
    return frozenset(
        name for node in module.nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
    )


def _as_seen(where: Span, name: str, buffer: Buffer) -> Iterator[Measurement]:
    """What the collector would have seen of an array that the rewrite makes."""
    facts = (("type", "numpy.ndarray"), ("dtype", buffer.dtype), ("ndim", float(len(buffer.shape))))
    for metric, value in facts:
        yield _fact(where, name, metric, value)


def _fact(where: Span, name: str, metric: str, value: str | float) -> Measurement:
    return Measurement(where=where, subject=name, metric=metric, value=value, collector="arguments")


def _moved(row: str, indent: str) -> str:
    return row[len(indent) :] if row.startswith(indent) else row.lstrip()


def expanded(
    project: Project, module: Module, region: Sequence[ast.stmt], edits: Sequence[Edit]
) -> tuple[Project, Span]:
    """The project with the edits done, and where the region stands in it."""
    new = parsed(module.file, apply(module.text, edits), is_script=module.is_script)
    start, _ = lines_extent(module, region)
    first, last = region[0].lineno, region[-1].end_lineno or region[-1].lineno
    own = next(edit for edit in edits if edit.start == start and edit.end > start)
    starts = [0, *accumulate(len(row) for row in module.lines)]

    def line(number: int) -> int:
        at = starts[number - 1]
        return number + sum(
            edit.text.count("\n") - module.text[edit.start : edit.end].count("\n")
            for edit in edits
            if edit.start <= at and (edit is not own or number > last)
        )

    head = line(first)
    where = Span(file=module.file, first=head, last=head + own.text.count("\n") - 1)

    def moved(row: Measurement) -> Measurement:
        span = row.where
        if span.file != module.file:
            return row
        if first <= span.first and span.last <= last:
            return replace(row, where=where)
        end = where.last if first <= span.last <= last else line(span.last)
        return replace(row, where=Span(file=span.file, first=line(span.first), last=end))

    modules = {file: (new if file == module.file else other) for file, other in project.modules.items()}
    observed = tuple(moved(row) for row in project.observed)
    return Project(modules, observed), where
