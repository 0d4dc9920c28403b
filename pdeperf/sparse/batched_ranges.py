"""Ranges of one length that begin elsewhere for each element: ``np.arange(e * n, (e + 1) * n)``."""

import ast
from collections import Counter
from collections.abc import Mapping

from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_values import NotAtOnce, Value, made

_ATOMS = (ast.Name, ast.Attribute, ast.Subscript)
_Terms = Counter[tuple[str, ...]]
"""How often each product of names is added; that of no names is a number."""


def range_of_each(write: Expressions, node: ast.Call) -> Value:
    """``np.arange(first, end)`` or ``range(first, end)`` where one of the ends differs between the elements.

    Raises
    ------
    NotAtOnce
        If it is not seen that the range is as long for all elements.
    """
    is_numbers = len(node.args) == 2 and not node.keywords
    first, last = (_terms(write, one) for one in node.args) if is_numbers else (None, None)
    if first is None or last is None:
        raise NotAtOnce(f"the length of `{ast.unparse(node)}` differs between the elements")
    last.subtract(first)
    met = {ast.unparse(one): one for one in ast.walk(node) if isinstance(one, _ATOMS)}
    atoms = {name: write.number(met[name]) for names, count in last.items() if count for name in names}
    if any(one.varies for one in atoms.values()):
        raise NotAtOnce(f"the length of `{ast.unparse(node)}` differs between the elements")
    length = _written(last, {name: one.node for name, one in atoms.items()})
    start = write.number(node.args[0])
    column = "X[:, None]" if start.varies else "X"
    made_of = made(f"{column} + {write.numpy}.arange(L)", X=start.node, L=length)
    if not start.varies:
        made_of = made(f"{write.numpy}.tile(X, ({write.count}, 1))", X=made_of)
    return Value(made_of, 1, True, is_fresh=True)


def _terms(write: Expressions, node: ast.expr) -> _Terms | None:
    """A whole number as a sum of products of names; None of what is none."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return Counter({(): value})
        case ast.Name() | ast.Attribute() | ast.Subscript() if _is_whole(write, node):
            return Counter({(ast.unparse(node),): 1})
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            one, other = _terms(write, left), _terms(write, right)
            if one is None or other is None:
                return None
            if isinstance(op, ast.Mult):
                found = _Terms()
                for names, count in one.items():
                    for others, times in other.items():
                        found[tuple(sorted((*names, *others)))] += count * times
                return found
            if isinstance(op, ast.Add):
                one.update(other)
            else:
                one.subtract(other)
            return one
    return None


def _is_whole(write: Expressions, node: ast.expr) -> bool:
    """Was a name or an element seen to hold nothing but whole numbers?"""
    kinds = write.seen(ast.unparse(node), "type")
    return bool(kinds) and all(kind.startswith(("int", "numpy.int")) and "[" not in kind for kind in kinds)


def _written(terms: _Terms, atoms: Mapping[str, ast.expr]) -> ast.expr:
    """A sum of products as an expression."""
    found: ast.expr | None = None
    for names, count in sorted((one for one in terms.items() if one[1]), key=lambda one: one[1] < 0):
        factors: list[ast.expr] = [atoms[name] for name in names]
        if abs(count) != 1 or not names:
            factors.insert(0, ast.Constant(abs(count)))
        product = factors[0]
        for factor in factors[1:]:
            product = ast.BinOp(product, ast.Mult(), factor)
        if found is None:
            found = ast.UnaryOp(ast.USub(), product) if count < 0 else product
        else:
            found = ast.BinOp(found, ast.Sub() if count < 0 else ast.Add(), product)
    return found if found is not None else ast.Constant(0)
