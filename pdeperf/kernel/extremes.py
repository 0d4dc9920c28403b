"""Python's ``max`` and ``min`` over values, for kernels: Numba has them for separate arguments only."""

import ast

from pdeperf.source.scopes import Scope

EXTREMES = {"builtins.max": "largest", "builtins.min": "smallest"}

TEXTS = {
    "largest": '''@njit(cache=True)
def largest(values):
    """What max(values) is, not-a-number included."""
    if len(values) == 0:
        raise ValueError("max() of nothing")
    best = values[0]
    for value in values:
        if value > best:
            best = value
    return best
''',
    "smallest": '''@njit(cache=True)
def smallest(values):
    """What min(values) is, not-a-number included."""
    if len(values) == 0:
        raise ValueError("min() of nothing")
    best = values[0]
    for value in values:
        if value < best:
            best = value
    return best
''',
}


def is_free(name: str, scope: Scope) -> bool:
    """May a kernel use this name for its own function, or is it that function already?"""
    owner = scope.resolve(name)
    if owner is None:
        return True
    found = [node for node in ast.walk(owner.node) if isinstance(node, ast.FunctionDef) and node.name == name]
    wanted = ast.unparse(ast.parse(TEXTS[name]))
    return owner.is_module and [ast.unparse(node) for node in found] == [wanted]
