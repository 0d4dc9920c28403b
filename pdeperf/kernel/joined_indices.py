"""``u[i][j]`` as ``u[i, j]`` in compiled functions where ``u`` is an array: no row is made in between."""

import ast
import re
from collections.abc import Iterator, Mapping

from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.vector_shapes import Function, Shapes, Value
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent

_BETWEEN = re.compile(r"\s*\]\s*\[\s*")
_WHOLE_NUMBERS = frozenset(("int", "npint", "small"))


def with_joined_indices(
    imports: str,
    texts: Mapping[str, str],
    entries: Mapping[str, Mapping[str, Value]],
    shared: Mapping[str, Kind],
) -> dict[str, str]:
    """The same functions, with the indices of each element in one pair of brackets.

    Parameters
    ----------
    imports
        The import statements that the functions rely on.
    texts
        Compiled functions by name, with their decorators.
    entries
        What the arguments of the kernels among them are.
    shared
        What the names are that the functions read from outside.
    """
    if not any("][" in text for text in texts.values()):
        return dict(texts)
    module = Module("", f"{imports}\n" + "\n\n".join(texts.values()))
    shapes = Shapes(module, entries, shared)
    edits = [edit for function in shapes.functions.values() for edit in _edits(module, function, shapes)]
    made: dict[str, str] = {}
    at = len(imports) + 1
    for name, text in texts.items():
        inside = [edit for edit in edits if at <= edit.start < at + len(text)]
        made[name] = apply(text, [Edit(edit.start - at, edit.end - at, edit.text) for edit in inside])
        at += len(text) + 2
    return made


def _edits(module: Module, function: Function, shapes: Shapes) -> Iterator[Edit]:
    for node in ast.walk(function.node):
        if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Subscript)):
            continue
        count, inner = len(_indices(node)), node.value
        plain = all(_is_whole(part, function, shapes) for part in _indices(node))
        base: ast.expr = inner
        while isinstance(base, ast.Subscript):
            plain = plain and all(_is_whole(part, function, shapes) for part in _indices(base))
            count += len(_indices(base))
            base = base.value
        kind = shapes.value(base, function).kind if isinstance(base, ast.Name) else Kind("")
        start, end = extent(module, inner.slice)[1], extent(module, node.slice)[0]
        if plain and kind.is_array and count <= kind.ndim and _BETWEEN.fullmatch(module.text[start:end]):
            yield Edit(start, end, ", ")


def _indices(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _is_whole(node: ast.expr, function: Function, shapes: Shapes) -> bool:
    return not isinstance(node, ast.Slice) and shapes.value(node, function).kind.base in _WHOLE_NUMBERS
