"""Arrays that a call changes after an expression has computed with them: ``u0 + u1 + dt * rhs(u1)``.

Python adds first and calls then. Numba computes an expression of arrays as one loop, after the calls in it.
"""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from pdeperf.kernel.callee_use import CalleeUse
from pdeperf.kernel.calls_before import Named, edits_within, insert, may_move, text_of
from pdeperf.source.edits import indentation, lines_extent, replace
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

_SIZES = ("shape", "size", "ndim")
_BINDING = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)
_AT_TIMES = (ast.IfExp, ast.BoolOp, ast.NamedExpr)
_COMPUTING = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Tuple)


def computed_first(node: ast.stmt, fresh: ast.stmt, lowering: "Lowering") -> list[ast.stmt]:
    """What a call of a lowered statement changes after it was computed with, on lines of its own before.

    ``v = u0 + u1 + dt * rhs(u1)`` after ``before_rhs = u0 + u1``; told as a problem where that cannot be.
    """
    found: list[ast.stmt] = []
    while (late := _read_too_late(fresh, lowering)) is not None:
        operation, value, use, name = late
        if not _may_come_first(operation, value, node, fresh, lowering):
            shown = lowering.sources.get(name, name)
            reason = f"`{use.name}` changes `{shown}` within an expression that has computed with it"
            lowering.problem(fresh, reason, "call it on a line of its own before")
            break
        begin = lines_extent(lowering.module, [node])[0]
        line = f"{indentation(lowering.module, node)}{_name(use, lowering)} = "
        held = line.strip().removesuffix(" =")
        text, inner = text_of(operation, lowering), edits_within(operation, lowering)
        lowering.edits[:] = [edit for edit in lowering.edits if edit not in inner]
        lowering.edits.append(replace(lowering.module, operation, held))
        insert(begin, f"{line}{text}\n", lowering)
        target = ast.copy_location(ast.Name(id=held, ctx=ast.Store()), operation)
        found.append(ast.copy_location(ast.Assign(targets=[target], value=operation), operation))
        Named(operation, held).visit(fresh)
    return found


def _name(use: CalleeUse, lowering: "Lowering") -> str:
    """A name for what is computed before a call, ``before_rhs``."""
    stem = name = f"before_{use.name.removesuffix('_kernel')}"
    count = 2
    while name in lowering.taken or name in lowering.sources:
        name, count = f"{stem}_{count}", count + 1
    lowering.taken |= {name}
    return name


def _may_come_first(
    operation: ast.AST, value: ast.expr, node: ast.stmt, fresh: ast.stmt, lowering: "Lowering"
) -> TypeGuard[ast.expr]:
    """Is an operation computed in any case, and nothing before it that may change anything?"""
    if not isinstance(operation, ast.BinOp | ast.UnaryOp) or not isinstance(fresh, _BINDING):
        return False
    if value is not fresh.value or not may_move(node, lowering) or operation.lineno != operation.end_lineno:
        return False
    if any(isinstance(part, (*_AT_TIMES, *FUNCTIONS, *COMPREHENSIONS)) for part in ast.walk(value)):
        return False
    if any(isinstance(part, ast.Call) for part in ast.walk(operation)):
        return False
    calls = [part for part in ast.walk(value) if isinstance(part, ast.Call)]
    if any(id(call) in lowering.changing for call in calls):
        return False
    return not any(id(call) in lowering.uses and _is_before(call, operation) for call in calls)


def _read_too_late(
    lowered: ast.stmt, lowering: "Lowering"
) -> tuple[ast.AST, ast.expr, CalleeUse, str] | None:
    """What a call changes after it was computed with: the operation, the expression around both, the call."""
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
                return operation, value, use, name.id
    return None


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
