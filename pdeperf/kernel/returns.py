"""What calling a function returns."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.source.scopes import FUNCTIONS
from pdeperf.source.walking import children


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            stack += children(node)


def is_plain(function: ast.FunctionDef | ast.Lambda) -> bool:
    """Does a call run the body and return what it returns?"""
    if isinstance(function, ast.Lambda):
        return True
    known = {"staticmethod", "classmethod", "njit", "jit", "register_jitable"}
    decorators = {
        ast.unparse(part.func if isinstance(part, ast.Call) else part).rpartition(".")[2]
        for part in function.decorator_list
    }
    return decorators <= known and not any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in _own(function)
    )


def results(function: ast.FunctionDef | ast.Lambda) -> Iterator[tuple[ast.expr | None, ast.AST]]:
    if isinstance(function, ast.Lambda):
        yield function.body, function
        return
    for node in _own(function):
        if isinstance(node, ast.Return):
            yield node.value, node
    if not ends(function.body):
        yield None, function


def ends(block: Sequence[ast.stmt]) -> bool:
    """Does control never run off the end of a block?"""
    match block[-1]:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=body, orelse=orelse) if orelse:
            return ends(body) and ends(orelse)
        case ast.While(test=ast.Constant(value=True)) as loop:
            return not any(isinstance(node, ast.Break) for node in ast.walk(loop))
        case ast.With(body=body):
            return ends(body)
        case _:
            return False
