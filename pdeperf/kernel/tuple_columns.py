"""Tuples of numbers that the objects of a list have, ``MATERIALS[m].D[group]``: rows of one array."""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pdeperf.kernel.kinds import Kind

if TYPE_CHECKING:
    from pdeperf.kernel.observed import Observed
    from pdeperf.source import Module

MOST_PLACES = 64
_NUMBERS: Mapping[str, str] = {"float": "float64", "int": "int64"}
TUPLES_TEXT = '''def are_tuples(values, names, size, kind):
    """Are these attributes tuples of so many numbers of one type?"""
    parts = [getattr(value, name) for value in values for name in names.split()]
    return all(type(part) is tuple and len(part) == size and {*map(type, part)} == {kind} for part in parts)
'''


def tuple_places(home: str, attribute: str, observed: "Observed") -> tuple[int, Kind] | None:
    """How many numbers an attribute's tuple has in all objects of a class, and the kind of their column."""
    if not observed.types_in_class(home, f".{attribute}") <= {"tuple[float]", "tuple[int]"}:
        return None
    types = observed.types_in_class(home, f".{attribute}[]")
    sizes = observed.facts_in_class(home, f".{attribute}", "length")
    if not (len(types) == len(sizes) == 1 and types <= _NUMBERS.keys()):
        return None
    size = int(float(min(sizes)))
    return (size, Kind("list", _NUMBERS[min(types)], 2)) if 0 < size <= MOST_PLACES else None


def is_one_place(node: ast.AST, module: "Module") -> bool:
    """Is a tuple only looked at in one place there, ``m.D[group]``?"""
    above = module.parents.get(node)
    return (
        isinstance(above, ast.Subscript)
        and above.value is node
        and isinstance(above.ctx, ast.Load)
        and not isinstance(above.slice, ast.Slice | ast.Tuple)
    )
