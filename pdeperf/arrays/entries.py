"""Entries of dicts that stay the same array while a region runs, so that a name can stand for them."""

import ast
from collections.abc import Callable, Iterator, Sequence

from pdeperf.arrays.told_apart import is_told_apart, made_here
from pdeperf.source import Module

_CHANGING = frozenset(("update", "pop", "popitem", "clear", "setdefault", "__setitem__", "__delitem__"))
_MOVING = frozenset(("insert", "remove", "reverse", "sort", "rotate", "appendleft", "popleft"))
_READING = ("numpy.", "math.", "builtins.print", "builtins.len", "builtins.float")


def is_kept(
    home_of_entry: ast.expr,
    key: str | int,
    region: Sequence[ast.stmt],
    module: Module,
    called: Callable[[ast.expr], str],
    is_array: Callable[[ast.AST, ast.expr], bool],
) -> bool:
    """Does ``state["u"]``, or ``p[1]``, name the same object all the while a region runs?

    As far as this file shows.

    Parameters
    ----------
    home_of_entry, key
        The dict or list, and its key or its place, not a negative one.
    called
        Full name of a library's function that an expression calls; empty for the user's own.
    is_array
        Was an expression, in a function or in the region (its first statement), always an array?
    """
    root = ast.unparse(home_of_entry)
    functions = list(reached(region, module))
    known = {function.name for function in functions}
    for tree in region:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load):
                text = ast.unparse(node)
                if root == text or root.startswith(f"{text}."):
                    return False
            if not isinstance(node, ast.Call):
                continue
            is_foreign = _name(node.func) not in known
            if is_foreign and _hands_over(node, root) and not called(node.func).startswith(_READING):
                return False
    if any(_binds(function, root) for function in functions):
        return False
    home = region[0]
    for own, tree in [*((home, part) for part in region), *((each, each) for each in functions)]:
        exempt = {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
        made = made_here(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and is_told_apart(node, key, tree, made):
                continue
            if _may_bind(node, key, exempt, own, is_array):
                return False
    return True


def _binds(function: ast.FunctionDef, root: str) -> bool:
    """May a function bind a dict's name or attribute to another dict?"""
    name, *attributes = root.partition("[")[0].split(".")
    for node in ast.walk(function):
        match node:
            case ast.Attribute(attr=attr, ctx=ast.Store() | ast.Del()) if attr in attributes:
                return True
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                return True
    return False


def _hands_over(call: ast.Call, root: str) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(ast.unparse(each) == root or root.startswith(f"{ast.unparse(each)}.") for each in given)


def _may_bind(
    node: ast.AST,
    key: object,
    exempt: set[int],
    home: ast.AST,
    is_array: Callable[[ast.AST, ast.expr], bool],
) -> bool:
    """May a node bind some dict's entry of this key to another object?"""
    match node:
        case ast.Subscript(ctx=ast.Load()):
            return False
        case ast.Subscript(value=value, slice=ast.Constant(value=other)) if id(node) not in exempt:
            return other == key and not (isinstance(key, int) and is_array(home, value))
        case ast.Subscript(value=value, slice=index) if id(node) not in exempt:
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            if isinstance(key, int):
                return not is_array(home, value)
            return not any(isinstance(part, ast.Slice) for part in parts) and not is_array(home, value)
        case ast.AugAssign(target=target, op=ast.BitOr()):
            return not is_array(home, target)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _CHANGING | (
            _MOVING if isinstance(key, int) else frozenset()
        ):
            return not is_array(home, value)
    return False


def reached(region: Sequence[ast.AST], module: Module) -> Iterator[ast.FunctionDef]:
    """Functions of this file that some code may call, by their names."""
    every: dict[str, list[ast.FunctionDef]] = {}
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef):
            every.setdefault(node.name, []).append(node)
    pending: list[ast.AST] = list(region)
    seen: set[str] = set()
    while pending:
        tree = pending.pop()
        for node in ast.walk(tree):
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
            if name in every and name not in seen:
                seen.add(name)
                yield from every[name]
                pending += every[name]


def _name(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
