"""Arrays that a call changes after an expression has computed with them: ``u0 + u1 + dt * rhs(u1)``.

Python adds first and calls then. Numba computes an expression of arrays as one loop, after the calls in it.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pdeperf.kernel.callee_use import Problem

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

_SIZES = ("shape", "size", "ndim")
_COMPUTING = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Tuple)


def read_too_late(lowered: ast.stmt, lowering: "Lowering") -> Iterator[Problem]:
    """What stands against an expression of which a call changes an array after it was computed with."""
    for value in ast.iter_child_nodes(lowered):
        if not isinstance(value, _COMPUTING):
            continue
        above = {id(part): node for node in ast.walk(value) for part in ast.iter_child_nodes(node)}
        names = [node for node in ast.walk(value) if isinstance(node, ast.Name)]
        for call in ast.walk(value):
            use = lowering.uses.get(id(call))
            if not isinstance(call, ast.Call) or use is None or not use.stores:
                continue
            given = [one for at, one in enumerate(call.args) if at in use.stores and not _is_copy(one)]
            changed = {part.id for one in given for part in ast.walk(one) if isinstance(part, ast.Name)}
            for name in names:
                if name.id not in changed or not _is_before(name, call):
                    continue
                operation = _operation(name, above, lowering)
                if operation is None or any(part is call for part in ast.walk(operation)):
                    continue  # read in its turn, or an operand of what is computed after the call
                shown = lowering.sources.get(name.id, name.id)
                reason = f"`{use.name}` changes `{shown}` within an expression that has computed with it"
                yield Problem(lowered.lineno, reason, "call it on a line of its own before")
                return


def _is_copy(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy"


def _is_before(one: ast.expr, other: ast.expr) -> bool:
    """Does one end before the other begins, in the script's text?"""
    return (one.end_lineno or 0, one.end_col_offset or 0) <= (other.lineno, other.col_offset)


def _operation(name: ast.Name, above: Mapping[int, ast.AST], lowering: "Lowering") -> ast.AST | None:
    """What computes with an array or a view of it; None where an element or a size is read in its turn."""
    node: ast.AST = name
    while (home := above.get(id(node))) is not None:
        match home:
            case ast.Attribute(attr=attr):
                if attr in _SIZES:
                    return None
            case ast.Subscript(slice=index) if index is not node:
                entries = index.elts if isinstance(index, ast.Tuple) else [index]
                if not any(isinstance(one, ast.Slice | ast.Starred) for one in entries):
                    seen = lowering.look(name.id)
                    return None if seen is not None and seen.kind.ndim == len(entries) else home
                if not all(isinstance(one, ast.Slice | ast.Constant) for one in entries):
                    return home
            case ast.keyword():
                pass
            case _:
                return home
        node = home
    return None
