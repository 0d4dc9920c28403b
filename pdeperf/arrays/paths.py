"""Names, attributes and entries that stand for arrays and numbers."""

import ast
import re
from collections.abc import Callable

from pdeperf.kernel.kinds import UNKNOWN, Kind


def plain(text: str) -> str:
    """An array's text as part of a name: ``self.f[:, :, 3]`` is ``self_f_3``."""
    return re.sub("[^0-9A-Za-z_\\u0080-\\uffff]+", "_", text).strip("_")


def is_path(node: ast.AST) -> bool:
    """Is it a name, or attributes of a name?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def is_entry(node: ast.AST) -> bool:
    """Is it an entry of a dict, ``p["dx"]``?"""
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        and is_path(node.value)
    )


def is_setting(node: ast.AST) -> bool:
    """Is it an entry of a dict, or of a dict in a dict, ``cfg["grid"]["dx"]``?"""
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        and (is_path(node.value) or is_setting(node.value))
    )


def place_of(node: ast.AST) -> int | None:
    """Which place of a list ``p[2]`` or ``p[-1]`` is, if ``p`` is one; None for any other expression."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=int() as place)) if is_path(value):
            return place if type(place) is int else None
        case ast.Subscript(
            value=value, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as place))
        ) if is_path(value):
            return -place
    return None


class Flat(ast.NodeTransformer):
    """Paths made names, so that kinds can be inferred."""

    def __init__(self, kind: Callable[[ast.expr], Kind], found: dict[str, Kind]) -> None:
        self._kind, self._found = kind, found

    def visit_Name(self, node: ast.Name) -> ast.AST:
        self._found[node.id] = self._kind(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if is_path(node):
            kind = self._kind(node)
            if kind != UNKNOWN:
                flat = "_".join(["path", *ast.unparse(node).split(".")])
                self._found[flat] = kind
                return ast.Name(id=flat, ctx=ast.Load())
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if is_setting(node) and (kind := self._kind(node)) != UNKNOWN:
            flat = "entry_" + re.sub(r"\W", "_", ast.unparse(node))
            self._found[flat] = kind
            return ast.Name(id=flat, ctx=ast.Load())
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [self.visit(argument) for argument in node.args]
        return node
