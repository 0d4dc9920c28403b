"""Branches for what is not there: ``if self.source is not None: q += self.source(x)`` without a source.

What a branch does with an optional function cannot be compiled where there was none; nor can what is only
done on request, ``if verbose: print(...)``. Where a name or an attribute was ``None``, or a flag was the
same, throughout, the branch is left out of the kernel, and that it is so is a condition.
"""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pdeperf.kernel.comparisons import known_comparison
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.observed import Seen
from pdeperf.kernel.paths import is_path, root_name
from pdeperf.source.edits import Edit, dedented, extent, indentation, lines_extent, owns_lines

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering


def live_branch(node: ast.If, lowering: "Lowering") -> tuple[str, list[ast.stmt]] | None:
    """The condition under which one branch is all that is done, and that branch; None without such."""
    found = _absent(node.test, lowering)
    module = lowering.module
    if found is None or not owns_lines(module, [node]):
        return None
    path, is_taken = found
    live, dead = (node.body, node.orelse) if is_taken else (node.orelse, node.body)
    if not (_is_called(path, [*dead, node.test]) or _does_more_than_compute(dead)):
        return None
    is_chain = any(_is_elif(part, lowering) for part in (node, *node.orelse[:1]))
    if is_chain or (live and not owns_lines(module, live)):
        return None
    return _condition(path, lowering), live


def without_absent(node: ast.If, lowering: "Lowering") -> ast.stmt | None:
    """What is left of a branch on something that is None; nothing if it is another branch."""
    found = live_branch(node, lowering)
    if found is None:
        return None
    condition, live = found
    lowering.conditions.add(condition)
    return _left(node, live, lowering)


def decided(node: ast.If, lowering: "Lowering") -> ast.stmt | None:
    """What is left of branches on texts, ``if "left" == "right"``, in the turns of a loop written out."""
    module = lowering.module
    if not owns_lines(module, [node]) or _is_elif(node, lowering):
        return None
    at = node
    while (known := known_comparison(at.test)) is False:
        match at.orelse:
            case [ast.If() as other] if _is_elif(other, lowering):
                at = other
            case _:
                break
    live = at.body if known else at.orelse
    if known is None or (live and not owns_lines(module, live)) or any(map(_has_decided, live)):
        return None
    return _left(node, live, lowering)


def _has_decided(part: ast.stmt) -> bool:
    """Does a branch of that kind stand within? Its lines can be moved once."""
    inner = (node for node in ast.walk(part) if isinstance(node, ast.If))
    return any(known_comparison(node.test) is not None for node in inner)


def _is_elif(node: ast.stmt, lowering: "Lowering") -> bool:
    return lowering.module.text.startswith("elif", extent(lowering.module, node)[0])


def _left(node: ast.If, live: list[ast.stmt], lowering: "Lowering") -> ast.stmt:
    """One branch in place of all of them."""
    module = lowering.module
    start, end = lines_extent(module, [node])
    if not live:
        around = module.parents[node]
        blocks = [getattr(around, name, None) or [] for name in ("body", "orelse", "finalbody")]
        block = next((part for part in blocks if node in part), blocks[0])  # a copy stands in none
        is_rest = all(isinstance(part, ast.If) for part in block)
        lowering.edits.append(Edit(start, end, f"{indentation(module, node)}pass\n" if is_rest else ""))
        return ast.copy_location(ast.Pass(), node)
    first, last = lines_extent(module, live)
    lowering.edits += [Edit(start, first, ""), *dedented(module, node, live), Edit(last, end, "")]
    body = [lowering.statement(part) for part in live]
    test = ast.copy_location(ast.Constant(True), node)
    return ast.copy_location(ast.If(test=test, body=body, orelse=[]), node)


def chosen(node: ast.IfExp, lowering: "Lowering") -> ast.expr | None:
    """The lowered value of a choice by something that is None; nothing if it is another choice."""
    found = _absent(node.test, lowering)
    if found is None or node.lineno != node.end_lineno:
        return None
    path, is_taken = found
    live, dead = (node.body, node.orelse) if is_taken else (node.orelse, node.body)
    if not _is_called(path, [dead]) or isinstance(live, ast.Tuple | ast.Lambda | ast.NamedExpr):
        return None
    lowering.conditions.add(_condition(path, lowering))
    (start, end), (first, last) = (extent(lowering.module, part) for part in (node, live))
    lowering.edits += [Edit(start, first, ""), Edit(last, end, "")]
    return lowering.expression(live)


def _absent(test: ast.expr, lowering: "Lowering") -> tuple[str, bool] | None:
    """The path that decides a test because it is None, or a flag that was always the same; and how."""
    match test:
        case ast.Compare(left=path, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return (ast.unparse(path), True) if _is_none(path, lowering) else None
        case ast.Compare(left=path, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return (ast.unparse(path), False) if _is_none(path, lowering) else None
        case ast.Name() | ast.Attribute() | ast.Subscript():
            flag = _flag(test, lowering)
            if flag is not None:
                return ast.unparse(test), flag
            return (ast.unparse(test), False) if _is_none(test, lowering) else None
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            found = _absent(operand, lowering)
            return (found[0], not found[1]) if found is not None else None
        case ast.BoolOp(op=op, values=[first, *others]):
            found = _absent(first, lowering)
            if found is not None and found[1] is isinstance(op, ast.Or):
                return found
            if not any(isinstance(node, ast.Call | ast.Subscript) for node in ast.walk(first)):
                rest = others[0] if len(others) == 1 else ast.BoolOp(op=op, values=others)
                found = _absent(rest, lowering)
                return found if found is not None and found[1] is isinstance(op, ast.Or) else None
    return None


def _seen(node: ast.expr, lowering: "Lowering") -> Seen | None:
    """What was seen of an access path that the statements leave alone."""
    if not is_path(node) or root_name(node) in lowering.own | lowering.assigned:
        return None
    seen = lowering.look(ast.unparse(node))
    return None if seen is None or seen.is_property else seen


def _is_none(node: ast.expr, lowering: "Lowering") -> bool:
    """Was a path None throughout?"""
    seen = _seen(node, lowering)
    return seen is not None and seen.kind == Kind("none")


def _flag(node: ast.expr, lowering: "Lowering") -> bool | None:
    """The value that a flag always had; None for anything else."""
    seen = _seen(node, lowering)
    if seen is None or seen.kind != Kind("bool"):
        return None
    return {"True": True, "False": False}.get(seen.value)


def _is_called(path: str, parts: Sequence[ast.AST]) -> bool:
    """Is what a path stands for called there, or looked into? Other uses of None compile."""
    return any(
        (isinstance(node, ast.Call) and ast.unparse(node.func) == path)
        or (isinstance(node, ast.Subscript | ast.Attribute) and ast.unparse(node.value) == path)
        for part in parts
        for node in ast.walk(part)
    )


def _does_more_than_compute(statements: Sequence[ast.stmt]) -> bool:
    """Does a branch print, write, plot or keep something?"""
    return any(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and (isinstance(node.value.func, ast.Attribute) or ast.unparse(node.value.func) == "print")
        for part in statements
        for node in ast.walk(part)
    )


def _condition(path: str, lowering: "Lowering") -> str:
    """That a path is None, or that the flag is what it was: what the other branch did is gone."""
    text = lowering.canonical(path)
    flag = _flag(ast.parse(path, mode="eval").body, lowering)
    return f"{text} is None" if flag is None else text if flag else f"not {text}"
