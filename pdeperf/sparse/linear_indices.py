"""Indices as sums of names and a number."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of names, each times a whole number, and a whole number."""

    terms: dict[str, int]
    rest: int

    def plus(self, other: "Linear", sign: int = 1) -> "Linear":
        """The sum with another, or the difference."""
        terms = {
            name: self.terms.get(name, 0) + sign * other.terms.get(name, 0)
            for name in (*self.terms, *other.terms)
        }
        kept = {name: count for name, count in terms.items() if count}
        return Linear(kept, self.rest + sign * other.rest)


def linear(node: ast.expr, bound: Mapping[str, ast.expr]) -> Linear | None:
    """An index as such a sum, with the values of some names put in their place; None if it is none."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() as value):
            return Linear({}, value)
        case ast.Name(id=name) if name in bound:
            rest = {other: value for other, value in bound.items() if other != name}
            return linear(bound[name], rest)
        case ast.Name() | ast.Attribute():
            return Linear({ast.unparse(node): 1}, 0)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = linear(operand, bound)
            return Linear({}, 0).plus(inner, -1) if inner is not None else None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            one, other = linear(left, bound), linear(right, bound)
            if one is None or other is None:
                return None
            return one.plus(other, 1 if isinstance(op, ast.Add) else -1)
    return None


def plus(node: ast.expr, count: int) -> str:
    """The text of an expression and a number, summed up where that can be seen."""
    match node:
        case ast.Constant(value=int() as value):
            return str(value + count)
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=int() as value)):
            return plus(left, value + count)
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int() as value)):
            return plus(left, count - value)
    if count == 0:
        return ast.unparse(node)
    plain = isinstance(node, ast.BinOp | ast.Name | ast.Attribute | ast.Call | ast.Subscript)
    text = ast.unparse(node) if plain else f"({ast.unparse(node)})"
    return f"{text} {'+' if count > 0 else '-'} {abs(count)}"
