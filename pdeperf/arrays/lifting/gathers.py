"""Elements at computed places: ``f[i0, (j0 + 1) % n]`` with whole arrays of integers.

Semi-Lagrangian steps, particles between cells, tables of coefficients: where each cell reads is itself
computed. Such a read may be anywhere in the array, and all schedules treat it so.
"""

import ast
from collections.abc import Sequence
from dataclasses import replace

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import ANYWHERE, Expr, Index, Op, Read, reads
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.lifting.ranges import within
from pdeperf.arrays.values import Array, Cells, Cut, View, broadcast, cut, placed_or_refuse

_ALL = Cut((None, None, 1))
_PLACES = ("int64", "int32")


def gathered(reader: Reader, value: Array, parts: Sequence[ast.expr]) -> Cells | None:
    """``value[parts]`` where some parts are arrays of integers; None for any other subscript.

    Raises
    ------
    Unliftable
        If there are too many of them.
    """
    if not reader.gathers or any(isinstance(part, ast.Constant) and _is_odd(part) for part in parts):
        return None
    places = [None if isinstance(part, ast.Slice) else _place(reader, part) for part in parts]
    fixed = [at for at, part in enumerate(parts) if not isinstance(part, ast.Slice)]
    known = [place for place in places if place is not None]
    if len(known) < len(fixed) or not any(place.shape for place in known):
        return None
    if len(parts) > len(value.shape):
        raise Unliftable("indexed by too many arrays")
    cuts = [reader.cut(part) if isinstance(part, ast.Slice) else _ALL for part in parts]
    source = _in_memory(reader, cut(value, cuts, reader.sizes), fixed)
    shape, exprs = broadcast(tuple(known), reader.sizes)
    is_together = fixed == list(range(fixed[0], fixed[-1] + 1))
    first = fixed[0] if is_together else 0
    among = tuple(Index(first + axis) for axis in range(len(shape)))
    walked = [axis for axis in range(len(source.shape)) if axis not in fixed]
    where = {axis: at if at < first else at + len(shape) for at, axis in enumerate(walked)}
    counts = [source.shape[axis] for axis in fixed]
    kept_in = [within(reader, expr, count) for expr, count in zip(exprs, counts, strict=True)]
    computed = dict(zip(fixed, (placed_or_refuse(expr, among) for expr in kept_in), strict=True))
    now = reader.now(source).expr
    assert isinstance(now, Read)
    index = tuple(
        each
        if each.axis is None
        else ANYWHERE
        if each.axis in computed
        else replace(each, axis=where[each.axis])
        for each in now.index
    )
    args = (computed[each.axis] for each in now.index if each.axis is not None and each.axis in computed)
    op = Op("gather", (Read(now.version, index), *args), now.dtype, _lies_in_order(first, exprs))
    rest = [source.shape[axis] for axis in walked]
    return Cells((*rest[:first], *shape, *rest[first:]), op)


def _lies_in_order(first: int, exprs: Sequence[Expr]) -> bool:
    """Does what NumPy makes lie in memory as its axes say? Else sums of it are added up in another order."""
    walks = (
        [index.axis for index in each.index if index.axis is not None]
        for expr in exprs
        for each in reads(expr)
    )
    return not first and all(axes == sorted(axes) for axes in walks)


def _is_odd(part: ast.Constant) -> bool:
    """Is it a new axis, dots or a truth value?"""
    return type(part.value) is not int


def _place(reader: Reader, part: ast.expr) -> Cells | None:
    """The integers of one part; None for anything else."""
    if isinstance(part, ast.List | ast.Tuple) or (isinstance(part, ast.Attribute) and part.attr == "newaxis"):
        return None
    found = reader.cells(part)
    return found if found.dtype in _PLACES else None


def _in_memory(reader: Reader, source: Array, fixed: Sequence[int]) -> View:
    """An array of which every place along some axes may be read, from its own first to its last."""
    if isinstance(source, View):
        along = {
            each.axis: (each, size) for each, size in zip(source.index, source.buffer.shape, strict=True)
        }
        if all(
            axis in along
            and along[axis][0] == Index(axis)
            and reader.sizes.equal(along[axis][1], source.shape[axis])
            for axis in fixed
        ):
            return source
        source = reader.now(source)
    made = reader.new("source", source.shape, source.dtype)
    reader.define(made, source, None)
    return made
