"""Small questions about syntax trees that the lowering asks."""

import ast
import re
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)


def is_flat(node: ast.expr) -> bool:
    """Is it ``u.ravel()``?"""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(), attr="ravel"), args=[], keywords=[]):
            return True
        case _:
            return False


def along_axis(node: ast.Call, name: str, first: int) -> bool:
    """Is it a reduction along one axis that Numba has for whole arrays only?"""
    whole = name in ("mean", "max", "min", "amax", "amin", "any", "all")
    return whole and (
        len(node.args) > first or any(word.arg in ("axis", "keepdims") for word in node.keywords)
    )


def shallow(node: Node) -> Node:
    """A copy of a node that shares its parts."""
    fresh = type(node)(**dict(ast.iter_fields(node)))
    return ast.copy_location(fresh, node) if isinstance(node, ast.expr | ast.stmt) else fresh


def unstarred(node: ast.expr) -> ast.expr:
    """``u.shape`` of ``*u.shape``."""
    return node.value if isinstance(node, ast.Starred) else node


def minus_one(text: str) -> str:
    """Text of an integer expression less one."""
    if re.fullmatch(r"\d+", text):
        return str(int(text) - 1)
    if less := re.fullmatch(r"([\w.]+) - (\d+)", text):
        return f"{less[1]} - {int(less[2]) + 1}"
    if more := re.fullmatch(r"([\w.]+) \+ 1", text):
        return more[1]
    plain = re.fullmatch(r"[\w.\[\]]+(\s*[*+-]\s*[\w.\[\]]+)*", text)
    return f"{text} - 1" if plain else f"({text}) - 1"


def plus_one(text: str) -> str:
    """Text of an integer expression and one."""
    if re.fullmatch(r"\d+", text):
        return str(int(text) + 1)
    if less := re.fullmatch(r"([\w.]+) - 1", text):
        return less[1]
    plain = re.fullmatch(r"[\w.\[\]]+(\s*[*+-]\s*[\w.\[\]]+)*", text)
    return f"{text} + 1" if plain else f"({text}) + 1"


def number(node: ast.expr) -> int | None:
    """An integer written in the source, with its sign."""
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case _:
            return None


def is_text(node: ast.expr) -> bool:
    """Is it a text, or several, written in the source?"""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts) and all(is_text(part) for part in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def spoken(node: ast.AST) -> str:
    """What a piece of syntax is called in a refusal."""
    return {
        ast.JoinedStr: "an f-string",
        ast.Lambda: "a lambda",
        ast.Dict: "a dict",
        ast.Set: "a set",
        ast.Yield: "a generator",
    }.get(type(node), "a comprehension" if "omp" in type(node).__name__ else type(node).__name__)


def is_atom(text: str) -> bool:
    return re.fullmatch(r"[\w.]+(\[[^\[\]]*\])?|\([^()]*\)", text) is not None


def is_copy(node: ast.Call) -> bool:
    """Is it ``v.copy()``?"""
    return isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not node.args


def is_line(node: ast.expr) -> bool:
    """Is it a row or a column of an array, which need not be looked at as an array?"""
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)


def names_of(target: ast.expr) -> list[str]:
    """The names that a comprehension binds; nothing where it stores anything else."""
    if isinstance(target, ast.Name):
        return [target.id]
    parts = [names_of(part) for part in target.elts] if isinstance(target, ast.Tuple) else []
    return [name for part in parts for name in part] if all(parts) else []
