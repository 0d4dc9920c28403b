"""Random numbers drawn in a kernel from NumPy's generator, which goes on where the kernel stopped."""

import ast

from pdeperf.kernel.kinds import FLOAT, INT, UNKNOWN, Kind

GLOBAL = "np.random.Generator(np.random.get_bit_generator())"
"""NumPy's global stream as a generator: it draws from the same bits, and they go on afterwards."""

_OF_GLOBAL = {
    "numpy.random.rand": ("random", 0),
    "numpy.random.random": ("random", 0),
    "numpy.random.random_sample": ("random", 0),
    "numpy.random.uniform": ("uniform", 2),
    "numpy.random.randint": ("randint", 2),
}
"""What ``np.random`` draws one number by, with the bits that a generator draws it with."""

_MOST_ARGUMENTS = {
    "random": 0,
    "standard_normal": 0,
    "normal": 2,
    "uniform": 2,
    "exponential": 1,
    "integers": 2,
}
"""Draws of one number that Numba makes with the same bits; more arguments ask for an array."""


def obstacle(node: ast.Call, method: str) -> str:
    """Why a kernel cannot draw so; empty if it can."""
    if method not in _MOST_ARGUMENTS:
        return f"it draws random numbers by `{method}`, which a kernel may draw differently"
    if node.keywords or len(node.args) > _MOST_ARGUMENTS[method]:
        return "it draws several random numbers at once, or with options"
    return ""


def global_draw(full: str, node: ast.Call) -> str:
    """What a draw from NumPy's global stream is called on a generator; empty if it draws otherwise."""
    method, most = _OF_GLOBAL.get(full, ("", 0))
    least = 1 if method == "randint" else 0
    plain = not node.keywords and not any(isinstance(part, ast.Starred) for part in node.args)
    return method if plain and least <= len(node.args) <= most else ""


def is_whole(kinds: list[Kind]) -> bool:
    """Are these integers, of which ``randint`` makes what it draws?"""
    return all(kind == INT or kind.base == "npint" for kind in kinds)


def kind_of_draw(method: str) -> Kind:
    """Kind of one number drawn."""
    if method == "integers":
        return Kind("npint")
    return FLOAT if method in _MOST_ARGUMENTS else UNKNOWN
