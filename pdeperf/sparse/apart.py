"""Whether arrays that were one at some time are two when a loop begins: one was made just before."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.vocabulary import PURE
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS

_BLOCKS = ("body", "orelse", "finalbody")


def are_apart(
    meaning: Meaning, module: Module, loop: ast.stmt, pair: frozenset[str], *, kept: bool = False
) -> bool:
    """Was one of them made anew before the loop, and the other left as it was since?

    ``u = new`` at the end of a time step makes them one array; ``new = u.copy()`` parts them again.

    Parameters
    ----------
    kept
        The new one was given to nobody in between either: no other path can lead to it.
    """
    names = sorted(pair)
    if len(names) != 2 or any(_is_bound_elsewhere(module, name) for name in names):
        return False
    for made, other in (names, reversed(names)):
        between: list[ast.stmt] = []
        for statement in _before(module, loop):
            if _binds(statement, made):
                if _is_new(meaning, module, loop, statement, made) and all(
                    _leaves(meaning, module, one, other) and not (kept and _gives(module, one, made))
                    for one in between
                ):
                    return True
                break
            between.append(statement)
    return False


def _before(module: Module, statement: ast.stmt) -> Iterator[ast.stmt]:
    """What ran before a statement, the last first; of a loop around it, whatever its turns do."""
    node: ast.AST = statement
    for parent in module.ancestors(statement):
        for field in _BLOCKS:
            block = getattr(parent, field, None)
            if isinstance(block, list) and node in block:
                place = block.index(node)
                yield from reversed(block[:place])
                if isinstance(parent, ast.For | ast.While):
                    yield from reversed(block[place + 1 :])
        if isinstance(parent, (*FUNCTIONS, ast.ClassDef, ast.Module)):
            return
        node = parent


def _binds(statement: ast.stmt, path: str) -> bool:
    """May a statement bind a name, or an attribute, anew?"""
    root = path.partition(".")[0]
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            if ast.unparse(node) in (path, root):
                return True
        elif isinstance(node, ast.alias | ast.ExceptHandler | ast.FunctionDef | ast.ClassDef):
            bound = node.asname or node.name if isinstance(node, ast.alias) else node.name
            if root == bound:
                return True
    return False


def _gives(module: Module, statement: ast.stmt, path: str) -> bool:
    """May a statement make an array known under another name: does it more than store into it?"""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == path:
            above = module.parents.get(node)
            is_base = isinstance(above, ast.Subscript) and above.value is node
            if not is_base or isinstance(above.ctx, ast.Load):  # type: ignore[union-attr]
                return True
    return False


def _leaves(meaning: Meaning, module: Module, statement: ast.stmt, path: str) -> bool:
    """Does a statement leave what a path leads to, also by what it calls?"""
    if _binds(statement, path):
        return False
    if "." not in path:
        return True
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return all(meaning.full(module, call.func) for call in calls)


def _is_new(meaning: Meaning, module: Module, loop: ast.stmt, statement: ast.stmt, path: str) -> bool:
    """Does a statement bind the path to an array that nobody else knows?"""
    if not isinstance(statement, ast.Assign) or [ast.unparse(one) for one in statement.targets] != [path]:
        return False
    match statement.value:
        case ast.BinOp() | ast.UnaryOp():
            return True
        case ast.Call(func=ast.Attribute(value=base, attr="copy"), args=[], keywords=[]):
            return meaning.values(module, loop, ast.unparse(base), "type") == {"numpy.ndarray"}
        case ast.Call(func=func, keywords=keywords):
            name = meaning.full(module, func)
            plain = all(one.arg in ("dtype", "shape") for one in keywords)
            return plain and name.startswith("numpy.") and name in PURE
    return False


def _is_bound_elsewhere(module: Module, path: str) -> bool:
    """May another function bind the name?"""
    root = path.partition(".")[0]
    return any(
        isinstance(node, ast.Global | ast.Nonlocal) and root in node.names for node in ast.walk(module.tree)
    )
