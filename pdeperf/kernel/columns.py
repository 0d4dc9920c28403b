"""Arrays that hold an attribute of all objects in a list: their types, checks, and what keeps them away."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pdeperf.kernel.kinds import Kind, infer
from pdeperf.kernel.paths import MARK, Problem
from pdeperf.kernel.vector_columns import is_vector

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering
    from pdeperf.kernel.object_lists import ObjectLists

COLUMN_TYPES: Mapping[str, str] = {"float64": "float", "int64": "int", "bool": "bool", "npfloat": "float64"}
OBJECTS_TEXT = '''def are_objects(values, kind, **attributes):
    """Are these different objects of one class, whose attributes have these types (or float for float64)?"""
    if type(values) is not list or {*map(type, values)} != {kind} or len({*map(id, values)}) < len(values):
        return False
    for wanted, names in attributes.items():
        allowed = {wanted, "float"} if wanted == "float64" else {wanted}
        for name in names.split():
            if not {type(getattr(value, name)).__name__ for value in values} <= allowed:
                return False
    return True
'''


DICTS_TEXT = '''def are_dicts(values, **entries):
    """Are these different dicts, whose entries have these types?"""
    if type(values) is not list or {*map(type, values)} != {dict} or len({*map(id, values)}) < len(values):
        return False
    for wanted, names in entries.items():
        for name in names.split():
            if {type(value.get(name)).__name__ for value in values} != {wanted}:
                return False
    return True
'''
DICTS = "dict"
"""What stands for the class of dicts."""


def part_of(thing: str, attribute: str) -> str:
    """The text of an attribute, or of the entry of a dict."""
    return f"{thing}{attribute}" if attribute.startswith("[") else f"{thing}.{attribute}"


def split(text: str) -> tuple[str, str]:
    """The list and the attribute of ``bodies[].x``; empty for other access paths."""
    objects, mark, attribute = text.rpartition(MARK)
    return (objects, attribute) if mark else ("", "")


def column_problems(
    lowered: Sequence[ast.stmt],
    names: Mapping[str, Kind],
    stored: frozenset[str],
    kept: frozenset[str],
    lowering: "Lowering",
) -> Iterator[Problem]:
    """What keeps the attributes of objects from being copied to arrays and back.

    Parameters
    ----------
    names
        Kinds of the arguments that the statements are given.
    stored
        Arguments that are stored, or of which elements are.
    kept
        Names that are read before or after the statements.
    """
    line = lowered[0].lineno
    for name in sorted(kept & lowering.elements.keys()):
        yield Problem(line, f"the object `{name}` is used before or afterwards")
    columns = {name: split(text) for name, text in lowering.sources.items() if MARK in text}
    for name, (objects, attribute) in columns.items():
        home = _class_in(f"{objects}{MARK}{attribute}", lowering)
        if home == DICTS:
            if not keeps_type(name, names, lowered, lowering):
                yield Problem(line, f"what is stored in `{attribute}` of `{objects}` is of another type")
        elif not home or lowering.scope.module.resolve(home.rpartition(":")[2]) is None:
            yield Problem(line, f"the class of the objects in `{objects}` has no name here")
        elif not keeps_type(name, names, lowered, lowering):
            yield Problem(line, f"what is stored in `{attribute}` of `{objects}` is of another type")
        for other, text in lowering.sources.items():
            ends = text.endswith(attribute if home == DICTS else f".{attribute}")
            alike = other != name and ends and not {name, other}.isdisjoint(stored)
            if not alike or (other in columns and _class_in(text, lowering) != home):
                continue
            yield Problem(line, f"the attribute `{attribute}` of the objects in `{objects}` has another name")


def _class_in(column: str, lowering: "ObjectLists") -> str:
    return lowering.list_class(ast.parse(split(column)[0], mode="eval").body)


def keeps_type(
    name: str, names: Mapping[str, Kind], lowered: Sequence[ast.stmt], lowering: "Lowering"
) -> bool:
    """Is every number that is stored in an array of attributes of the type that the attributes have?"""
    if is_vector(lowering.kinds[name]):
        return True  # vector_columns tells
    dtype = lowering.kinds[name].dtype
    floats = ("float", "npfloat")
    allowed = {"float64": floats, "npfloat": floats, "int64": ("int", "npint"), "bool": ("bool",)}[dtype]
    for part in lowered:
        for node in ast.walk(part):
            stores: list[tuple[ast.expr, ast.expr]] = []
            if isinstance(node, ast.Assign):
                stores = [pair for target in node.targets for pair in pairwise(target, node.value)]
            elif isinstance(node, ast.AugAssign):
                stores = [(node.target, ast.BinOp(node.target, node.op, node.value))]
            for target, value in stores:
                if _is_in(target, name) and infer(value, names, lowering.call_kind).base not in allowed:
                    return False
                if any(_is_in(one, name) for one in getattr(target, "elts", [])):
                    return False
    return names[name].dtype == dtype


def pairwise(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What an assignment stores where: ``a.x, a.y = a.y, a.x`` stores twice."""
    match target, value:
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                yield from pairwise(one, other)
        case _:
            yield target, value


def _is_in(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Subscript) and ast.unparse(target.value) == name


def columns_of(lowering: "ObjectLists") -> dict[str, dict[str, str]]:
    """For each list of objects: the kernel's names by attribute."""
    found: dict[str, dict[str, str]] = {}
    for name, text in lowering.sources.items():
        objects, attribute = split(text)
        if objects:
            found.setdefault(objects, {})[attribute] = name
    return found
