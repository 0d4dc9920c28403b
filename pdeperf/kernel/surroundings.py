"""What holds around a loop: sizes, constants, the bounds of the loops that enclose it."""

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from pdeperf.kernel import affine
from pdeperf.kernel.affine import Number
from pdeperf.kernel.iterations import Walker
from pdeperf.kernel.values import Resolve, UnliftableError
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import own_nodes, parameters
from pdeperf.source.walking import children, nodes_in


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the analysis of a loop starts from.

    Attributes
    ----------
    arrays
        Dimensions of every array, stated or inferred.
    fixed
        Names that are bound once, before the loop, to an expression of things that never change.
    enclosing
        Loops around the analysed one whose bounds hold in it.
    parameters
        All symbols.
    """

    arrays: Mapping[str, int]
    stated: frozenset[str]
    integers: frozenset[str]
    fixed: Mapping[str, ast.expr]
    constants: Mapping[str, int]
    enclosing: tuple[ast.For, ...]
    parameters: frozenset[str]


def conventional(node: ast.expr) -> str:
    """Full name under the usual imports: ``import numpy as np``, ``import math``."""
    match node:
        case ast.Name(id=name):
            if name in ("np", "numpy"):
                return "numpy"
            if name == "math":
                return "math"
            if name == "prange":
                return "numba.prange"
            return f"builtins.{name}" if hasattr(builtins, name) else ""
        case ast.Attribute(value=value, attr=attr):
            home = conventional(value)
            return f"{home}.{attr}" if home in ("numpy", "math") else ""
        case _:
            return ""


def read(
    loop: ast.For,
    function: ast.FunctionDef,
    arrays: Mapping[str, int],
    constants: Mapping[str, int],
    resolve: Resolve,
) -> Surroundings:
    """Gather what holds around a loop."""
    bound = writes_of(function)
    fixed = _fixed(loop, function, bound, arrays)
    every = {**_inferred(function, fixed), **arrays}
    integers = _integers_in(function, resolve) - every.keys()
    shapes = {f"{name}.shape[{at}]" for name, ndim in every.items() for at in range(ndim)}
    local = {*bound, *parameters(function)}
    return Surroundings(
        arrays=every,
        stated=frozenset(arrays),
        integers=integers,
        fixed=fixed,
        constants={name: value for name, value in constants.items() if name not in local},
        enclosing=_enclosing(function, resolve).get(id(loop), ()),
        parameters=integers | shapes,
    )


@lru_cache(maxsize=64)
def writes_of(function: ast.FunctionDef) -> Mapping[str, int]:
    """How often each name is bound in a function."""
    counts: dict[str, int] = {}
    for node in own_nodes(function):
        names: list[str] = []
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names = [name]
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names = [name]
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names = [alias.asname or alias.name.split(".")[0] for alias in aliases]
            case ast.Global(names=shared) | ast.Nonlocal(names=shared):
                names = [name for name in shared for _ in range(2)]
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return counts


def _fixed(
    loop: ast.For, function: ast.FunctionDef, bound: Mapping[str, int], arrays: Mapping[str, int]
) -> dict[str, ast.expr]:
    """Names bound once, at the function's top level before the loop."""
    entry = frozenset(parameters(function))
    found: dict[str, ast.expr] = {}

    def stays(expression: ast.expr) -> bool:
        return _is_plain(expression) and all(
            name not in bound or (name in found and name not in entry) for name in reads(expression)
        )

    for statement in function.body:
        if any(node is loop for node in nodes_in(statement)):
            break
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if bound[name] == 1 and name not in entry and stays(value):
                    found[name] = value
            case ast.Assign(
                targets=[ast.Tuple(elts=targets)],
                value=ast.Attribute(value=ast.Name(), attr="shape") as value,
            ) if stays(value):
                for at, target in enumerate(targets):
                    if isinstance(target, ast.Name) and bound[target.id] == 1 and target.id not in entry:
                        found[target.id] = ast.copy_location(
                            ast.Subscript(
                                value, ast.Constant(at, lineno=statement.lineno, col_offset=0), ast.Load()
                            ),
                            value,
                        )
    return found


def _is_plain(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int) and not isinstance(value, bool)
        case ast.Name():
            return True
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _is_plain(operand)
        case ast.BinOp(
            left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod(), right=right
        ):
            return _is_plain(left) and _is_plain(right)
        case ast.Attribute(value=ast.Name(), attr="shape"):
            return True
        case ast.Subscript(value=ast.Attribute(value=ast.Name(), attr="shape"), slice=index):
            return isinstance(index, ast.Constant)
        case ast.Call(func=ast.Name(id="len" | "int"), args=[argument], keywords=[]):
            return _is_plain(argument)
        case _:
            return False


def _inferred(function: ast.FunctionDef, fixed: Mapping[str, ast.expr]) -> dict[str, int]:
    """Dimensions of subscripted names: the most subscripts seen."""
    return {name: count for name, count in _subscripts(function).items() if name not in fixed}


@lru_cache(maxsize=64)
def _subscripts(function: ast.FunctionDef) -> Mapping[str, int]:
    """How many subscripts each name has at most."""
    found: dict[str, int] = {}
    for node in nodes_in(function):
        if not isinstance(node, ast.Subscript):
            continue
        count, base = 0, node
        inner: ast.expr = node
        while isinstance(inner, ast.Subscript):
            base = inner
            count += len(base.slice.elts) if isinstance(base.slice, ast.Tuple) else 1
            inner = base.value
        if isinstance(inner, ast.Name):
            found[inner.id] = max(found.get(inner.id, 0), count)
    return found


@lru_cache(maxsize=64)
def _integers_in(function: ast.FunctionDef, resolve: Resolve) -> frozenset[str]:
    return frozenset(_integers(function, resolve))


def _integers(function: ast.FunctionDef, resolve: Resolve) -> Iterator[str]:
    """Names that must be integers, since a subscript or ``range`` takes them as they are."""
    for node in nodes_in(function):
        match node:
            case ast.Subscript(slice=ast.Tuple(elts=parts)):
                for part in parts:
                    yield from _integer_names(part)
            case ast.Subscript(slice=index):
                yield from _integer_names(index)
            case ast.Call(func=func, args=arguments) if resolve(func) in ("builtins.range", "numba.prange"):
                for argument in arguments:
                    yield from _integer_names(argument)


def _integer_names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.BinOp(
            left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod(), right=right
        ):
            yield from _integer_names(left)
            yield from _integer_names(right)
        case ast.UnaryOp(operand=operand):
            yield from _integer_names(operand)


@lru_cache(maxsize=64)
def _enclosing(function: ast.FunctionDef, resolve: Resolve) -> Mapping[int, tuple[ast.For, ...]]:
    """For each loop, those around it whose variable keeps within fixed bounds, the outermost first."""
    found: dict[int, tuple[ast.For, ...]] = {}
    waiting: list[tuple[ast.AST, tuple[ast.For, ...]]] = [(function, ())]
    while waiting:
        node, around = waiting.pop()
        if not isinstance(node, ast.For):
            waiting += [(child, around) for child in children(node) if isinstance(child, _HOLDERS)]
            continue
        found[id(node)] = around
        inside = (*around, node) if _keeps_bounds(node, resolve) else around
        waiting += [(part, inside) for part in node.body]
        waiting += [(part, around) for part in node.orelse]
    return found


def _keeps_bounds(loop: ast.For, resolve: Resolve) -> bool:
    """Does a loop's variable stay within bounds that the loop does not move?"""
    if not isinstance(loop.target, ast.Name) or not isinstance(loop.iter, ast.Call):
        return False
    if resolve(loop.iter.func) != "builtins.range":
        return False
    body_writes = frozenset[str]().union(*(writes(statement) for statement in loop.body))
    bounds = frozenset[str]().union(*(reads(argument) for argument in loop.iter.args))
    return loop.target.id not in body_writes and not bounds & (body_writes | {loop.target.id})


_HOLDERS = (ast.stmt, ast.ExceptHandler, ast.match_case)


def assume(walker: Walker, around: Surroundings) -> None:
    """Narrow the domain by what holds around the loop: sizes and enclosing bounds."""
    walker.domain = walker.domain.intersect(walker.frame.with_sizes(1))
    for outer in around.enclosing:
        assert isinstance(outer.target, ast.Name)
        if outer.target.id not in around.integers:
            continue
        probe = replace(walker, accesses=[], environment={})
        try:
            start, stop, step = probe.bounds(outer)
        except UnliftableError:
            continue
        variable = Number((walker.frame.parameter(outer.target.id, 1),), True)
        stride = affine.single_constant(step)
        if not stride:
            continue
        first, last = ("GtE", "Lt") if stride > 0 else ("LtE", "Gt")
        for bound, operator in ((start, first), (stop, last)):
            holds, _ = affine.compare(variable, operator, bound, walker.domain)
            walker.domain = walker.domain.intersect(holds)
