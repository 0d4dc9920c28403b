"""Places that an array of integers holds, ``u[neighbours[i, k]]``: its lowest and its highest element.

Only where every element of a part of that array is looked at, so that each of them must be in range.
"""

import ast
import math
from collections.abc import Iterable, Mapping

from pdeperf.kernel.extents import Extent
from pdeperf.kernel.polynomials import Polynomial, atom, of, written

_OFTEN = 16
ENDS = ("lowest_of", "highest_of")
"""Functions of the kernel's own: NumPy's take a second to compile."""


def looked_up(
    node: ast.expr, known: Mapping[str, Extent | None], integers: Mapping[str, int]
) -> Extent | None:
    """Where an element of an array of integers lies that counters of loops run over.

    Parameters
    ----------
    known
        What counters are known to be.
    integers
        Names of such arrays that nothing changes, and their number of dimensions.
    """
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return None
    name = node.value.id
    places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if integers.get(name) != len(places):
        return None
    parts: list[str] = []
    loops: set[ast.For] = set()
    for place in places:
        extent = known.get(place.id) if isinstance(place, ast.Name) else None
        if isinstance(place, ast.Constant) and type(place.value) is int and place.value >= 0:
            parts.append(str(place.value))
        elif extent is not None and _is_counter(extent) and not loops & extent.loops:
            parts.append(_slice(extent, (f"len({name})", f"{name}.shape[{len(parts)}]")))
            loops |= extent.loops
        else:
            return None
    if not loops:
        return None
    whole = name if {*parts} == {":"} else f"{name}[{', '.join(parts)}]"
    low, high = ((atom(f"{end}({whole})"),) for end in ENDS)
    return Extent(low, high, loops=frozenset(loops))


def is_looked_up(number: Polynomial) -> bool:
    """Is it made of the lowest or the highest element of an array?"""
    return any(str(part).startswith(ENDS) for part in number.atoms)


def is_repeated(loops: Iterable[ast.For]) -> bool:
    """Do loops repeat what is in them so often that a look through an array before them costs nothing?"""
    turns = [*map(_turns, loops)]
    return bool(turns) and math.prod(turns) >= _OFTEN


def _turns(loop: ast.For) -> int:
    match loop.iter:
        case ast.Call(args=[ast.Constant(value=int() as turns)]):
            return turns
    return _OFTEN


def _is_counter(extent: Extent) -> bool:
    """Does it run over every integer from a first one, that is not negative, to a last one?"""
    start = extent.low[0].value if extent.low and extent.high else None
    fixed = extent.exact and len(extent.loops) == 1 and not (extent.given or extent.parts)
    return fixed and start is not None and start >= 0


def _slice(extent: Extent, lengths: tuple[str, ...]) -> str:
    """What a counter runs over, as a slice of an axis of such a length."""
    start, stop = extent.low[0], written(extent.high[0] + of(1))
    return f"{'' if start.value == 0 else written(start)}:{'' if stop in lengths else stop}"
