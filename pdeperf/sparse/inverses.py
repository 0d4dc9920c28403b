"""Matrices that are inverted once and multiplied by ever after: systems solved by products."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines

_INVERSES = ("numpy.linalg.inv", "scipy.linalg.inv")
_PRODUCTS = ("numpy.dot", "numpy.matmul")


@dataclass(frozen=True, slots=True)
class Inverse:
    """One inverse that is only ever multiplied by.

    Attributes
    ----------
    path
        The inverse as the source names it, ``A_inv`` or ``self.A_inv``.
    call
        ``np.linalg.inv(A)``.
    uses
        The products and what they are with: ``A_inv @ b`` and ``b``.
    """

    statement: ast.Assign
    path: str
    call: ast.Call
    uses: tuple[tuple[ast.expr, ast.expr], ...]


def inverses_in(meaning: Meaning, module: Module) -> Iterator[Inverse]:
    """Every such inverse of a file."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(
                targets=[ast.Name() | ast.Attribute() as target],
                value=ast.Call(args=[_], keywords=[]) as call,
            ) if meaning.full(module, call.func) in _INVERSES and owns_lines(module, [node]):
                uses = _uses(meaning, module, target)
                if uses:
                    yield Inverse(node, ast.unparse(target), call, uses)


def _uses(
    meaning: Meaning, module: Module, target: ast.Name | ast.Attribute
) -> tuple[tuple[ast.expr, ast.expr], ...]:
    """All products with what a target holds; none if it is used otherwise, or stored twice."""
    found = []
    for other in meaning.project.modules.values():
        for node in ast.walk(other.tree):
            if not _is_same(meaning, module, target, other, node) or node is target:
                continue
            assert isinstance(node, ast.expr)
            product = _product(meaning, other, node)
            if other is not module or product is None:
                return ()
            found.append(product)
    return tuple(found)


def _is_same(meaning: Meaning, module: Module, target: ast.expr, other: Module, node: ast.AST) -> bool:
    """May a node mean what the target names?"""
    if isinstance(target, ast.Attribute):
        return isinstance(node, ast.Attribute) and node.attr == target.attr and not _is_empty(other, node)
    if not isinstance(target, ast.Name):
        return True
    if isinstance(node, ast.Attribute | ast.alias):
        return target.id == (node.attr if isinstance(node, ast.Attribute) else node.name)
    if not isinstance(node, ast.Name) or node.id != target.id:
        return False
    mine, its = meaning.scope(module, target), meaning.scope(other, node)
    one, two = mine.resolve(target.id), its.resolve(target.id)
    return other is module and (one is None or two is None or one.node is two.node)


def _is_empty(module: Module, node: ast.Attribute) -> bool:
    """Is it ``self.A_inv = None``?"""
    above = module.parents.get(node)
    return (
        isinstance(above, ast.Assign)
        and isinstance(above.value, ast.Constant)
        and above.value.value is None
        and node in above.targets
    )


def _product(meaning: Meaning, module: Module, node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    match module.parents.get(node):
        case ast.BinOp(left=left, op=ast.MatMult(), right=right) as whole if left is node:
            return whole, right
        case ast.Attribute(attr="dot") as method:
            match module.parents.get(method):
                case ast.Call(func=func, args=[right], keywords=[]) as whole if func is method:
                    return whole, right
        case ast.Call(args=[first, right], keywords=[]) as whole if first is node:
            if meaning.full(module, whole.func) in _PRODUCTS:
                return whole, right
    return None
