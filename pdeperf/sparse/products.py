"""Where a program multiplies by a dense matrix that is mostly zeros, and where a sparse copy can stand."""

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import KEPT
from pdeperf.model import Measurement
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import FUNCTIONS, statement_of
from pdeperf.sparse.attributes import after_completion
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.solves import Loop, loops_around

MOSTLY_ZERO = 0.1
"""A dense matrix is mostly zeros where no larger part of it holds anything else."""
LEAST_SIZE = 40
"""Rows below which a dense product is as fast as a sparse one."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product ``matrix @ other``, or ``other @ matrix``, whose matrix is dense and mostly zeros.

    Attributes
    ----------
    text
        The matrix as the source names it.
    seen
        The factor as it was seen: the matrix, or its transpose.
    """

    node: ast.expr
    matrix: ast.expr
    other: ast.expr
    text: str
    seen: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Where a sparse copy of a matrix can be made: before a loop, or after a statement.

    Attributes
    ----------
    is_attribute
        The copy becomes an attribute of the object.
    """

    before: Loop | None = None
    after: ast.stmt | None = None
    is_attribute: bool = False


def mostly_zero(facts: Sequence[Measurement]) -> dict[tuple[str, int], float]:
    """Density of the dense matrices that are mostly zeros, by name and line."""
    dense = {(f.subject, f.where.first) for f in facts if f.metric == "matrix_format" and f.value == "dense"}
    rows = {
        (f.subject, f.where.first): int(str(f.value).split("x")[0])
        for f in facts
        if f.metric == "matrix_shape"
    }
    return {
        key: float(fact.value)
        for fact in facts
        if fact.metric == "density"
        and (key := (fact.subject, fact.where.first)) in dense
        and float(fact.value) <= MOSTLY_ZERO
        and rows.get(key, 0) >= LEAST_SIZE
    }


def products_in(meaning: Meaning, module: Module, facts: Sequence[Measurement]) -> Iterator[Product]:
    """The products with matrices that were seen to be dense and mostly zeros; one of each's factors."""
    seen = mostly_zero(facts)
    sparse = frozenset(_made_sparse(module))
    for node in ast.walk(module.tree):
        match node:
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                pass
            case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right], keywords=[]):
                pass
            case ast.Call(func=ast.Attribute(attr="dot" | "matmul"), args=[left, right], keywords=[]):
                pass
            case _:
                continue
        assert isinstance(left, ast.expr) and isinstance(right, ast.expr)
        if not any(
            isinstance(one, ast.Name) and one.id in sparse for one in (*ast.walk(left), *ast.walk(right))
        ):
            found = (
                Product(node, inner, other, ast.unparse(inner), ast.unparse(one))
                for one, other in ((left, right), (right, left))
                if (ast.unparse(one), node.lineno) in seen
                and isinstance(
                    inner := untransposed(meaning, module, one), ast.Name | ast.Attribute | ast.BinOp
                )
            )
            yield from itertools.islice(found, 1)


def untransposed(meaning: Meaning, module: Module, node: ast.expr) -> ast.expr:
    """The matrix of ``A.T``; others as they are."""
    match node:
        case ast.Attribute(value=inner, attr="T") if meaning.values(
            module, statement_of(module, node), ast.unparse(inner), "ndim"
        ) == {"2.0"}:
            return inner
        case _:
            return node


def _made_sparse(module: Module) -> Iterator[str]:
    """Names that are bound to what a conversion to a sparse format gives."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(attr="tocsr" | "tocsc"))
            ):
                yield name


def place_of_copy(constancy: Constancy, module: Module, product: Product) -> Copy | str:
    """Where the matrix has its final value and every product follows; or why there is no such place."""
    reason = ""
    for loop in loops_around(module, product.node):
        reason = constancy.why_not(module, loop, product.matrix)
        if not reason and not constancy.is_known(module, loop, product.matrix):
            reason = f"`{product.text}` may not be there yet when the loop begins"
        if not reason and not owns_lines(module, [loop]):
            reason = "the loop shares its line"
        if not reason:
            return Copy(before=loop)
    if isinstance(product.matrix, ast.Attribute):
        completed = after_completion(constancy, module, product.matrix)
        if isinstance(completed, ast.stmt):
            return Copy(after=completed, is_attribute=True)
        return completed
    if isinstance(product.matrix, ast.Name):
        found = _after_last_change(constancy, module, product)
        if isinstance(found, ast.stmt):
            return Copy(after=found)
        reason = reason or found
    return reason or f"`{product.text}` is no name"


def unscaled(meaning: Meaning, module: Module, product: Product) -> Product:
    """The product with the matrix alone, without the numbers that it is multiplied with."""
    inner = inner_matrix(meaning, module, product.matrix)
    return replace(product, matrix=inner, text=ast.unparse(inner))


def inner_matrix(meaning: Meaning, module: Module, node: ast.expr) -> ast.expr:
    """What remains of ``dt * A / 2`` without the numbers: ``A``."""
    match node:
        case ast.BinOp(left=number, op=ast.Mult(), right=matrix) if _is_number(meaning, module, number):
            return inner_matrix(meaning, module, matrix)
        case ast.BinOp(left=matrix, op=ast.Mult() | ast.Div(), right=number) if _is_number(
            meaning, module, number
        ):
            return inner_matrix(meaning, module, matrix)
        case ast.UnaryOp(op=ast.USub(), operand=matrix):
            return inner_matrix(meaning, module, matrix)
        case _:
            return node


def _is_number(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=int() | float() | complex()):
            return True
        case ast.UnaryOp(operand=operand):
            return _is_number(meaning, module, operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(meaning, module, left) and _is_number(meaning, module, right)
        case ast.Name() | ast.Attribute():
            statement = statement_of(module, node)
            return meaning.is_number(module, statement, ast.unparse(node))
        case _:
            return False


def _after_last_change(constancy: Constancy, module: Module, product: Product) -> ast.stmt | str:
    """The top-level statement after which a matrix of the whole file stays as it is."""
    name = product.text
    meaning, changes = constancy.meaning, constancy.changes
    owner = meaning.scope(module, product.node).resolve(name)
    function = next((above for above in module.ancestors(product.node) if isinstance(above, FUNCTIONS)), None)
    if owner is None or not owner.is_module or function is None:
        return f"`{name}` is no variable of the whole file"
    if changes.wild or name in changes.outside:
        return f"a function may change `{name}`"
    group = constancy.sharing.group(module, module.tree, name)
    if KEPT in group or group & changes.outside:
        return f"`{name}` is known under other names, which may change it"
    last: ast.stmt | None = None
    for statement in module.tree.body:
        if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
            continue
        nodes = [node for node in ast.walk(statement) if not isinstance(node, ast.expr_context)]
        binds = any(
            isinstance(node, ast.Name) and node.id in group and not isinstance(node.ctx, ast.Load)
            for node in nodes
        )
        if binds or changes.changed(module, nodes) & group:
            last = statement
    if last is None or not owns_lines(module, [last]):
        return f"`{name}` is bound nowhere"
    users = _users(module, name)
    early = [s for s in module.tree.body[: module.tree.body.index(last) + 1] if not isinstance(s, FUNCTIONS)]
    if any(_named(statement) & users for statement in early if not isinstance(statement, ast.ClassDef)):
        return f"a function that multiplies by `{name}` may run before it is complete"
    return last


def _users(module: Module, name: str) -> frozenset[str]:
    """The functions and classes that use a name of the file, directly or through others."""
    found: set[str] = set()
    wanted = {name}
    definitions = [s for s in ast.walk(module.tree) if isinstance(s, ast.FunctionDef | ast.ClassDef)]
    while True:
        more = {one.name for one in definitions if one.name not in found and _named(one) & wanted}
        if not more:
            return frozenset(found)
        found |= more
        wanted |= more


def _named(node: ast.AST) -> frozenset[str]:
    return frozenset(
        inner.id if isinstance(inner, ast.Name) else inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name | ast.Attribute)
    )
