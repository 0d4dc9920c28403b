"""Cells that a mask chooses, kept for later: ``walls = f[:, solid]`` and ``f[:, solid] = walls[OPPOSITE]``.

They stay where they are in an array of the whole shape, so that no list of cells is needed; what is not
chosen is neither written nor read.
"""

import ast
from collections.abc import Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Index
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.lifting.listed import places_in
from pdeperf.arrays.sizes import Size, Unequal
from pdeperf.arrays.values import Array, Cells, Chosen, Cut, View, cut, placed_or_refuse

_ALL = Cut((None, None, 1))


def chosen(reader: Reader, value: Array, parts: Sequence[ast.expr]) -> Chosen | None:
    """``value[parts]`` where one part is a mask over some dimensions and all others take everything.

    Returns None for any other subscript.
    """
    if not all(_takes_all(part) or isinstance(part, ast.Name | ast.Attribute) for part in parts):
        return None
    masks = [at for at, part in enumerate(parts) if not _takes_all(part)]
    if len(masks) != 1 or len(parts) < 2:
        return None
    found = reader.look(parts[masks[0]])
    if not isinstance(found, View) or found.buffer.dtype != "bool":
        return None
    mask, before = reader.now(found), masks[0]
    rank = len(mask.shape)
    if rank + len(parts) - 1 > len(value.shape):
        raise Unliftable("a mask of too many dimensions")
    for axis, size in enumerate(mask.shape):
        try:
            reader.sizes.require_equal(value.shape[before + axis], size)
        except Unequal as problem:
            raise Unliftable(f"a mask: {problem}") from problem
    places = tuple(Index(before + axis) for axis in range(rank))
    where = Cells(value.shape, placed_or_refuse(mask.expr, places))
    return Chosen(value, where, before, rank)


def subscript(reader: Reader, value: Array | Chosen, parts: list[ast.expr]) -> Chosen | None:
    """What a subscript with a mask, or of what a mask has chosen, means; None for any other."""
    return rearranged(reader, value, parts) if isinstance(value, Chosen) else chosen(reader, value, parts)


def _takes_all(part: ast.expr) -> bool:
    return isinstance(part, ast.Slice) and part.lower is part.upper is part.step is None


def rearranged(reader: Reader, value: Chosen, parts: Sequence[ast.expr]) -> Chosen:
    """Chosen cells with the places along a short axis in another order: ``walls[:, [1, 0, 2]]``.

    Raises
    ------
    Unliftable
        If the order is not written out.
    """
    orders = [at for at, part in enumerate(parts) if not _takes_all(part)]
    if len(orders) != 1 or orders[0] == value.before:
        raise Unliftable("chosen cells indexed in this way")
    at = orders[0]
    axis = at if at < value.before else at - 1 + value.rank
    order = places_in(reader, parts[at])
    if order is None:
        raise Unliftable("an order that is not written out")
    full = _cells(reader, value.source)
    if axis >= len(full.shape):
        raise Unliftable("chosen cells indexed in this way")
    try:
        reader.sizes.require_equal(full.shape[axis], Size(len(order)))
    except Unequal as problem:
        raise Unliftable(f"chosen cells: {problem}") from problem
    made = reader.new("chosen", full.shape, full.dtype)
    lead = [_ALL] * axis
    for place, source in enumerate(order):
        if not 0 <= source < len(order):
            raise Unliftable("chosen cells indexed in this way")
        target = _cut(reader, made, [*lead, Cut(place=Size(place))])
        cells = _cut(reader, full, [*lead, Cut(place=Size(source))])
        where = _cut(reader, value.mask, [*lead, Cut(place=Size(place))])
        assert isinstance(target, View) and isinstance(cells, Cells) and isinstance(where, Cells)
        reader.define(target, cells, where)
    return Chosen(made, value.mask, value.before, value.rank)


def kept(reader: Reader, value: Chosen) -> Chosen:
    """Chosen cells as they are now, in an array of their own."""
    cells = _cells(reader, value.source)
    made = reader.new("chosen", cells.shape, cells.dtype)
    reader.define(made, cells, value.mask)
    return Chosen(made, value.mask, value.before, value.rank)


def stored(reader: Reader, target: Chosen, value: Chosen | Cells) -> None:
    """``f[:, solid] = walls``, or one number for all of them.

    Raises
    ------
    Unliftable
        If the cells are others, or of another type.
    """
    if not isinstance(target.source, View):
        raise Unliftable("chosen cells of what is no array")
    if isinstance(value, Cells):
        if value.shape:
            raise Unliftable("an array is put where a mask holds")
        cells = value
    else:
        if (value.mask, value.before, value.rank) != (target.mask, target.before, target.rank):
            raise Unliftable("cells that another mask has chosen")
        cells = _cells(reader, value.source)
    reader.define(target.source, cells, target.mask)


def _cells(reader: Reader, source: Array) -> Cells:
    return reader.now(source) if isinstance(source, View) else source


def _cut(reader: Reader, value: Array, cuts: list[Cut]) -> Array:
    return cut(value, cuts, reader.sizes)
