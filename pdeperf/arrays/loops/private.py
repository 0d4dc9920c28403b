"""Arrays of a function of which nobody else sees what some of its statements leave in them."""

import ast
from collections.abc import Collection

from pdeperf.arrays.names import Names
from pdeperf.source.scopes import FUNCTIONS, parameters

_MAKERS = frozenset(
    f"numpy.{name}{like}" for name in ("zeros", "empty", "ones", "full") for like in ("", "_like")
) | {"numpy.copy"}
_SIZES = frozenset(("shape", "size", "ndim", "dtype"))


def is_private(name: str, names: Names, statements: Collection[ast.stmt]) -> bool:
    """Does only one function hold an array, and only some of its statements use what is in it?

    Every array that the name stands for is made by NumPy right there; but for its size the name is
    read in the given statements alone.
    """
    function = names.scope.node
    if not isinstance(function, ast.FunctionDef) or not name.isidentifier() or name in names.captured:
        return False
    if name in parameters(function):
        return False
    inside = {id(node) for each in statements for node in ast.walk(each)}
    parents = names.module.parents
    is_made = False
    for node in ast.walk(function):
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return False
        is_inner = isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node is not function
        if is_inner and any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node)):
            return False
        if not isinstance(node, ast.Name) or node.id != name:
            continue
        above = parents[node]
        if isinstance(node.ctx, ast.Load):
            is_size = isinstance(above, ast.Attribute) and above.attr in _SIZES
            if not is_size and id(node) not in inside:
                return False
            continue
        match above:
            case ast.Assign(targets=[ast.Name()], value=ast.Call(func=maker)) if (
                names.called(maker) in _MAKERS
            ):
                is_made = True
            case _:
                return False
    return is_made
