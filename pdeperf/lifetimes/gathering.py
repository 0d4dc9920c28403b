"""Edits that gather in a list what a loop adds to an array."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pdeperf.lifetimes.additions import Addition, Growth, Problem, Start
from pdeperf.lifetimes.growth import GrowthSearch
from pdeperf.lifetimes.text import after, before, fresh_name, names_of
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, replace

_LEAST_RANK = {"numpy.vstack": "2.0", "numpy.column_stack": "2.0", "numpy.dstack": "3.0"}


def gathering(search: GrowthSearch, module: Module, growth: Growth) -> list[Edit] | Problem:
    """The rewrite; a problem where a function of NumPy's that it needs cannot be named."""
    edits = _edits(search, module, growth)
    if edits is not None:
        return edits
    return Problem(
        line=growth.additions[0].statement.lineno,
        reason="other functions of NumPy's are not imported",
        advice="write `import numpy as np`",
    )


def _edits(search: GrowthSearch, module: Module, growth: Growth) -> list[Edit] | None:
    if growth.start is not None:
        return _as_list(search, module, growth, growth.start)
    if all(one.are_numbers for one in growth.additions):
        return _with_numbers(module, growth)
    return _with_pieces(search, module, growth)


def _as_list(search: GrowthSearch, module: Module, growth: Growth, start: Start) -> list[Edit] | None:
    """The name stands for a list until the loop ends."""
    maker, float64 = (_named(search, module, growth.additions[0], name) for name in ("array", "float64"))
    if maker is None or float64 is None:
        return None
    dtype = "" if start.numbers else ", dtype=float"
    made = f"{maker}({growth.name}{dtype})"
    lines = [f"{growth.name} = {made}"]
    if start.is_list and not growth.surely:  # what nothing was added to stays a list
        condition = f"len({growth.name}) > {len(start.numbers)}" if start.numbers else growth.name
        lines = [f"if {condition}:", f"    {lines[0]}"]
    return [
        replace(module, start.value, f"[{', '.join(start.numbers)}]"),
        *(edit for one in growth.additions for edit in _gathered(module, one, growth.name, one.numbers)),
        *(edit for place in growth.reads for edit in _read(search, module, growth, place, float64, made)),
        after(module, growth.loop, lines),
    ]


def _with_numbers(module: Module, growth: Growth) -> list[Edit]:
    """New numbers go to a list, which the same function adds to the array in the end."""
    name, loop, first = growth.name, growth.loop, growth.additions[0]
    kept = fresh_name(f"{name}_values", names_of(module))
    function = ast.unparse(first.call.func)
    arguments = f"{name}, {kept}" if first.function == "numpy.append" else f"({name}, {kept})"
    joined = f"{name} = {function}({arguments})"
    return [
        before(module, loop, [f"{kept} = []"]),
        *(edit for one in growth.additions for edit in _gathered(module, one, kept, one.numbers)),
        # An empty list would make floats of integers.
        after(module, loop, [joined] if growth.surely else [f"if {kept}:", f"    {joined}"]),
    ]


def _with_pieces(search: GrowthSearch, module: Module, growth: Growth) -> list[Edit] | None:
    """The array and what is added to it are joined once."""
    name, loop, first = growth.name, growth.loop, growth.additions[0]
    kept = fresh_name(f"{name}_pieces", names_of(module))
    function = first.function.rpartition(".")[2]
    joiner = _named(search, module, first, "concatenate" if function == "append" else function)
    if joiner is None:
        return None
    edits: list[Edit] = []
    for one in growth.additions:
        around = {piece: _kept_as(search, module, one, piece) for piece in one.pieces}
        if any(text is None for text in around.values()):
            return None
        edits += _gathered(module, one, kept, one.pieces, {p: t for p, t in around.items() if t is not None})
    axis = f", axis={first.axis}" if first.axis else ""
    lines = [f"{name} = {joiner}({kept}{axis})"]
    ranks = search.meaning.values(module, loop, name, "ndim")
    if not growth.surely and first.function in _LEAST_RANK and ranks != {_LEAST_RANK[first.function]}:
        lines = [f"if len({kept}) > 1:", f"    {lines[0]}"]
    return [before(module, loop, [f"{kept} = [{name}]"]), *edits, after(module, loop, lines)]


def _named(search: GrowthSearch, module: Module, addition: Addition, wanted: str) -> str | None:
    """A function of NumPy's as the statement would write it: ``np.array``."""
    func = addition.call.func
    if isinstance(func, ast.Attribute):
        return f"{ast.unparse(func.value)}.{wanted}"
    if addition.function == f"numpy.{wanted}":
        return ast.unparse(func)
    scope = search.meaning.scope(module, addition.statement)
    # By a star import everything is there, unless the program binds the name itself.
    starred = isinstance(func, ast.Name) and scope.resolve(func.id) is None
    return wanted if starred and scope.resolve(wanted) is None else None


def _kept_as(
    search: GrowthSearch, module: Module, addition: Addition, piece: ast.expr
) -> tuple[str, str] | None:
    """What goes around a piece so that the list holds its value of now, with the axes that are joined."""
    values = search.values(addition.statement)
    if addition.function == "numpy.append" and not addition.axis and not values.rank_is(piece, 1):
        ravel, array = _named(search, module, addition, "ravel"), _named(search, module, addition, "array")
        return None if ravel is None or array is None else (f"{ravel}({array}(", "))")
    if values.is_new(piece):
        return "", ""
    simple = isinstance(piece, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    if simple and values.is_array(piece) and values.rank_is(piece, 1):
        return "", ".copy()"
    array = _named(search, module, addition, "array")
    return None if array is None else (f"{array}(", ")")


def _gathered(
    module: Module,
    addition: Addition,
    kept: str,
    parts: Sequence[ast.expr],
    around: Mapping[ast.expr, tuple[str, str]] = MappingProxyType({}),
) -> Iterator[Edit]:
    """``a = np.append(a, x)`` becomes ``a.append(x)``: only the text around the pieces changes."""
    at, end = extent(module, addition.statement)
    opening, closing = (".extend([", "])") if len(parts) > 1 else (".append(", ")")
    text = kept + opening
    for part in parts:
        first, last = extent(module, part)
        head, tail = around.get(part, ("", ""))
        yield Edit(at, first, text + head)
        at, text = last, f"{tail}, "
    yield Edit(at, end, text.removesuffix(", ") + closing)


def _read(
    search: GrowthSearch, module: Module, growth: Growth, place: ast.expr, float64: str, made: str
) -> Iterator[Edit]:
    """A place that reads the list as it would read the array."""
    if isinstance(place, ast.Name):
        yield replace(module, place, made)
    if isinstance(place, ast.Attribute):
        yield replace(module, place, f"len({growth.name})")
    if isinstance(place, ast.Subscript) and not search.is_alike(growth, place):
        start, end = extent(module, place)
        yield from (Edit(start, start, f"{float64}("), Edit(end, end, ")"))
