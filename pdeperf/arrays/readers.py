"""Functions that only look: they make a number or a new array, and leave everything as it was."""

import ast
from collections.abc import Callable

from pdeperf.arrays.callees import is_static

_NEW = frozenset("sum mean max min std var any all copy dot astype prod trace conj".split())
_HOMES = ("numpy.", "math.", "builtins.")
_INTO = frozenset("copyto put place putmask fill_diagonal at setattr exec eval print input open".split())
_MADE_OF = frozenset(
    "asarray ravel reshape transpose squeeze atleast_1d atleast_2d real imag diagonal".split()
)


def is_reader(function: ast.FunctionDef, called: Callable[[ast.expr], str]) -> bool:
    """Does a function change nothing, and give back nothing that was there before?

    Parameters
    ----------
    called
        Full name of a library's function that an expression calls; empty for all others.
    """
    if function.decorator_list and not is_static(function):
        return False
    for node in (inner for part in function.body for inner in ast.walk(part)):
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                return False
            case ast.AugAssign() | ast.Global() | ast.Nonlocal() | ast.Yield() | ast.YieldFrom():
                return False
            case ast.FunctionDef() | ast.Lambda() | ast.Delete() | ast.NamedExpr() | ast.Await() | ast.With():
                return False
            case ast.Call() if not _leaves_alone(node, called):
                return False
            case ast.Return(value=value) if value is not None and not _is_new(value, called):
                return False
    return True


def _leaves_alone(call: ast.Call, called: Callable[[ast.expr], str]) -> bool:
    """Does a call inside a function change nothing?"""
    if any(keyword.arg in ("out", None) for keyword in call.keywords):
        return False
    name = called(call.func)
    if name:
        return name.startswith(_HOMES) and name.rpartition(".")[2] not in _INTO and ".random." not in name
    return isinstance(call.func, ast.Attribute) and call.func.attr in _NEW


def _is_new(value: ast.expr, called: Callable[[ast.expr], str]) -> bool:
    """Is a value a number, or an array that was not there before?"""
    match value:
        case ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.Compare():
            return True
        case ast.Tuple(elts=parts):
            return all(_is_new(part, called) for part in parts)
        case ast.Call(func=func):
            last = called(func).rpartition(".")[2]
            if last:
                return last not in _MADE_OF
            return isinstance(func, ast.Attribute) and func.attr in _NEW
    return False


def gives_new(
    value: ast.expr,
    called: Callable[[ast.expr], str],
    function_of: Callable[[ast.expr], ast.FunctionDef | None],
    part: int | None = None,
) -> bool:
    """Is a value, or a part of the tuple that it is, an array that nobody else knows?

    Parameters
    ----------
    function_of
        The function of this file that an expression always means.
    """
    if part is not None and isinstance(value, ast.Tuple):
        return part < len(value.elts) and gives_new(value.elts[part], called, function_of)
    function = function_of(value.func) if isinstance(value, ast.Call) else None
    if function is None:
        return part is None and _is_new(value, called)
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return bool(returned) and all(
        each is not None and _leaves_function_new(each, part, function, called) for each in returned
    )


def _leaves_function_new(
    value: ast.expr, part: int | None, function: ast.FunctionDef, called: Callable[[ast.expr], str]
) -> bool:
    """Is what a function returns made in it, and known to nothing that outlives it?"""
    if part is not None:
        if not isinstance(value, ast.Tuple) or part >= len(value.elts):
            return False
        value = value.elts[part]
    if not isinstance(value, ast.Name):
        return _is_new(value, called)
    name = value.id
    parents = {id(child): node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    bound = [parents[id(node)] for node in uses if isinstance(node.ctx, ast.Store)]
    made = [above for above in bound if isinstance(above, ast.Assign) and _is_new(above.value, called)]
    if not made or len(made) + sum(isinstance(above, ast.AugAssign) for above in bound) < len(bound):
        return False
    calls = [above for node in uses if isinstance(above := parents[id(node)], ast.Call)]
    spread = (ast.Assign, ast.List, ast.Dict, ast.Set, ast.keyword, ast.Starred)
    loads = [node for node in uses if isinstance(node.ctx, ast.Load)]
    return all(_leaves_alone(call, called) for call in calls) and not any(
        isinstance(parents[id(node)], spread) for node in loads
    )
