"""Iterations written by hand as matrix products: Jacobi's, and the power iteration."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import LOOPS, Meaning
from pdeperf.model import Measurement, Span
from pdeperf.source import Module

OFTEN_COUNT = 50
"""Products from which an iteration is worth a thought."""


@dataclass(frozen=True, slots=True)
class Iteration:
    """One such loop.

    Attributes
    ----------
    kind
        ``jacobi`` or ``power``.
    product
        ``R @ x``.
    products, rows
        How often that was seen, and how many unknowns; 0 where it was not.
    bandwidth
        Of the matrix; infinite where it was not seen.
    """

    kind: str
    product: ast.expr
    products: int
    rows: int
    bandwidth: float


def iterations_in(
    meaning: Meaning, module: Module, where: Span, facts: Sequence[Measurement]
) -> Iterator[Iteration]:
    """The iterations whose products stand in some lines."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Assign) or not where.first <= node.lineno <= where.last:
            continue
        loop = next((above for above in module.ancestors(node) if isinstance(above, LOOPS)), None)
        if loop is None or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        for product in _products(meaning, module, node.value):
            vector = _vector(product)
            if vector is None:
                continue
            kind = ""
            if _is_divided_rest(node.value, product) and _becomes(loop, name, vector):
                kind = "jacobi"
            elif node.value is product and _is_normalised(loop, name, vector):
                kind = "power"
            if kind:
                yield _seen(kind, product, facts)


def _products(meaning: Meaning, module: Module, node: ast.expr) -> Iterator[ast.expr]:
    for inner in ast.walk(node):
        match inner:
            case ast.BinOp(op=ast.MatMult(), right=ast.Name()):
                yield inner
            case ast.Call(func=ast.Attribute(attr="dot"), args=[ast.Name()]):
                yield inner
            case ast.Call(args=[_, ast.Name()]) if meaning.full(module, inner.func) == "numpy.dot":
                yield inner


def _vector(product: ast.expr) -> str | None:
    last = product.right if isinstance(product, ast.BinOp) else getattr(product, "args", [None])[-1]
    return last.id if isinstance(last, ast.Name) else None


def _is_divided_rest(value: ast.expr, product: ast.expr) -> bool:
    """``(b - R @ x) / d``, or ``D @ (b - R @ x)``."""
    match value:
        case ast.BinOp(left=rest, op=ast.Div()):
            pass
        case ast.BinOp(op=ast.Mult() | ast.MatMult(), right=rest):
            pass
        case ast.Call(func=ast.Attribute(attr="dot"), args=[*_, rest]):
            pass
        case _:
            return False
    return isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Sub) and rest.right is product


def _becomes(loop: ast.For | ast.While, name: str, vector: str) -> bool:
    """Is what a loop computes the vector of its next turn?"""
    if name == vector:
        return True
    for node in ast.walk(loop):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == vector:
                return ast.unparse(value) in (name, f"{name}.copy()", f"np.copy({name})")
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=target))], value=ast.Name(id=source)):
                if (target, source) == (vector, name):
                    return True
    return False


def _is_normalised(loop: ast.For | ast.While, name: str, vector: str) -> bool:
    """``v = w / norm``."""
    has_norm = any("norm" in ast.unparse(node.func) for node in ast.walk(loop) if isinstance(node, ast.Call))
    for node in ast.walk(loop):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=target)], value=ast.BinOp(left=ast.Name(id=source), op=ast.Div())
            ) if (target, source) == (vector, name):
                return has_norm
    return False


def _seen(kind: str, product: ast.expr, facts: Sequence[Measurement]) -> Iteration:
    match product:
        case ast.BinOp(left=matrix) | ast.Call(func=ast.Attribute(value=matrix, attr="dot"), args=[_]):
            text = ast.unparse(matrix)
        case ast.Call(args=[matrix, _]):
            text = ast.unparse(matrix)
        case _:
            text = ""
    here = {f.metric: f.value for f in facts if f.subject == text and f.where.first == product.lineno}
    return Iteration(
        kind=kind,
        product=product,
        products=int(float(here.get("products_count", 0))),
        rows=int(str(here.get("matrix_shape", "0x0")).partition("x")[0]),
        bandwidth=float(here.get("bandwidth", float("inf"))),
    )
