"""An array's axes in another order, one more or one less: ``np.moveaxis``, ``np.squeeze``."""

import ast
from collections.abc import Mapping, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import ONE, Size, Unequal
from pdeperf.arrays.values import Array, Cut, cut, transposed

_ALL = Cut((None, None, 1))
_NEW = Cut()
NAMES = frozenset("moveaxis swapaxes transpose permute_dims expand_dims squeeze".split())
_PARAMETERS = {
    "moveaxis": ("source", "destination"),
    "swapaxes": ("axis1", "axis2"),
    "transpose": ("axes",),
    "permute_dims": ("axes",),
    "expand_dims": ("axis",),
    "squeeze": ("axis",),
}


def rearranged(reader: Reader, node: ast.Call, last: str, keywords: Mapping[str | None, ast.expr]) -> Array:
    """The value of a call of one of these functions: a view of a view.

    Raises
    ------
    Unliftable
        If it is not written out which axes are meant.
    """
    value = reader.array(node.args[0])
    rank = len(value.shape)
    names = _PARAMETERS[last]
    given = dict(zip(names, node.args[1:], strict=False)) | {str(key): each for key, each in keywords.items()}
    if set(given) - set(names) or len(node.args) > 1 + len(names) or not rank:
        raise Unliftable(f"`np.{last}` of this form")
    match last, [_axes(given.get(name)) for name in names]:
        case (("transpose" | "permute_dims"), [None]) if not given:
            return transposed(value, tuple(range(rank))[::-1])
        case (("transpose" | "permute_dims"), [list(order)]) if {axis % rank for axis in order} == {
            *range(rank)
        }:
            return transposed(value, tuple(axis % rank for axis in order))
        case "swapaxes", [[one], [other]] if _are_inside((one, other), rank):
            order = list(range(rank))
            order[one], order[other] = order[other], order[one]
            return transposed(value, tuple(order))
        case "moveaxis", [list(source), list(target)] if _are_inside((*source, *target), rank):
            return transposed(value, _moved(source, target, rank))
        case "expand_dims", [list(places)]:
            return _expanded(reader, value, [place % (rank + len(places)) for place in places])
        case "squeeze", [list(places)] if _are_inside(places, rank):
            return _squeezed(reader, value, [place % rank for place in places])
        case "squeeze", [None] if not given:
            return _squeezed(
                reader, value, [at for at in range(rank) if reader.sizes.value(value.shape[at]) == 1]
            )
    raise Unliftable(f"`np.{last}` of this form")


def _axes(node: ast.expr | None) -> list[int] | None:
    """Integers written as such, alone or in a tuple."""
    try:
        value: object = ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None
    values = list(value) if isinstance(value, tuple | list) else [value]
    whole = [each for each in values if type(each) is int]
    return whole if len(whole) == len(values) else None


def _are_inside(axes: Sequence[int], rank: int) -> bool:
    return all(-rank <= axis < rank for axis in axes)


def _moved(source: Sequence[int], target: Sequence[int], rank: int) -> tuple[int, ...]:
    """Which axis each one of the result is."""
    pairs = sorted(zip((axis % rank for axis in target), (axis % rank for axis in source), strict=True))
    if len({one for one, _ in pairs}) != len(pairs) or len({other for _, other in pairs}) != len(pairs):
        raise Unliftable("an axis that is moved twice")
    order = [axis for axis in range(rank) if axis not in {other for _, other in pairs}]
    for place, axis in pairs:
        order.insert(place, axis)
    return tuple(order)


def _expanded(reader: Reader, value: Array, places: Sequence[int]) -> Array:
    if len(set(places)) != len(places):
        raise Unliftable("two new axes in one place")
    rank = len(value.shape) + len(places)
    return cut(value, [_NEW if at in places else _ALL for at in range(rank)], reader.sizes)


def _squeezed(reader: Reader, value: Array, places: Sequence[int]) -> Array:
    try:
        for place in places:
            reader.sizes.require_equal(value.shape[place], ONE)
    except Unequal as problem:
        raise Unliftable(f"`np.squeeze`: {problem}") from problem
    cuts = [Cut(place=Size()) if at in places else _ALL for at in range(len(value.shape))]
    return cut(value, cuts, reader.sizes)
