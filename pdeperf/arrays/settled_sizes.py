"""Sizes that statements before a region settle: ``nx, ny = u.shape``, ``un = np.empty_like(u)``.

Only of names that are bound once in their scope, so that what was true then is true in the region.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.names import Names
from pdeperf.arrays.sizes import Size, Sizes, Unequal
from pdeperf.source import Module
from pdeperf.source.scopes import own_nodes, parameters

Rank = Callable[[str], int]
"""Number of dimensions of the array that a name stands for; 0 for anything else."""

_LIKE = frozenset(f"numpy.{name}_like" for name in ("empty", "zeros", "ones", "full"))
_NEW = frozenset(f"numpy.{name}" for name in ("empty", "zeros", "ones", "full"))


def settle(names: Names, sizes: Sizes, module: Module) -> None:
    """Note what is known of sizes when a region is entered."""

    def rank(name: str) -> int:
        try:
            buffer = names.array(ast.Name(name, ast.Load()), sizes)
        except Unliftable:
            return 0
        return len(buffer.shape) if buffer is not None else 0

    used = {node.id for part in names.region for node in ast.walk(part) if isinstance(node, ast.Name)}
    once = _bound_once(names, module) & used
    for statement in _before(names.region[0], module):
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        for name, size in _sizes_of(statement.targets[0], statement.value, names, once, rank):
            try:
                sizes.define(name, size)
            except Unequal:
                continue


def _before(first: ast.stmt, module: Module) -> Iterator[ast.stmt]:
    """Statements that have run, and run once, whenever a region of the same scope begins; the first first."""
    found: list[ast.stmt] = []
    inside: ast.AST = first
    for above in module.ancestors(first):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(above, block, None)
            if isinstance(statements, list) and inside in statements:
                found = [*statements[: statements.index(inside)], *found]
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            break
        inside = above
    yield from found


def _bound_once(names: Names, module: Module) -> frozenset[str]:
    """Names of the region's scope that one statement binds, or that are parameters nobody binds again."""
    node = names.scope.node
    if any(isinstance(part, ast.Attribute) and _reshapes(part) for part in module.nodes):
        return frozenset()
    stored = Counter(
        part.id
        for part in own_nodes(node)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    )
    if isinstance(node, ast.FunctionDef):
        stored.update(parameters(node))
    changed = {
        name for part in module.nodes if isinstance(part, ast.Global | ast.Nonlocal) for name in part.names
    }
    return frozenset(name for name, count in stored.items() if count == 1) - changed


def _reshapes(node: ast.Attribute) -> bool:
    """Does it change an array's shape where it stands?"""
    return node.attr == "resize" or (node.attr == "shape" and not isinstance(node.ctx, ast.Load))


def _sizes_of(
    target: ast.expr,
    value: ast.expr,
    names: Names,
    once: frozenset[str],
    rank: Rank,
) -> Iterator[tuple[str, Size]]:
    """What an assignment says about sizes."""
    match target, value:
        case ast.Name(id=name), ast.Subscript(
            value=ast.Attribute(value=ast.Name(id=array), attr="shape"), slice=ast.Constant(value=int() as at)
        ) if {name, array} <= once:
            if -rank(array) <= at < rank(array):
                yield f"{array}.shape[{at % rank(array)}]", Size.of(name)
        case ast.Tuple(elts=parts), ast.Attribute(value=ast.Name(id=array), attr="shape") if array in once:
            for at, part in enumerate(parts if rank(array) == len(parts) else ()):
                if isinstance(part, ast.Name) and part.id in once:
                    yield f"{array}.shape[{at}]", Size.of(part.id)
        case ast.Name(id=name), ast.Call() if name in once and (shape := _shape(value, names, once, rank)):
            for at, size in enumerate(shape if rank(name) == len(shape) else ()):
                yield f"{name}.shape[{at}]", size


def _shape(call: ast.Call, names: Names, once: frozenset[str], rank: Rank) -> Sequence[Size]:
    """The shape of the array that a call makes; nothing if that is not written out."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=array), attr="copy"), args=[], keywords=[]) if (
            array in once
        ):
            return _like(array, rank)
        case ast.Call(func=func, args=[ast.Name(id=array), *_]) if (
            array in once and names.called(func) in _LIKE and not _has_shape(call)
        ):
            return _like(array, rank)
        case ast.Call(func=func, args=[ast.Attribute(value=ast.Name(id=array), attr="shape"), *_]) if (
            array in once and names.called(func) in _NEW
        ):
            return _like(array, rank)
        case ast.Call(func=func, args=[ast.Tuple(elts=parts), *_]) if names.called(func) in _NEW:
            sizes = [_size(part, once) for part in parts]
            return [size for size in sizes if size is not None] if None not in sizes else ()
    return ()


def _has_shape(call: ast.Call) -> bool:
    return any(keyword.arg in (None, "shape", "subok") for keyword in call.keywords) or len(call.args) > 2


def _like(array: str, rank: Rank) -> Sequence[Size]:
    return [Size.of(f"{array}.shape[{at}]") for at in range(rank(array))]


def _size(node: ast.expr, once: frozenset[str]) -> Size | None:
    """The name of a number, and what is added to it: written numbers would be written into the loops."""
    match node:
        case ast.Name(id=name) if name in once:
            return Size.of(name)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int() as more)):
            size = _size(left, once)
            return None if size is None else size + (more if isinstance(op, ast.Add) else -more)
    return None
