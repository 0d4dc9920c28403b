"""May the rows of an in-order sweep advance side by side, each some columns behind the one above?

A sweep in which each cell needs the one before it (Gauss-Seidel, SOR, fast sweeping) waits, at each
cell, for the last result to leave the processor's pipeline. Rows that advance together, staggered, do
not wait for each other: every value is computed from the same operands as before, only sooner.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement

import islpy as isl

from pdeperf.kernel import surroundings
from pdeperf.kernel.aliases import shared_memory
from pdeperf.kernel.compiled import Compiled, Context, context
from pdeperf.kernel.dependence import (
    Answer,
    carries,
    escapes,
    header_names,
    leaves,
    neighbours,
    parallelism,
    walk,
)
from pdeperf.kernel.reductions import extrema, is_reduction
from pdeperf.kernel.values import Access, Resolve, UnliftableError
from pdeperf.source import Project
from pdeperf.source.flow import reach, reads, writes

ROWS_COUNT = 8
"""Rows that advance together: enough to hide some 30 cycles from operand to result."""

_LAG_MOST = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """A loop of the nest: ``for name in range(start, stop, step)`` with a step of 1 or -1."""

    loop: ast.For
    name: str
    start: ast.expr | None
    stop: ast.expr
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Staggering:
    """How a nest of two loops may run staggered.

    Attributes
    ----------
    rows, columns
        The outer and the inner loop.
    lag
        How many columns each row keeps behind the one above.
    carried
        Running maxima and minima, which do not depend on the order.
    distinct
        Pairs of arrays that must not share memory, to be checked before the nest.
    """

    rows: Axis
    columns: Axis
    lag: int
    carried: tuple[str, ...]
    distinct: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the rows of an in-order sweep must wait for each other."""

    loop: ast.For
    reason: str


def sweeps(item: Compiled, project: Project) -> Iterator[Staggering | Obstacle]:
    """The in-order sweeps of a compiled function: pairs of loops, the inner one of which keeps its order."""
    known = context(item, project)
    for outer in ast.walk(item.node):
        if not isinstance(outer, ast.For) or len(outer.body) != 1 or not isinstance(outer.body[0], ast.For):
            continue
        inner = outer.body[0]
        if any(isinstance(node, ast.For | ast.While) for part in inner.body for node in ast.walk(part)):
            continue
        if _independent(inner, item, known):
            continue
        try:
            found = _staggering(outer, inner, item, known)
            if found is not None:
                yield found
        except UnliftableError as problem:
            yield Obstacle(outer, str(problem))
        except isl.Error:
            yield Obstacle(outer, "the indices are too complicated")


def _independent(loop: ast.For, item: Compiled, known: Context) -> bool:
    proof = parallelism(
        loop,
        item.node,
        known.arrays,
        known.callees,
        constants=known.constants,
        scalars=known.scalars,
        resolve=known.resolve,
        rewrites_branches=True,
    )
    return proof.answer is Answer.YES


def _staggering(
    outer: ast.For, inner: ast.For, item: Compiled, known: Context
) -> Staggering | Obstacle | None:
    """How the rows may advance together, or why not; None if no cell waits for the one before it."""
    rows, columns = _axis(outer, known.resolve), _axis(inner, known.resolve)
    if rows is None or columns is None:
        return Obstacle(outer, "its loops do not count by ones over `range`")
    bounds = frozenset[str]().union(
        *(reads(bound) for axis in (rows, columns) for bound in (axis.start, axis.stop))
    )
    if bounds & (writes(outer) | header_names(inner)):
        return Obstacle(inner, "the bounds of its columns change from row to row")
    carried = reach(inner.body).exposed & writes(inner) - header_names(inner)
    largest = frozenset(name for name in carried if _is_extremum(inner, name, known.resolve))
    obstacle = (
        leaves(inner)
        or carries(inner, carried - largest)
        or escapes(outer, item.node, writes(outer) - largest)
    )
    if obstacle:
        return Obstacle(inner, obstacle)
    around = surroundings.read(outer, item.node, known.arrays, known.constants, known.resolve)
    seen = walk(outer, around, largest, known.callees, known.resolve, known.scalars, kept=2).accesses
    if any(access.elements.dim(isl.dim_type.in_) != 2 for access in seen):
        return Obstacle(outer, "its bounds are read from arrays")
    if not _waits(seen, columns):
        return None
    lag = next((lag for lag in range(1, _LAG_MOST + 1) if _keeps_order(seen, rows, columns, lag)), None)
    if lag is None:
        return Obstacle(outer, "a row needs what the row above computes last")
    memory = shared_memory(item.node, known.resolve, known.callees)
    distinct: set[tuple[str, str]] = set()
    for one, other in neighbours(seen):
        if memory.apart(one, other) == ():
            continue
        # What takes two indices at once is an array, even if nobody saw it.
        arrays = {name for name in (one, other) if name in known.arrays or around.arrays[name] > 1}
        if len(arrays) < 2:
            return Obstacle(outer, f"whether `{one}` and `{other}` share memory cannot be told")
        distinct.add((one, other))
    return Staggering(
        rows=rows,
        columns=columns,
        lag=lag,
        carried=tuple(sorted(largest)),
        distinct=tuple(sorted(distinct)),
    )


def _axis(loop: ast.For, resolve: Resolve) -> Axis | None:
    source = loop.iter
    if not isinstance(source, ast.Call) or resolve(source.func) != "builtins.range" or source.keywords:
        return None
    if not isinstance(loop.target, ast.Name) or loop.orelse:
        return None
    match source.args:
        case [stop]:
            return Axis(loop, loop.target.id, None, stop, 1)
        case [start, stop] | [start, stop, ast.Constant(value=1)]:
            return Axis(loop, loop.target.id, start, stop, 1)
        case [start, stop, ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1))]:
            return Axis(loop, loop.target.id, start, stop, -1)
        case _:
            return None


def _is_extremum(loop: ast.For, name: str, resolve: Resolve) -> bool:
    """Does a loop keep the largest or smallest value seen in a form in which not-a-number never enters?"""
    if any(found.name == name for found in extrema(loop, resolve)):
        return True
    if not is_reduction(loop, name, resolve):
        return False
    for node in ast.walk(loop):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call(args=[ast.Name(id=first), _])):
                if target == name == first:
                    return True
    return False


def _waits(accesses: list[Access], columns: Axis) -> bool:
    """Does each cell read what the one before it has written?"""
    for writer in accesses:
        for reader in accesses:
            if writer.array != reader.array or not writer.writes or reader.writes:
                continue
            met = writer.elements.apply_range(reader.elements.reverse())
            text = f"{{ [i, j] -> [k, l] : k = i and l = j + {columns.step} }}"
            beside = isl.Map.read_from_str(met.get_ctx(), text).align_params(met.get_space())
            beside = beside.intersect_domain(writer.elements.domain())
            beside = beside.intersect_range(reader.elements.domain())
            if not beside.is_empty() and beside.is_subset(met):
                return True
    return False


def _keeps_order(accesses: list[Access], rows: Axis, columns: Axis, lag: int) -> bool:
    """Do two cells of neighbouring rows that need each other come in order, and never at the same time?

    Row ``r`` of a group is at column ``c - lag * r`` when its first row is at column ``c``.
    """
    late = (
        f"{{ [i, j] -> [k, l] : 1 <= {rows.step} * (k - i) < {ROWS_COUNT} "
        f"and {columns.step} * (l - j) <= -{lag} * {rows.step} * (k - i) }}"
    )
    for one, other in combinations_with_replacement(accesses, 2):
        if one.array != other.array or not (one.writes or other.writes):
            continue
        met = one.elements.apply_range(other.elements.reverse())
        broken = isl.Map.read_from_str(met.get_ctx(), late).align_params(met.get_space())
        if not met.intersect(broken).is_empty() or not met.reverse().intersect(broken).is_empty():
            return False
    return True
