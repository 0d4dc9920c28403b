"""Places along an axis that a list names: ``f[:, -1, [6, 7, 8]] = 0``, ``u[[0, -1]]``."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Scalar, reads
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import Size, Unequal
from pdeperf.arrays.unroll import MOST
from pdeperf.arrays.values import Array, Cells, Cut, View, cut, transposed

_ALL = Cut((None, None, 1))


@dataclass(frozen=True, slots=True)
class Listed:
    """Cells of an array at listed places of one axis.

    Attributes
    ----------
    cuts
        One for each dimension; None for that of the list.
    places
        Along that dimension.
    axis
        Where the list's axis stands in the result.
    """

    source: Array
    cuts: tuple[Cut | None, ...]
    places: tuple[int, ...]
    axis: int

    def at(self, number: int, reader: Reader) -> Array:
        """The cells at one of the places."""
        return self._cut(Cut(place=Size(self.places[number])), reader)

    def _cut(self, along: Cut, reader: Reader) -> Array:
        return cut(self.source, [along if each is None else each for each in self.cuts], reader.sizes)

    def in_order(self, reader: Reader) -> Array | None:
        """All of them as a slice, if the places lie one step apart from one another."""
        steps = {after - before for before, after in zip(self.places, self.places[1:], strict=False)}
        step = steps.pop() if steps else 1
        if steps or step < 1 or self.places[0] < 0 <= self.places[-1]:
            return None
        if self.places[-1] < 0:
            return None
        found = self._cut(Cut((Size(self.places[0]), Size(self.places[-1] + 1), step)), reader)
        axes = list(range(len(found.shape)))
        before = sum(each is not None and each.place is None for each in self.cuts[: self.cuts.index(None)])
        axes.insert(self.axis, axes.pop(before))
        return found if axes == sorted(axes) else transposed(found, tuple(axes))


def places_in(reader: Reader, node: ast.expr) -> tuple[int, ...] | None:
    """The places that a list or a small table names; None for anything else."""
    if isinstance(node, ast.List):
        entries: Sequence[ast.expr] = node.elts
        if any(isinstance(entry, ast.Constant) and isinstance(entry.value, bool) for entry in entries):
            return None
    elif isinstance(node, ast.Name) and not _is_integer(reader, node):
        known = reader.look(node)
        length = reader.sizes.value(known.shape[0]) if isinstance(known, View) else MOST
        if length is None or length > MOST:
            return None
        entries = [ast.Subscript(node, ast.Constant(at), ast.Load()) for at in range(length)]
    else:
        return None
    found: list[int] = []
    for entry in entries:
        try:
            size = reader.integer(entry)
        except Unliftable:
            if isinstance(node, ast.List):
                return None
            break
        if not size.is_const:
            return None
        found.append(size.const)
    return tuple(found) or None


def _is_integer(reader: Reader, node: ast.expr) -> bool:
    try:
        reader.integer(node)
    except Unliftable:
        return False
    return True


def listed(reader: Reader, value: Array, parts: Sequence[ast.expr]) -> Listed | None:
    """What ``value[parts]`` means where one part is a list of places; None for any other subscript."""
    if len(parts) > len(value.shape) or not any(isinstance(part, ast.List | ast.Name) for part in parts):
        return None
    found = [None if isinstance(part, ast.Slice) else places_in(reader, part) for part in parts]
    lists = [at for at, places in enumerate(found) if places is not None]
    if len(lists) != 1:
        return None
    here = lists[0]
    if any(isinstance(part, ast.Constant) and not isinstance(part.value, int) for part in parts):
        return None
    cuts = [None if at == here else reader.cut(part) for at, part in enumerate(parts)]
    cuts += [_ALL] * (len(value.shape) - len(parts))
    fixed = [at for at, each in enumerate(cuts) if each is None or each.place is not None]
    is_together = fixed == list(range(fixed[0], fixed[-1] + 1))
    axis = sum(each is not None and each.place is None for each in cuts[: fixed[0]]) if is_together else 0
    places = found[here]
    assert places is not None
    return Listed(value, tuple(cuts), places, axis)


def taken(reader: Reader, value: Array, parts: Sequence[ast.expr]) -> Cells | None:
    """The cells at listed places, in a new array; None for any other subscript."""
    found = listed(reader, value, parts)
    if found is None:
        return None
    if (together := found.in_order(reader)) is not None:
        return _now(reader, together)
    one = found.at(0, reader)
    shape = (*one.shape[: found.axis], Size(len(found.places)), *one.shape[found.axis :])
    made = reader.new("taken", shape, _now(reader, one).dtype)
    for number in range(len(found.places)):
        target = _along(reader, made, found.axis, number)
        assert isinstance(target, View)
        reader.define(target, _now(reader, found.at(number, reader)), None)
    return reader.now(made)


def stored(reader: Reader, target: Listed, value: Cells) -> None:
    """Values for the cells at listed places, the last one where a place stands twice.

    Raises
    ------
    Unliftable
        If they do not fit.
    """
    if not isinstance(target.source, View):
        raise Unliftable("places of what is no array")
    whole = target.in_order(reader)
    if isinstance(whole, View):
        reader.define(whole, value, None)
        return
    one = target.at(0, reader)
    axis = len(value.shape) - 1 - len(one.shape) + target.axis
    if not isinstance(value.expr, Scalar) and any(
        each.version.buffer == target.source.buffer for each in reads(value.expr)
    ):
        aside = reader.new("value", value.shape, value.dtype)
        reader.define(aside, value, None)
        value = reader.now(aside)
    for number, _ in zip(count(), target.places, strict=False):
        view = target.at(number, reader)
        assert isinstance(view, View)
        reader.define(view, _part(reader, value, axis, number, len(target.places)), None)


def _part(reader: Reader, value: Cells, axis: int, number: int, length: int) -> Cells:
    """The values for one of the places."""
    if axis < 0:
        return value
    try:
        if reader.sizes.value(value.shape[axis]) == 1 != length and reader.sizes.is_one(value.shape[axis]):
            number = 0
        else:
            reader.sizes.require_equal(value.shape[axis], Size(length))
    except Unequal as problem:
        raise Unliftable(f"values for listed places: {problem}") from problem
    found = _along(reader, value, axis, number)
    assert isinstance(found, Cells)
    return found


def _along(reader: Reader, value: Array, axis: int, place: int) -> Array:
    return cut(value, [*[_ALL] * axis, Cut(place=Size(place))], reader.sizes)


def _now(reader: Reader, value: Array) -> Cells:
    return reader.now(value) if isinstance(value, View) else value
