"""Python's numbers of arrays, which compiled code need not make: ``float(u[i])``, ``for v in u.tolist()``."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pdeperf.kernel.kinds import Kind, infer
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.edits import Edit, extent

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

_KINDS = {"float": "npfloat", "int": "npint"}
"""Kinds of elements that are the same number in compiled code when Python has made its own of them."""
_READ_AT_ONCE = frozenset(("builtins.sum", "builtins.max", "builtins.min"))
_WALKS = frozenset(("builtins.enumerate", "builtins.zip"))


def walked_as_numbers(node: ast.Call, full: str, lowering: "Lowering") -> ast.expr | None:
    """The array of which a loop walks Python's numbers: ``u.tolist()``, ``map(float, u)``; None for others.

    A list is made before the loop runs: it is another thing where the loop stores anything, and what is cut
    out of an array, ``u[1:].tolist()``, is copied in that case.
    """
    module, above = lowering.module, lowering.module.parents.get(node)
    while isinstance(above, ast.Call) and qualified(above.func, module, lowering.scope) in _WALKS:
        above = module.parents.get(above)
    match node:
        case ast.Call(func=ast.Attribute(value=source, attr="tolist"), args=[], keywords=[]):
            if isinstance(above, ast.Call):
                is_walked = qualified(above.func, module, lowering.scope) in _READ_AT_ONCE
            else:
                walk = module.parents[above] if isinstance(above, ast.comprehension) else above
                is_walk = isinstance(above, ast.For | ast.comprehension)
                is_walked = (
                    is_walk and walk is not None and (is_cut(source) or not _may_store(walk, lowering))
                )
            return source if is_walked and lowering.is_array(source) else None
        case ast.Call(args=[ast.Name(id="float" | "int"), source], keywords=[]) if full == "builtins.map":
            return (
                source
                if isinstance(above, ast.For | ast.comprehension) and lowering.is_array(source)
                else None
            )
    return None


def is_cut(source: ast.expr) -> bool:
    """Is it a part that is cut out of an array of numbers, ``u[1:]``?"""
    return isinstance(source, ast.Subscript) and isinstance(source.slice, ast.Slice)


def ends_as(node: ast.Call, source: ast.expr, lowering: "Lowering") -> str:
    """What stands behind an array in place of ``.tolist()``: a copy where the loop stores anything."""
    walks = (ast.ListComp, ast.stmt)
    walk = next((one for one in lowering.module.ancestors(node) if isinstance(one, walks)), node)
    return ".copy()" if is_cut(source) and _may_store(walk, lowering) else ""


def _may_store(loop: ast.AST, lowering: "Lowering") -> bool:
    for node in ast.walk(loop):
        match node:
            case ast.AugAssign(target=ast.Name() as target) if lowering.is_array(target):
                return True
            case ast.Subscript(ctx=ast.Store()) | ast.Attribute(ctx=ast.Store()):
                return True
            case ast.Call(func=func):
                is_list = isinstance(func, ast.Attribute) and func.attr == "tolist"
                if not is_list and not qualified(func, lowering.module, lowering.scope):
                    return True
    return False


def as_they_are(
    lowered: Sequence[ast.stmt], kinds: Mapping[str, Kind], lowering: "Lowering"
) -> Iterator[Edit]:
    """Edits that take ``float(...)`` off elements of arrays, which are floats in compiled code."""
    done = tuple(lowering.edits)  # what is written anew as a whole keeps its text
    for part in lowered:
        for node in ast.walk(part):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Subscript() as inner], keywords=[]) if (
                    name in _KINDS
                    and infer(inner, kinds, lowering.call_kind).base == _KINDS[name]
                    and qualified(node.func, lowering.module, lowering.scope) == f"builtins.{name}"
                ):
                    (start, end), (first, last) = (extent(lowering.module, one) for one in (node, inner))
                    others = [edit for edit in done if edit.start < end and start < edit.end]
                    if all(first <= edit.start and edit.end <= last for edit in others):
                        yield Edit(start, first, "")
                        yield Edit(last, end, "")
