"""Integers of a script that may be so large, or become so large, that sums of them do not fit in 64 bits."""

import ast
from collections.abc import Iterator

from pdeperf.kernel.list_making import assigned
from pdeperf.source import Module
from pdeperf.source.flow import reads
from pdeperf.source.scopes import parameters

_LARGE = 2**32
_POWER = 3
"""Powers of sizes and counters that are no larger than products of some of them."""


def is_large(node: ast.AST) -> bool:
    """Is it a large number that is written there, or a power or a shift, which may be large?"""
    match node:
        case ast.Constant(value=int() as value):
            return abs(value) >= _LARGE
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int() as power)):
            return power > _POWER
        case ast.BinOp(op=ast.Pow() | ast.LShift()):
            return True
    return False


def outgrows(node: ast.expr, module: Module) -> bool:
    """Is an integer large at times, or computed from one that grows faster than by a constant?"""
    waiting, known = [(node, "")], set[str]()
    while waiting:
        value, name = waiting.pop()
        if any(map(is_large, ast.walk(value))) or (name and name in reads(value)):
            return True
        for one in reads(value) - known:
            known.add(one)
            waiting += ((given, one) for given in _given(one, module))
    return False


def _growing(node: ast.expr, name: str) -> ast.expr:
    """What a number hangs on, but for steps from what it was before: not what a remainder is taken of."""
    match node:
        case ast.BinOp(op=ast.Mod(), right=size):
            return size
        case ast.BinOp(left=ast.Name(id=before), op=ast.Add() | ast.Sub(), right=ast.Constant() as step):
            return step if before == name else node
    return node


def _given(name: str, module: Module) -> Iterator[ast.expr]:
    """What a name is bound to somewhere, or changed by other than a constant."""
    for statement in module.all(ast.Assign):
        for target, value in assigned(statement):
            if isinstance(target, ast.Name) and target.id == name and value is not None:
                yield _growing(value, name)
    for change in module.all(ast.AugAssign):
        if isinstance(change.target, ast.Name) and change.target.id == name:
            is_step = isinstance(change.op, ast.Add | ast.Sub) and isinstance(change.value, ast.Constant)
            loaded = ast.Name(id=name, ctx=ast.Load())
            yield change.value if is_step else ast.BinOp(loaded, change.op, change.value)
    for function in module.all(ast.FunctionDef):
        if name in (names := parameters(function)):
            for call in module.all(ast.Call):
                if isinstance(call.func, ast.Name) and call.func.id == function.name:
                    yield from call.args[names.index(name) : names.index(name) + 1]
                    yield from (part.value for part in call.keywords if part.arg == name)
